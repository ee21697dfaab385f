"""httpx: a client that talks to the stub of the service."""

import httpx

from isales_rules.testing import StubService


def client(service: StubService) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = request.headers.multi_items()
        response = service(request.method, str(request.url), headers, request.read())
        return httpx.Response(response.status, headers=response.headers, content=response.body)

    return httpx.Client(transport=httpx.MockTransport(answer), base_url="https://service.example")
