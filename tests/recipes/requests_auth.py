"""Validate the requests of a `requests` session to the service before they are sent.

    session.auth = ValidatingAuth(auth)

`requests` has no hook before sending, but calls the authentication last. `auth` is the one that
adds the header, if any. Requests to other services, and to interfaces without a rule set, are sent
as they are.
"""

from __future__ import annotations

from collections.abc import Callable

import requests

import isales_rules


class ValidatingAuth:
    """Authenticate a request, and raise `RequestError` if the service would reject it."""

    def __init__(
        self, auth: Callable[[requests.PreparedRequest], requests.PreparedRequest] | None = None
    ) -> None:
        self._auth = auth

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._auth is not None:
            request = self._auth(request)
        body = request.body or b""
        if not isinstance(body, str | bytes):
            raise TypeError("a body that is read only once cannot be validated; use bytes")
        report = isales_rules.validate_http(
            request.method or "", request.url or "", request.headers, body
        ).report
        if report is not None and not report.ok:
            raise isales_rules.RequestError(report)
        return request
