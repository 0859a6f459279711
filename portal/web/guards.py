"""Who may open which door. A view without `@opens_to` opens to nobody (default deny)."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.kernel.errors import NotAllowed, NotFound

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed-in"
CREATOR = "creator"
OPERATOR = "operator"
DEMO = "demo"
SIGNED = "signed-request"  # machines that prove themselves by a signature in the request
API = "api:"  # machines with an API key: "api:orders:read" names the scope (portal/api/doors.py)

BRAND_CAPABILITIES = (
    "brand.viewer",
    "brand.reviewer",
    "brand.manager",
    "brand.owner",
    "finance.preparer",
    "finance.approver",
)
KNOWN = frozenset({PUBLIC, SIGNED_IN, CREATOR, OPERATOR, DEMO, SIGNED, *BRAND_CAPABILITIES})


class Person(Protocol):
    """What the guards need to know of whoever is signed in."""

    id: int
    is_authenticated: bool

    @property
    def lacks_factor(self) -> bool: ...
    def may(self, capability: str, brand_id: int | None = None) -> bool: ...
    def belongs_to(self, brand_id: int) -> bool: ...


def person() -> Person:
    """The signed-in person; only behind a door that needs one."""
    return cast(Person, current_user)


def opens_to(*capabilities: str) -> Callable[[View], View]:
    """Declare who may open this door: any one of these capabilities is enough.

    Brand and finance capabilities count for the brand in the path (`brand_id`).
    """
    unknown = set(capabilities) - KNOWN
    if unknown or not capabilities:
        raise ValueError(f"Unknown capabilities: {sorted(unknown)}")

    def mark(view: View) -> View:
        view.opens_to = capabilities  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Check every request against its door's declaration."""
    app.before_request(_check_door)


def _check_door() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    allowed = getattr(view, "opens_to", ())
    if PUBLIC in allowed or SIGNED in allowed:
        return None
    scope = next((one for one in allowed if one.startswith(API)), None)
    if scope is not None:
        # A key opens it and nothing else: a session is not even looked at. Lent by portal.api.
        current_app.extensions["portal.api_key"](scope.removeprefix(API))
        return None
    if DEMO in allowed:
        if not current_app.config["PORTAL"].demo:
            raise NotFound()
        return None
    if not current_user.is_authenticated:
        return _elsewhere("identity_public.sign_in", 401)
    _check_capabilities(allowed)
    if SIGNED_IN not in allowed and person().lacks_factor:
        return _elsewhere("factors_person.begin")
    return None


def _check_capabilities(allowed: tuple[str, ...]) -> None:
    who, brand_id = person(), (request.view_args or {}).get("brand_id")
    if SIGNED_IN in allowed:
        return
    if brand_id is not None and not who.belongs_to(brand_id):
        raise NotFound()
    if not any(who.may(capability, brand_id) for capability in allowed):
        raise NotAllowed(
            "Your role does not open this page. "
            "Ask an owner of the brand, or switch to another role."
        )
    g.brand_id = brand_id


def _elsewhere(endpoint: str, status: int = 200) -> ResponseReturnValue:
    """To a page that comes back to the one asked for."""
    where = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for(endpoint, next=where)
    if request.headers.get("HX-Request"):
        return "", status, {"HX-Redirect": target}
    return redirect(target, 303)
