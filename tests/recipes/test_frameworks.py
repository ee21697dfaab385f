"""The recipes run, and are short."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import bases

FOLDER = Path(__file__).parent
VALID = bases()["previewed"]
INVALID = VALID | {"deviceType": 4, "scheduleParam": {"workdayBeginTime1": "8", "odd": 1}}


README = (FOLDER / "README.md").read_text("utf-8")
RECIPES = [
    FOLDER / name for name in re.findall(r"\((\w+\.py)\)", README.partition("## Clients")[0])
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_is_short(recipe: Path) -> None:
    tree = ast.parse(recipe.read_text("utf-8"))
    parts = [one for one in tree.body[1:] if not isinstance(one, ast.Import | ast.ImportFrom)]
    lines = {line for part in parts for line in ast.unparse(part).splitlines() if line}
    assert len(lines) < 15


def put(app: Any, path: str, body: Any, accepted: str = "") -> Any:
    """Send a request to an ASGI application."""
    httpx = pytest.importorskip("httpx", reason="needs httpx, to call FastAPI")

    async def send() -> Any:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.put(path, json=body, headers={"Accept-Language": accepted})

    return asyncio.run(send())


def test_fastapi_answers_like_its_own_validation() -> None:
    pytest.importorskip("fastapi", reason="needs fastapi")
    from tests.recipes.fastapi_errors import app

    assert put(app, "/campaigns/7", VALID).json() == {"modified": 7}
    own, ours = put(app, "/campaigns/x", VALID), put(app, "/campaigns/7", INVALID)
    assert (ours.status_code, own.status_code) == (422, 422)
    assert {"type", "loc", "msg"} <= own.json()["detail"][0].keys() & ours.json()["detail"][
        0
    ].keys()
    assert ours.json()["detail"][0]["loc"] == ["body", "deviceType"]


LANGUAGES = [
    ("", "en", "must be one of"),
    ("zh-CN,zh;q=0.9,en;q=0.8", "zh", "必须是以下之一"),
    ("zh;q=0.5, en;q=0.9", "en", "must be one of"),
    ("fr", "en", "must be one of"),
]


def check_problem(response: Any, language: str, text: str) -> None:
    body = json.loads(response.text)
    assert (response.status_code, body["status"]) == (422, 422)
    assert response.headers["Content-Type"].partition(";")[0] == "application/problem+json"
    assert response.headers["Content-Language"] == language
    assert body["errors"][0]["pointer"] == "#/deviceType"
    assert text in body["errors"][0]["detail"]


@pytest.mark.parametrize(("accepted", "language", "text"), LANGUAGES)
def test_fastapi_answers_problem_details(accepted: str, language: str, text: str) -> None:
    pytest.importorskip("fastapi", reason="needs fastapi")
    from tests.recipes.fastapi_problem import app

    check_problem(put(app, "/campaigns", INVALID, accepted), language, text)
    assert put(app, "/campaigns", VALID).status_code == 200


@pytest.mark.parametrize(("accepted", "language", "text"), LANGUAGES)
def test_flask_answers_problem_details(accepted: str, language: str, text: str) -> None:
    pytest.importorskip("flask", reason="needs flask")
    from tests.recipes.flask_problem import app

    client = app.test_client()
    response = client.put("/campaigns", json=INVALID, headers={"Accept-Language": accepted})
    check_problem(response, language, text)
    assert client.put("/campaigns", json=VALID).status_code == 204


def test_drf_nests_errors_by_field() -> None:
    pytest.importorskip("rest_framework", reason="needs djangorestframework, which is large")
    from django.conf import settings

    if not settings.configured:
        import django

        settings.configure(USE_I18N=True)
        django.setup()
    from django.utils.translation import override

    from tests.recipes.drf_serializer import CampaignSerializer

    serializer = CampaignSerializer(data=INVALID)
    with override("en"):
        assert not serializer.is_valid()
    assert [*serializer.errors] == ["deviceType", "scheduleParam"]
    assert [*serializer.errors["scheduleParam"]] == ["workdayBeginTime1", "workdayEndTime1", "odd"]
    with override("zh-hans"):
        serializer = CampaignSerializer(data=INVALID)
        serializer.is_valid()
    assert "必须" in str(serializer.errors["deviceType"][0])
    assert CampaignSerializer(data=VALID).is_valid()


def test_process_pool_checks_all() -> None:
    from tests.recipes.pool import check_all

    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        done = [*check_all(pool, [json.dumps(VALID), "[", json.dumps(INVALID)])]
    assert [report["ok"] for report in done] == [True, False, False]
