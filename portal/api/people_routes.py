"""Doors for programs: ambassadors, codes and links."""

from flask import Blueprint, current_app

from portal.api import people_commands as commands
from portal.api import people_queries as queries
from portal.api.doors import api_scope, caller
from portal.api.people_shapes import (
    Ambassadors,
    AmbassadorsAsked,
    AmbassadorSeen,
    Codes,
    CodesAsked,
    CodeSeen,
    CodeTold,
    Links,
    LinksAsked,
    LinkSeen,
    LinkTold,
    PauseTold,
    RetireTold,
)

blueprint = Blueprint("api_people", __name__, url_prefix="/api/v1")


@blueprint.get("/ambassadors")
@api_scope("ambassadors:read", asks=AmbassadorsAsked, gives=Ambassadors)
def list_ambassadors(brand_id: int, asked: AmbassadorsAsked) -> Ambassadors:
    """List ambassadors, the newest first."""
    return queries.ambassadors_of(brand_id, asked)


@blueprint.get("/ambassadors/<ambassador>")
@api_scope("ambassadors:read", gives=AmbassadorSeen)
def read_ambassador(brand_id: int, ambassador: str) -> AmbassadorSeen:
    """Read one ambassador."""
    return queries.ambassador(brand_id, ambassador)


@blueprint.post("/ambassadors/<ambassador>/pause")
@api_scope("ambassadors:write", takes=PauseTold, gives=AmbassadorSeen)
def pause_ambassador(brand_id: int, ambassador: str, told: PauseTold) -> AmbassadorSeen:
    """Pause an ambassador. Codes and links rest from now on; what was earned stays."""
    key_id = caller().key_id
    commands.change_membership(brand_id, ambassador, "pause", told.reason, key_id=key_id)
    return queries.ambassador(brand_id, ambassador)


@blueprint.post("/ambassadors/<ambassador>/resume")
@api_scope("ambassadors:write", gives=AmbassadorSeen, writes=True)
def resume_ambassador(brand_id: int, ambassador: str) -> AmbassadorSeen:
    """Resume a paused ambassador. Her codes and links work again from now on."""
    commands.change_membership(brand_id, ambassador, "resume", "", key_id=caller().key_id)
    return queries.ambassador(brand_id, ambassador)


@blueprint.get("/codes")
@api_scope("codes:read", asks=CodesAsked, gives=Codes)
def list_codes(brand_id: int, asked: CodesAsked) -> Codes:
    """List discount codes, the newest first."""
    return queries.codes_of(brand_id, asked)


@blueprint.post("/codes")
@api_scope("codes:write", takes=CodeTold, gives=CodeSeen, status=201)
def issue_code(brand_id: int, told: CodeTold) -> CodeSeen:
    """Issue a discount code. It works at once when the ambassador is active."""
    public_id = commands.issue_code(brand_id, told, key_id=caller().key_id)
    return queries.code(brand_id, public_id)


@blueprint.get("/codes/<code>")
@api_scope("codes:read", gives=CodeSeen)
def read_code(brand_id: int, code: str) -> CodeSeen:
    """Read one discount code."""
    return queries.code(brand_id, code)


@blueprint.post("/codes/<code>/retire")
@api_scope("codes:write", takes=RetireTold, gives=CodeSeen)
def retire_code(brand_id: int, code: str, told: RetireTold) -> CodeSeen:
    """Retire a discount code for ever. It is never given to somebody else."""
    commands.retire_code(brand_id, code, told.reason, key_id=caller().key_id)
    return queries.code(brand_id, code)


@blueprint.get("/links")
@api_scope("links:read", asks=LinksAsked, gives=Links)
def list_links(brand_id: int, asked: LinksAsked) -> Links:
    """List affiliate links, the newest first."""
    return queries.links_of(brand_id, asked, address_of)


@blueprint.post("/links")
@api_scope("links:write", takes=LinkTold, gives=LinkSeen, status=201)
def create_link(brand_id: int, told: LinkTold) -> LinkSeen:
    """Create an affiliate link for an active ambassador."""
    public_id = commands.create_link(brand_id, told, key_id=caller().key_id)
    return queries.link(brand_id, public_id, address_of)


@blueprint.get("/links/<link>")
@api_scope("links:read", gives=LinkSeen)
def read_link(brand_id: int, link: str) -> LinkSeen:
    """Read one affiliate link."""
    return queries.link(brand_id, link, address_of)


def address_of(slug: str) -> str:
    """The whole URL of a link."""
    return f"{current_app.config['PORTAL'].base_url}/go/{slug}"
