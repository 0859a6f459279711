"""Doors for programs: whose key is this?"""

from flask import Blueprint, current_app

from portal.api import rules
from portal.api.doors import api_scope, caller, check_key
from portal.api.shapes import Me
from portal.identity import queries as identity

blueprint = Blueprint("api_me", __name__, url_prefix="/api/v1")


@blueprint.record_once
def _lend_key_check(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]
    app.extensions["portal.api_key"] = check_key


@blueprint.get("/me")
@api_scope(rules.ANY, gives=Me)
def read_me(brand_id: int) -> Me:
    """Read whose key this is and what it may do."""
    brand, who = identity.brand(brand_id), caller()
    return Me(
        brand=brand.slug,
        brand_name=brand.name,
        currency=brand.currency,
        time_zone=brand.zone,
        key=who.key_public_id,
        key_name=who.name,
        scopes=list(who.scopes),
        requests_per_minute=current_app.config["PORTAL"].api_per_minute,
    )
