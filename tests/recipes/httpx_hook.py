"""Validate the requests of an httpx client to the service before they are sent.

    client = httpx.Client(event_hooks={"request": [validate]})
    client = httpx.AsyncClient(event_hooks={"request": [validate_async]})

A hook runs after authentication, for each request and each redirect. Requests to other services,
and to interfaces without a rule set, are sent as they are.
"""

from __future__ import annotations

import httpx

import isales_rules


def validate(request: httpx.Request) -> None:
    """Raise `RequestError` if the service would reject the request."""
    _validate(request, request.read())


async def validate_async(request: httpx.Request) -> None:
    """Raise `RequestError` if the service would reject the request."""
    _validate(request, await request.aread())


def _validate(request: httpx.Request, body: bytes) -> None:
    url = request.url.raw_path.decode("ascii")
    headers = request.headers.multi_items()
    report = isales_rules.validate_http(request.method, url, headers, body).report
    if report is not None and not report.ok:
        raise isales_rules.RequestError(report)
