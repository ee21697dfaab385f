"""The recipes for the stub of the service."""

from __future__ import annotations

import io
import json
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

import isales_rules
from isales_rules.testing import StubService
from tests.support.command import BODY, HEADERS

PATH = "/rest/isales/v1/openapi/campaigns/1/7"
ANSWERS = [("first", "0200000"), ("second", "0200005"), ("", "02000001")]


@pytest.fixture
def service() -> StubService:
    campaigns = [{"id": 7, "status": 1, **BODY}, {"id": 8, "status": 1, **BODY, "name": "second"}]
    return StubService(isales_rules.load("campaign-modify-v1"), campaigns)


@pytest.mark.parametrize(("name", "code"), ANSWERS)
def test_httpx_client_talks_to_the_stub(name: str, code: str, service: StubService) -> None:
    pytest.importorskip("httpx", reason="needs httpx")
    from tests.recipes.stub_httpx import client

    with client(service) as opened:
        response = opened.put(PATH, json=BODY | {"name": name}, headers=HEADERS)
    assert response.json()["resultCode"] == code


@pytest.mark.parametrize(("name", "code"), ANSWERS)
def test_requests_are_answered_by_the_stub(name: str, code: str, service: StubService) -> None:
    pytest.importorskip("responses", reason="needs responses")
    import requests

    from tests.recipes.stub_responses import mock

    with mock(service):
        url = f"https://service.example{PATH}"
        response = requests.put(url, json=BODY | {"name": name}, headers=HEADERS, timeout=5)
        assert requests.get(url, timeout=5).status_code == 405
    assert response.json()["resultCode"] == code


@pytest.mark.parametrize(("name", "code"), ANSWERS)
def test_wsgi_application_is_the_stub(name: str, code: str, service: StubService) -> None:
    from tests.recipes.stub_wsgi import application

    body = json.dumps(BODY | {"name": name}).encode()
    environ: dict[str, Any] = {"REQUEST_METHOD": "PUT", "PATH_INFO": PATH}
    environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    environ |= {
        "CONTENT_TYPE": HEADERS["Content-Type"],
        "HTTP_AUTHORIZATION": HEADERS["Authorization"],
    }
    setup_testing_defaults(environ)
    started: list[Any] = []
    answer = application(service)(environ, lambda *arguments: started.append(arguments))  # type: ignore[arg-type,return-value]
    assert json.loads(b"".join(answer))["resultCode"] == code
    assert started == [("200 OK", [("Content-Type", "application/json")])]
