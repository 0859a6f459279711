"""Doors for the brand: its tiers, who stands on them, who is about to move."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.programs import queries as offers
from portal.standings import commands, editing, keeping, pages, queries
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.web.guards import opens_to, person
from portal.web.reply import is_htmx, reply

blueprint = Blueprint(
    "standings_brand",
    __name__,
    url_prefix="/brand/<brand:brand_id>/settings/program/<program>/tiers",
)

TIERS = "standings/brand/tiers.html"
EDITOR = "standings/brand/editor.html"
STEPS = "standings/brand/_steps.html"
EXAMPLE = "standings/brand/_example.html"
CHECK = "standings/brand/check.html"
LIST = "standings/brand/list.html"
MEMBER = "standings/brand/member.html"


@blueprint.get("")
@opens_to("brand.viewer")
def overview(brand_id: int, program: str) -> ResponseReturnValue:
    """The ladder, and who stands on each tier."""
    found = offers.one_of_brand(brand_id, program)
    asked = PageRequest(request.args.get("after"))
    may = person().may
    return reply(
        TIERS, **pages.overview(found, request.args.get("tier", ""), asked),
        may_edit=may("brand.owner", brand_id), may_move=may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.route("/edit", methods=["GET", "POST"])
@opens_to("brand.owner")
def editor(brand_id: int, program: str) -> ResponseReturnValue:
    """The next version of the tiers: written, worked out, checked, published."""
    found, do = offers.one_of_brand(brand_id, program), request.form.get("do", "")
    form, shown = editing.begin(found)
    if do in ("add", "edit", ""):
        if do == "add":
            editing.add_row(form)
        return reply(EDITOR, STEPS if do == "add" else None, **shown)
    try:
        return _act(do, shown)
    except (Conflict, InvalidInput) as refusal:
        editing.refuse(form, refusal)
        if do == "example" and is_htmx():
            return reply(partial=EXAMPLE, **shown)
        return reply(EDITOR, status=409 if isinstance(refusal, Conflict) else 422, **shown)


def _act(do: str, shown: dict[str, Any]) -> Response:
    program, ladder, starts_at = shown["program"], *editing.proposed(shown)
    if do == "example":
        return reply(EDITOR, EXAMPLE, **shown | {"worked": editing.work_out(shown["form"], ladder)})
    if do == "check":
        return reply(CHECK, **shown, **editing.consequences(program, ladder, starts_at))
    with unit_of_work():
        row = tiers.publish_ladder(program.id, ladder, by=person().id, effective_at=starts_at)
        commands.look_if_in_force(row)
    home = url_for(".overview", brand_id=program.brand_id, program=program.public_id)
    return reply(then=home, said=f"Version {row.version} of the tiers is published.")


@blueprint.get("/lists/<made>")
@opens_to("brand.viewer")
def moves(brand_id: int, program: str, made: str) -> ResponseReturnValue:
    """Who would move, from where to where, and why, before it takes effect."""
    found = queries.list_of_program(offers.one_of_brand(brand_id, program).id, made)
    may_move = person().may("brand.manager", brand_id)
    return reply(LIST, may_move=may_move, **pages.list_page(
        found, offers.one_of_brand(brand_id, program), PageRequest(request.args.get("after"))
    ))  # fmt: skip


@blueprint.get("/lists/<made>.csv")
@opens_to("brand.viewer")
def export(brand_id: int, program: str, made: str) -> ResponseReturnValue:
    """A list for a spreadsheet."""
    found = queries.list_of_program(offers.one_of_brand(brand_id, program).id, made)
    return Response(
        pages.list_sheet(found), mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="tiers-{made}.csv"'},
    )  # fmt: skip


@blueprint.post("/lists/<made>/approve")
@opens_to("brand.manager")
def approve(brand_id: int, program: str, made: str) -> ResponseReturnValue:
    """Let a list take effect now."""
    found = queries.list_of_program(offers.one_of_brand(brand_id, program).id, made)
    with unit_of_work():
        moved = commands.approve(found.id, by=person().id)
    then = url_for(".moves", brand_id=brand_id, program=program, made=made)
    return reply(then=then, said=f"{moved:,} of the list took effect.")


@blueprint.post("/look")
@opens_to("brand.manager")
def look(brand_id: int, program: str) -> ResponseReturnValue:
    """Look at everybody's figures now, not only tonight."""
    found = offers.one_of_brand(brand_id, program)
    with unit_of_work():
        commands.look_at_program(found.id)
    return reply(then=url_for(".overview", brand_id=brand_id, program=program),
                 said="Everybody’s figures were looked at.")  # fmt: skip


@blueprint.route("/members/<ambassador>", methods=["GET", "POST"])
@opens_to("brand.manager")
def member(brand_id: int, program: str, ambassador: str) -> ResponseReturnValue:
    """One ambassador's tier, its history, and what keeps her there."""
    shown = keeping.begin(offers.one_of_brand(brand_id, program), ambassador)
    if request.method == "GET":
        return reply(MEMBER, **shown)
    try:
        with unit_of_work():
            said = keeping.keep(shown, request.form.get("do", ""), by=person().id)
    except (Conflict, InvalidInput) as refusal:
        editing.refuse(shown["form"], refusal)
        return reply(MEMBER, status=409 if isinstance(refusal, Conflict) else 422, **shown)
    return reply(then=url_for(".member", brand_id=brand_id, program=program,
                              ambassador=ambassador), said=said)  # fmt: skip
