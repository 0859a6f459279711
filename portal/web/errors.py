"""From our errors to status codes and pages: the only place that knows them."""

from urllib.parse import quote

from flask import Flask, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.kernel import codes, errors
from portal.web.problems import problem, problem_of
from portal.web.reply import is_htmx
from portal.web.security import came_from

STATUS = (
    (errors.NotFound, 404),
    (errors.NotAllowed, 403),
    (errors.Conflict, 409),
    (errors.InvalidInput, 422),
    (errors.ProviderRefused, 502),
    (errors.ProviderUnavailable, 502),
)
PAGES = {400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503}


def install(app: Flask) -> None:
    """Give every error a page that says what happened and what to do."""
    app.register_error_handler(errors.PortalError, _ours)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(500, _crash)


def status_of(error: errors.PortalError) -> int:
    """The HTTP status an error of ours is answered with."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def _ours(error: errors.PortalError) -> ResponseReturnValue:
    if _is_api() and isinstance(error, errors.InvalidInput):
        return problem(422, error.message, [(error.field, error.message)])
    return _page(status_of(error), error.message)


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        "This form was open for too long, or in another window. "
        "Go back, reload, and send it again.",
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    if _is_api():
        return problem_of(error)
    if error.code == 404 and (meant := _without_slash()):
        return redirect(meant, 308)
    return _page(error.code or 500, None)


def _without_slash() -> str:
    """The page that was meant by an address with a slash too many, /creator/; "" for none."""
    path = "/" + request.path.strip("/")  # one slash: two would lead to another host
    if request.method != "GET" or path in ("/", request.path):
        return ""
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:  # nor is that a page, or only with the slash
        return ""
    asked = request.query_string.decode("latin-1")
    return f"{quote(path)}?{asked}" if asked else quote(path)


def _database(error: OperationalError) -> ResponseReturnValue:
    request.environ["portal.error"] = error
    return _page(503, None)


def _crash(_error: Exception) -> ResponseReturnValue:
    # No queries and no current_user: whatever broke the page must not break this one.
    if _is_api():
        return problem(500)
    reference = codes.public_id()
    body = render_template("errors/500.html", reference=reference)
    return make_response(body, 500)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _page(status: int, sentence: str | None) -> ResponseReturnValue:
    if _is_api():
        return problem(status, sentence)
    if request.path.startswith("/hooks/"):
        return {"error": sentence or "The request could not be used."}, status
    known = status if status in PAGES else 500
    template = "errors/_notice.html" if is_htmx() else f"errors/{known}.html"
    shown = {"sentence": sentence, "message": sentence, "status": status, "here": came_from()}
    response = make_response(render_template(template, **shown), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
