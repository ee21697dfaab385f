"""FastAPI: problem details (RFC 9457) in the language of Accept-Language."""

import re

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

import isales_rules
from isales_rules import Locale

app = FastAPI()
rules = isales_rules.load("campaign-modify-v1")


@app.put("/campaigns")
async def modify(request: Request) -> None:
    rules.validate_json(await request.body()).raise_for_errors()


@app.exception_handler(isales_rules.ValidationError)
async def problem(request: Request, error: isales_rules.ValidationError) -> JSONResponse:
    accepted = request.headers.get("accept-language", "").lower()
    found = re.findall(r"\b(en|zh)\b[\w-]*(?:\s*;\s*q=([01](?:\.\d+)?))?", accepted)
    ranges: list[tuple[Locale, str]] = [*found, ("en", "0")]
    language, _ = max(ranges, key=lambda one: float(one[1] or 1))
    body = error.report.errors_as("problem", language)
    return JSONResponse(body, 422, {"Content-Language": language}, "application/problem+json")
