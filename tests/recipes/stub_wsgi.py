"""WSGI: the stub of the service as an application, for a server on the loopback address."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from wsgiref.util import request_uri

from isales_rules.testing import StubService

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def application(service: StubService) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {key[5:].replace("_", "-"): environ[key] for key in environ if key[:5] == "HTTP_"}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        response = service(environ["REQUEST_METHOD"], request_uri(environ), headers, body)
        status = HTTPStatus(response.status)
        start_response(f"{status} {status.phrase}", [*response.headers.items()])
        return [response.body]

    return answer
