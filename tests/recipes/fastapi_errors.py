"""FastAPI: invalid campaigns are answered like every other invalid request, with 422."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError

import isales_rules

app = FastAPI()
rules = isales_rules.load("campaign-modify-v1")


@app.put("/campaigns/{campaign}")
async def modify(campaign: int, request: Request) -> dict[str, int]:
    report = rules.validate_json(await request.body())
    if not report:
        raise RequestValidationError(report.errors_as("pydantic", prefix=("body",)))
    return {"modified": campaign}
