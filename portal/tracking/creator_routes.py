"""Doors for creators: making, changing, pausing links. The list is in reports."""

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, creator_pages, qr_codes, queries
from portal.tracking.forms import EditLinkForm, LinkForm, whole_address
from portal.tracking.models import AffiliateLink
from portal.web.forms import SelectChoice
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tracking_creator", __name__, url_prefix="/creator/links")


@blueprint.route("/new", methods=["GET", "POST"])
@opens_to(CREATOR)
def new() -> ResponseReturnValue:
    """A link for one product or one post."""
    members = _working()
    form = _link_form(members)
    if not form.validate_on_submit():
        return _new_page(form, members, status=422 if form.is_submitted() else 200)
    chosen = next(one for one in members if one.public_id == form.program.data)
    try:
        with unit_of_work():
            made = commands.issue_link(
                chosen.id, form.destination.data or "", form.label.data or "",
                channel=form.channel.data or "", slug=form.slug.data or "",
                sub_id=form.sub_id.data or "", by=person().id,
            )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _new_page(form, members, status=422)
    then = url_for(".new") if "another" in request.form else _list()
    return reply(then=then, said=f"Your link is ready: {_base_url()}/go/{made.slug}")


@blueprint.get("/new/preview")
@opens_to(CREATOR)
def preview() -> ResponseReturnValue:
    """What the link would be, while its form is being filled in."""
    asked, members = request.args, _working()
    chosen = next((one for one in members if one.public_id == asked.get("program")), None)
    found = creator_pages.preview(
        chosen, whole_address(asked.get("destination", "")).strip(), asked.get("label", ""),
        asked.get("channel", ""), slug=asked.get("slug", ""), sub_id=asked.get("sub_id", ""),
    ) if chosen else None  # fmt: skip
    return reply(
        partial="tracking/creator/_preview.html", then=url_for(".new"), preview=found,
        base_url=_base_url(),
    )  # fmt: skip


@blueprint.route("/<link>/edit", methods=["GET", "POST"])
@opens_to(CREATOR)
def edit(link: str) -> ResponseReturnValue:
    """Change where a link leads, or its name."""
    found = queries.link_of_creator(_me(), link)
    form = EditLinkForm(destination=found.destination_url, label=found.label)
    if not form.validate_on_submit():
        return _edit_page(found, form, status=422 if form.is_submitted() else 200)
    try:
        with unit_of_work():
            commands.edit_link(
                found.id, destination_url=form.destination.data or "",
                label=form.label.data or "", by=person().id,
            )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _edit_page(found, form, status=422)
    return reply(then=_page(found), said="Saved. The link itself stays the same.")


@blueprint.post("/<link>/pause")
@opens_to(CREATOR)
def pause(link: str) -> ResponseReturnValue:
    """Let a link lead to the program's page for now."""
    found = queries.link_of_creator(_me(), link)
    with unit_of_work():
        commands.pause_link(found.id, by=person().id)
    return reply(then=_list(undo=found.public_id))


@blueprint.post("/<link>/resume")
@opens_to(CREATOR)
def resume(link: str) -> ResponseReturnValue:
    """Let a paused link work again."""
    found = queries.link_of_creator(_me(), link)
    with unit_of_work():
        commands.resume_link(found.id, by=person().id)
    return reply(then=_list(), said="The link works again.")


@blueprint.post("/<link>/retire")
@opens_to(CREATOR)
def retire(link: str) -> ResponseReturnValue:
    """End a link; for some minutes that can be undone."""
    found = queries.link_of_creator(_me(), link)
    with unit_of_work():
        commands.retire_link(found.id, by=person().id)
    return reply(then=_list(undo=found.public_id))


@blueprint.post("/<link>/restore")
@opens_to(CREATOR)
def restore(link: str) -> ResponseReturnValue:
    """Undo the retirement of a link."""
    found = queries.link_of_creator(_me(), link)
    with unit_of_work():
        commands.restore_link(found.id, by=person().id)
    return reply(then=_list(), said="The link is back as it was.")


@blueprint.get("/<link>/qr.<any(svg,png):kind>")
@opens_to(CREATOR)
def qr(link: str, kind: str) -> ResponseReturnValue:
    """The QR code of a link's address; with ?save=1 as a file to keep."""
    found = queries.link_of_creator(_me(), link)
    return qr_codes.answer(
        f"{_base_url()}/go/{found.slug}", kind, found.slug, saves="save" in request.args
    )


def _working() -> list[Ambassador]:
    return [one for one in ambassadors.of_creator(_me()) if one.is_active]


def _link_form(members: list[Ambassador]) -> LinkForm:
    form = LinkForm()
    names = programs.programs_by_id([one.program_id for one in members])
    form.program.choices = [
        SelectChoice(one.public_id, names[one.program_id].name) for one in members
    ]
    return form


def _new_page(form: LinkForm, members: list[Ambassador], status: int) -> ResponseReturnValue:
    found = None
    if members and not form.errors:
        found = creator_pages.preview(members[0], "", "", "")
    return reply(
        "tracking/creator/new_link.html", form=form, places=creator_pages.places(members),
        preview=found, status=status, base_url=_base_url(),
    )  # fmt: skip


def _edit_page(found: AffiliateLink, form: EditLinkForm, status: int) -> ResponseReturnValue:
    member = ambassadors.ambassador(found.ambassador_id)
    return reply(
        "tracking/creator/edit_link.html", form=form, status=status, base_url=_base_url(),
        **creator_pages.detail(found, member),
    )  # fmt: skip


def _list(undo: str | None = None) -> str:
    return url_for("reports_links.links", undo=undo)


def _page(found: AffiliateLink) -> str:
    return url_for("reports_links.link", link=found.public_id)


def _base_url() -> str:
    return str(current_app.config["PORTAL"].base_url)


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
