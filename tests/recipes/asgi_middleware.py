"""Answer invalid requests in an ASGI gateway in front of the service.

    application = ValidatingMiddleware(application)

An invalid request gets the answer of the service, and does not reach the application. Other
requests, and those to interfaces without a rule set, do. Limit the size of requests before.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import quote

import isales_rules

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


class ValidatingMiddleware:
    """Pass valid requests to an application, and answer the others."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        body = b"".join(message.get("body", b"") for message in messages)
        url = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        report = isales_rules.validate_http(scope["method"], url, scope["headers"], body).report
        if report is None or report.ok:
            await self._application(scope, _replay(messages, receive), send)
            return
        locale = "en_US" if (b"locale", b"en_US") in scope["headers"] else "zh_CN"
        answer = json.dumps(report.response(locale)).encode()
        headers = [
            (b"content-type", b"application/json; charset=UTF-8"),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def _replay(messages: list[Message], receive: Receive) -> Receive:
    """Return a function that receives messages again, and then new ones."""
    pending = iter(messages)

    async def received() -> Message:
        for message in pending:
            return message
        return await receive()

    return received
