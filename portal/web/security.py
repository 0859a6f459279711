"""Response headers, cross-site refusal, odd characters, and safe targets after sign-in."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; media-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
FIXED = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"),
]
ONLY_HTTPS = [("Strict-Transport-Security", "max-age=31536000")]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class PlainValues(ImmutableMultiDict[str, Any]):
    """What an address or a form says, without NUL, which PostgreSQL cannot look for."""

    def __init__(self, sent: Any = ()) -> None:
        super().__init__([(name, _plain(value)) for name, value in iter_multi_items(sent or ())])


class PlainRequest(Request):
    """A request whose values hold no NUL."""

    parameter_storage_class = PlainValues


def install(app: Flask) -> None:
    """Set the headers of RELIABILITY.md on every answer, errors included."""
    app.request_class = PlainRequest
    app.jinja_env.globals["asked_from"] = asked_from
    app.before_request(_refuse_nul)
    app.before_request(_refuse_cross_site)
    app.after_request(_headers)


def _plain(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


def _refuse_nul() -> None:
    # Nothing of ours has such a name, and PostgreSQL refuses even to look for it.
    if "\0" in request.path:
        abort(404)


def _refuse_cross_site() -> None:
    # A browser says where a form comes from; machines on /hooks/ and /api/ prove themselves.
    if request.method not in UNSAFE or request.path.startswith(("/hooks/", "/api/")):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(400)
    origin = request.headers.get("Origin")
    if origin and origin != "null" and origin.partition("://")[2] != request.host:
        abort(400)


def _headers(response: Response) -> Response:
    for name, value in FIXED:
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.extend(ONLY_HTTPS)
    return response


def came_from() -> str | None:
    """The page of ours that this request says it came from, as a path; None for any other."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:  # "http://[": any visitor can send such a header
        return None
    is_ours = came.netloc == request.host
    return safe_next(came._replace(scheme="", netloc="").geturl()) if is_ours else None


def asked_from() -> str | None:
    """For an answer to a form that is a page and no redirect: where the form stood. The browser
    takes it for the page's address, so that going back or reloading asks for nothing twice."""
    return came_from() if request.method == "POST" else None


def safe_next(target: str | None) -> str | None:
    """A path on this site, or None: `//evil`, `/\\evil`, schemes and control signs are refused."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(c) < 32 or c == "\\" for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
