"""requests: the library `responses` answers with the stub of the service."""

import re

import requests
import responses

from isales_rules.testing import StubService


def mock(service: StubService) -> responses.RequestsMock:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        return service(request.method, request.url, request.headers, request.body or b"")

    mocked = responses.RequestsMock()
    for method in ("GET", "POST", "PUT", "DELETE"):
        mocked.add_callback(method, re.compile("https://service[.]example/"), answer)
    mocked.assert_all_requests_are_fired = False
    return mocked
