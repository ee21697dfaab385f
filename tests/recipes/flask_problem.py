"""Flask: problem details (RFC 9457) in the language of Accept-Language."""

from flask import Flask, Response, json, request

import isales_rules

app = Flask(__name__)
rules = isales_rules.load("campaign-modify-v1")


@app.put("/campaigns")
def modify() -> Response | tuple[str, int]:
    rules.validate_json(request.get_data()).raise_for_errors()
    return "", 204


@app.errorhandler(isales_rules.ValidationError)
def problem(error: isales_rules.ValidationError) -> Response:
    language = request.accept_languages.best_match(["en", "zh"], "en")
    body = error.report.errors_as("problem", "zh" if language == "zh" else "en")
    return Response(
        json.dumps(body), 422, {"Content-Language": language}, "application/problem+json"
    )
