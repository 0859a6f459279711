"""Refusals under /api: problem details (RFC 9457), one shape for every status."""

from collections.abc import Sequence

from flask import Response, current_app, json
from werkzeug.exceptions import HTTPException

# status: (the word in the problem's type, its title, the sentence when nobody said a better one)
KINDS = {
    400: ("malformed", "Malformed request", "The request could not be read."),
    401: ("no-key", "No valid API key", "Send a valid API key: “Authorization: Bearer vouch_…”."),
    403: ("not-allowed", "Not allowed", "The key has no right to do this."),
    404: ("not-found", "Not found", "There is nothing at this address for this key."),
    405: ("method", "Method not allowed", "This address does not take that method."),
    409: ("conflict", "Conflict", "The state of things does not permit this."),
    413: ("too-large", "Request too large", "The request is larger than 1 MB."),
    415: ("media-type", "Unsupported media type", "Send the body as application/json."),
    422: ("invalid", "Invalid values", "Some values cannot be used."),
    429: ("too-many", "Too many requests", "The key sends too many requests. Wait a little."),
    500: ("fault", "Our fault", "Something broke on our side. Repeating the request is safe."),
    502: ("provider", "Another service failed", "A service we depend on did not do its part."),
    503: ("unavailable", "Unavailable", "The portal cannot answer right now. Try again."),
}
MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, detail: str | None = None, errors: Sequence[tuple[str, str]] = ()
) -> Response:
    """The answer that says what is wrong; `errors` are (field, sentence)."""
    word, title, usual = KINDS.get(status, KINDS[400 if status < 500 else 500])
    base = current_app.config["PORTAL"].base_url
    told = {
        "type": f"{base}/api/docs#{word}",
        "title": title,
        "status": status,
        "detail": detail or usual,
    }
    if errors:
        told["errors"] = [{"field": field, "message": message} for field, message in errors]
    return Response(json.dumps(told), status, mimetype=MEDIA_TYPE)


def problem_of(error: HTTPException) -> Response:
    """The same for an error of the web server; it keeps Allow, Retry-After, WWW-Authenticate."""
    status = error.code or 500
    ours = error.description if type(error).description != error.description else None
    response = problem(status, ours)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
