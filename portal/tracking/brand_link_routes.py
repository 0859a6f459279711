"""Doors for the brand: pause, resume and mend a link, have its destination looked at."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, creator_pages, health_commands, queries
from portal.tracking.forms import EditLinkForm
from portal.tracking.models import AffiliateLink
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tracking_links", __name__, url_prefix="/brand/<brand:brand_id>/links")


@blueprint.post("/<link>/pause")
@opens_to("brand.manager")
def pause(brand_id: int, link: str) -> ResponseReturnValue:
    """Let a link lead to the program's page for now."""
    found = queries.link_of_brand(brand_id, link)
    with unit_of_work():
        commands.pause_link(found.id, by=person().id)
    return reply(then=_page(found), said="Paused. It leads to the program’s page until resumed.")


@blueprint.post("/<link>/resume")
@opens_to("brand.manager")
def resume(brand_id: int, link: str) -> ResponseReturnValue:
    """Let a paused link work again."""
    found = queries.link_of_brand(brand_id, link)
    with unit_of_work():
        commands.resume_link(found.id, by=person().id)
    return reply(then=_page(found), said="The link works again.")


@blueprint.post("/<link>/check")
@opens_to("brand.manager")
def check(brand_id: int, link: str) -> ResponseReturnValue:
    """Look at the destination soon."""
    found = queries.link_of_brand(brand_id, link)
    with unit_of_work():
        health_commands.ask_check(found.id, by=person().id)
    return reply(then=_page(found), said="It is looked at within a minute.")


@blueprint.route("/<link>/edit", methods=["GET", "POST"])
@opens_to("brand.manager")
def edit(brand_id: int, link: str) -> ResponseReturnValue:
    """Lead a link to another page; its address stays."""
    found = queries.link_of_brand(brand_id, link)
    form = EditLinkForm(destination=found.destination_url, label=found.label)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                commands.edit_link(
                    found.id, destination_url=form.destination.data or "",
                    label=form.label.data or "", by=person().id,
                )  # fmt: skip
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return reply(then=_page(found), said="Saved. The link’s address stays the same.")
    return reply(
        "tracking/brand/edit_link.html", status=422 if form.errors else 200, form=form, link=found,
        back=_page(found),
        places=creator_pages.places([ambassadors.ambassador(found.ambassador_id)]),
    )  # fmt: skip


def _page(found: AffiliateLink) -> str:
    return url_for("reports_brand_links.link", brand_id=found.brand_id, link=found.public_id)
