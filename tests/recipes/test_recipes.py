"""The recipes, each on a server at the loopback address."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import ProxyHandler, Request, build_opener
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

import isales_rules
from tests.support.command import BODY, HEADERS

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

TARGET = "/rest/isales/v1/openapi/campaigns/1/10000000001"
INVALID = BODY | {"maxAlertingTime": 300}
HIDDEN = "s3cr3t-T0ken"
ANSWER = b'{"resultCode": "0200000"}'


class Received(NamedTuple):
    method: str
    target: str
    body: bytes


class Service(NamedTuple):
    """A server, and the requests that it received."""

    url: str
    received: list[Received]


@contextmanager
def serving(server: Any) -> Iterator[str]:
    """Run a server of the standard library in a thread; yield its address."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(Received(self.command, self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

        def log_message(self, *_: object) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield Service(url, received)


Put = Callable[[str, bytes], bytes]
"""Sends a body to a URL, and returns the answer."""


def put_with_httpx(url: str, body: bytes) -> bytes:
    httpx = pytest.importorskip("httpx")
    from tests.recipes.httpx_hook import validate

    with httpx.Client(trust_env=False, event_hooks={"request": [validate]}) as client:
        content: bytes = client.put(url, content=body, headers=HEADERS).content
        return content


def put_with_async_httpx(url: str, body: bytes) -> bytes:
    httpx = pytest.importorskip("httpx")
    from tests.recipes.httpx_hook import validate_async

    async def put() -> bytes:
        async with httpx.AsyncClient(
            trust_env=False, event_hooks={"request": [validate_async]}
        ) as client:
            content: bytes = (await client.put(url, content=body, headers=HEADERS)).content
            return content

    return asyncio.run(put())


def put_with_requests(url: str, body: bytes) -> bytes:
    requests = pytest.importorskip("requests")
    from tests.recipes.requests_auth import ValidatingAuth

    def authenticate(request: Any) -> Any:
        request.headers["Authorization"] = HEADERS["Authorization"]
        return request

    headers = {"Content-Type": HEADERS["Content-Type"]}
    with requests.Session() as session:
        session.trust_env = False
        session.auth = ValidatingAuth(authenticate)
        content: bytes = session.put(url, data=body, headers=headers).content
        return content


def put_plainly(url: str, body: bytes) -> bytes:
    request = Request(url, body, HEADERS, method="PUT")  # noqa: S310  # the loopback address
    with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
        content: bytes = answer.read()
        return content


@pytest.fixture(params=[put_with_httpx, put_with_async_httpx, put_with_requests])
def put(request: pytest.FixtureRequest) -> Put:
    chosen: Put = request.param
    return chosen


def test_client_sends_a_valid_request(put: Put, service: Service) -> None:
    body = json.dumps(BODY).encode()
    assert put(f"{service.url}{TARGET}?a=1", body) == ANSWER
    assert service.received == [Received("PUT", f"{TARGET}?a=1", body)]


def test_client_does_not_send_an_invalid_request(put: Put, service: Service) -> None:
    with pytest.raises(isales_rules.RequestError) as caught:
        put(service.url + TARGET, json.dumps(INVALID).encode())
    assert service.received == []
    [violation] = caught.value.report.violations
    assert (violation.path, violation.code) == ("/body/maxAlertingTime", "02000007")
    assert HIDDEN not in f"{caught.value} {caught.value!r} {caught.value.report.to_dict()}"


def test_client_sends_requests_to_others(put: Put, service: Service) -> None:
    assert put(f"{service.url}/other", b"{}") == ANSWER
    assert service.received == [Received("PUT", "/other", b"{}")]


def test_requests_auth_rejects_a_stream() -> None:
    requests = pytest.importorskip("requests")
    from tests.recipes.requests_auth import ValidatingAuth

    request = requests.Request("PUT", f"http://127.0.0.1{TARGET}", data=iter([b"{}"]))
    with pytest.raises(TypeError, match="use bytes"):
        requests.Session().prepare_request(request).prepare_auth(ValidatingAuth())


def test_requests_auth_may_be_the_only_one() -> None:
    requests = pytest.importorskip("requests")
    from tests.recipes.requests_auth import ValidatingAuth

    request = requests.Request("PUT", f"http://127.0.0.1{TARGET}", data=json.dumps(BODY))
    with pytest.raises(isales_rules.RequestError) as caught:
        request.prepare().prepare_auth(ValidatingAuth())
    assert caught.value.report.codes == ("02000001",)


@contextmanager
def wsgi_gateway(received: list[Received]) -> Iterator[str]:
    from tests.recipes.wsgi_middleware import ValidatingMiddleware

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read()
        received.append(Received(environ["REQUEST_METHOD"], environ["PATH_INFO"], body))
        start_response("200 OK", [("Content-Length", str(len(ANSWER)))])
        return [ANSWER]

    class Handler(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    middleware = ValidatingMiddleware(application)
    with serving(make_server("127.0.0.1", 0, middleware, handler_class=Handler)) as url:
        yield url


@contextmanager
def asgi_gateway(received: list[Received]) -> Iterator[str]:
    uvicorn = pytest.importorskip("uvicorn")
    from tests.recipes.asgi_middleware import ValidatingMiddleware

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body, message = b"", {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        received.append(Received(scope["method"], scope["path"], body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": ANSWER})

    config = uvicorn.Config(
        ValidatingMiddleware(application),
        host="127.0.0.1",
        port=0,
        ws="none",
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen()  # clients may connect before the server accepts
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(params=[wsgi_gateway, asgi_gateway])
def gateway(request: pytest.FixtureRequest) -> Iterator[Service]:
    received: list[Received] = []
    with request.param(received) as url:
        yield Service(url, received)


def test_gateway_passes_a_valid_request(gateway: Service) -> None:
    body = json.dumps(BODY | {"description": "x" * 100}).encode()
    assert put_plainly(gateway.url + TARGET, body) == ANSWER
    assert gateway.received == [Received("PUT", TARGET, body)]


def test_gateway_passes_a_large_request(gateway: Service) -> None:
    body = json.dumps(BODY).encode() + b" " * 1_000_000
    assert put_plainly(gateway.url + TARGET, body) == ANSWER
    assert gateway.received == [Received("PUT", TARGET, body)]


def test_gateway_answers_an_invalid_request(gateway: Service) -> None:
    answer = json.loads(put_plainly(gateway.url + TARGET, json.dumps(INVALID).encode()))
    assert gateway.received == []
    report = isales_rules.validate_http("PUT", TARGET, HEADERS, INVALID).report
    assert report is not None
    assert answer == report.response("zh_CN")
    assert answer["resultCode"] == "02000007"


def test_gateway_answers_in_the_locale(gateway: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HEADERS, "locale", "en_US")
    answer = json.loads(put_plainly(gateway.url + TARGET, json.dumps(INVALID).encode()))
    assert answer["returnDesc"] == "A parameter has a wrong value."


def test_gateway_decodes_the_path_once(gateway: Service) -> None:
    url = gateway.url + TARGET.replace("10000000001", "1%2531")
    answer = json.loads(put_plainly(url, json.dumps(BODY).encode()))
    assert answer["resultCode"] == "02000008"
    assert "1%31" in answer["resultDesc"]


def test_gateway_passes_requests_to_others(gateway: Service) -> None:
    assert put_plainly(f"{gateway.url}/other", b"{}") == ANSWER
    assert gateway.received == [Received("PUT", "/other", b"{}")]


def test_asgi_middleware_passes_other_protocols() -> None:
    from tests.recipes.asgi_middleware import ValidatingMiddleware

    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    scope = {"type": "websocket"}
    asyncio.run(ValidatingMiddleware(application)(scope, None, None))  # type: ignore[arg-type]
    assert seen == [(scope, None, None)]
