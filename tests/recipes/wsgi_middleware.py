"""Answer invalid requests in a WSGI gateway in front of the service.

    application = ValidatingMiddleware(application)

An invalid request gets the answer of the service, and does not reach the application. Other
requests, and those to interfaces without a rule set, do. Limit the size of requests before.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from wsgiref.util import request_uri

import isales_rules

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class ValidatingMiddleware:
    """Pass valid requests to an application, and answer the others."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        url = request_uri(environ, include_query=False)
        report = isales_rules.validate_http(environ["REQUEST_METHOD"], url, headers, body).report
        if report is None or report.ok:
            return self._application(environ, start_response)
        locale = "en_US" if headers.get("LOCALE") == "en_US" else "zh_CN"
        answer = json.dumps(report.response(locale)).encode()
        start_response(
            "200 OK",
            [
                ("Content-Type", "application/json; charset=UTF-8"),
                ("Content-Length", str(len(answer))),
            ],
        )
        return [answer]
