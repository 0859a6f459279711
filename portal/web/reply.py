"""One answer for htmx and for a plain browser. The only reader of htmx headers."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template

from portal.extensions import htmx


def reply(
    page: str | None = None,
    partial: str | None = None,
    then: str | None = None,
    status: int = 200,
    said: str | None = None,
    **context: Any,
) -> Response:
    """Answer with a page, its partial, or a redirect.

    htmx (not boosted, not restoring history) gets the partial when there is one; a plain browser
    gets 303 to `then` after success, or the page with `status`. `said` is the sentence for the
    banner: flashed before a redirect, handed to the partial's page as a flash otherwise.
    """
    wants_partial = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    if said:
        flash(said, "success" if status < 400 else "error")
    if then and status < 400:
        response = _redirect(then, by_htmx=wants_partial and partial is None)
        if not (wants_partial and partial):
            return _vary(response)
    template = partial if (wants_partial and partial) else page
    assert template, "an answer needs a page or a partial"
    return _vary(make_response(render_template(template, **context), status))


def _redirect(then: str, *, by_htmx: bool) -> Response:
    if by_htmx:
        return make_response("", 200, {"HX-Redirect": then})
    return make_response(redirect(then, 303))


def wants_list(element: str = "list") -> bool:
    """Whether htmx asks for one region of a page (`hx-target="#list"`)."""
    return bool(htmx) and not htmx.history_restore_request and htmx.target == element


def is_htmx() -> bool:
    """Whether this request came from htmx (an error handler may answer smaller)."""
    return bool(htmx)


def _vary(response: Response) -> Response:
    response.vary.update(("HX-Request", "HX-Target"))
    return response
