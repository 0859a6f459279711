"""Doors for a brand's staff: the team, its roles, invitations. Everyone reads, owners change."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import commands, queries
from portal.identity.forms import ROLE_NAMES, ROLE_WORDS, InviteForm, RolesForm
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "identity_brand", __name__, url_prefix="/brand/<brand:brand_id>/settings/team"
)


@blueprint.get("")
@opens_to("brand.viewer")
def team(brand_id: int) -> ResponseReturnValue:
    """Who works for the brand, and who was invited."""
    return _page(brand_id, InviteForm(), 200)


@blueprint.post("")
@opens_to("brand.owner")
def invite(brand_id: int) -> ResponseReturnValue:
    """Invite an address."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(brand_id, form, 422)
    try:
        with unit_of_work():
            commands.invite_staff(brand_id, form.email.data, form.capabilities.data, person().id)
    except Conflict as refusal:
        form.refuse(InvalidInput("email", refusal.message))
        return _page(brand_id, form, 409)
    said = f"The invitation went to {form.email.data}. It is open for 7 days."
    return reply(then=url_for(".team", brand_id=brand_id), said=said)


@blueprint.post("/invitations/<invitation>/revoke")
@opens_to("brand.owner")
def revoke(brand_id: int, invitation: str) -> ResponseReturnValue:
    """Take an open invitation back."""
    found = queries.invitation_of_brand(brand_id, invitation)
    with unit_of_work():
        commands.revoke_invitation(found.id, person().id)
    said = f"The invitation of {found.email} no longer works."
    return reply(then=url_for(".team", brand_id=brand_id), said=said)


@blueprint.get("/<member>")
@opens_to("brand.owner")
def member(brand_id: int, member: str) -> ResponseReturnValue:
    """One person's roles."""
    found = queries.member_of_brand(brand_id, member)
    return _member_page(brand_id, found, RolesForm(capabilities=list(found.capabilities)), 200)


@blueprint.post("/<member>")
@opens_to("brand.owner")
def set_roles(brand_id: int, member: str) -> ResponseReturnValue:
    """Give exactly the chosen roles."""
    found, form = queries.member_of_brand(brand_id, member), RolesForm()
    if not form.validate_on_submit():
        return _member_page(brand_id, found, form, 422)
    if not form.capabilities.data:
        form.refuse(InvalidInput("capabilities", "Choose a role, or take her out of the team."))
        return _member_page(brand_id, found, form, 422)
    try:
        with unit_of_work():
            commands.set_roles(brand_id, found.user.id, form.capabilities.data, person().id)
    except Conflict as refusal:
        form.refuse(InvalidInput("capabilities", refusal.message))
        return _member_page(brand_id, found, form, 409)
    said = f"{found.user.name} now has these roles."
    return reply(then=url_for(".team", brand_id=brand_id), said=said)


@blueprint.post("/<member>/remove")
@opens_to("brand.owner")
def remove(brand_id: int, member: str) -> ResponseReturnValue:
    """Take a person out of the team."""
    found = queries.member_of_brand(brand_id, member)
    with unit_of_work():
        commands.set_roles(brand_id, found.user.id, (), person().id)
    is_herself = found.user.id == person().id
    then = url_for("identity_public.landing" if is_herself else ".team", brand_id=brand_id)
    return reply(then=then, said=f"{found.user.name} is no longer in the team.")


def _page(brand_id: int, form: InviteForm, status: int) -> ResponseReturnValue:
    return reply(
        "identity/brand/team.html",
        status=status,
        form=form,
        brand=queries.brand(brand_id),
        team=queries.staff_of(brand_id),
        invitations=queries.open_invitations(brand_id),
        role_names=ROLE_NAMES,
        now=clock.wall(),
        may_change=person().may("brand.owner", brand_id),
    )


def _member_page(
    brand_id: int, found: queries.StaffMember, form: RolesForm, status: int
) -> ResponseReturnValue:
    return reply(
        "identity/brand/member.html",
        status=status,
        form=form,
        member=found,
        brand=queries.brand(brand_id),
        role_words=ROLE_WORDS,
    )
