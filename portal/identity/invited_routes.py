"""Doors for somebody who got an invitation: read it, accept it, decline it."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.extensions import limiter
from portal.identity import commands, queries, rules, sign_in
from portal.identity.forms import ROLE_WORDS, AcceptForm
from portal.identity.models import Capability, Invitation
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import PUBLIC, opens_to
from portal.web.reply import reply

blueprint = Blueprint("identity_invited", __name__, url_prefix="/invite/<token>")


@blueprint.get("")
@opens_to(PUBLIC)
def invitation(token: str) -> ResponseReturnValue:
    """Who invites, to what, as what."""
    return _page(queries.invitation_by_token(token), token, AcceptForm(), 200)


@blueprint.post("")
@limiter.limit("20 per minute")
@opens_to(PUBLIC)
def accept(token: str) -> ResponseReturnValue:
    """Accept with the signed-in account, or with a new one: the link proves the address."""
    invited, form = queries.invitation_by_token(token), AcceptForm()
    if current_user.is_authenticated:
        with unit_of_work():
            commands.accept_invitation(invited.id, current_user.id)
    elif queries.user_by_email(invited.email) is not None:
        here = url_for(".invitation", token=token)
        return redirect(url_for("identity_public.sign_in", next=here, email=invited.email), 303)
    elif not form.validate_on_submit():
        return _page(invited, token, form, 422)
    else:
        with unit_of_work():
            person = commands.register(invited.email, form.name.data)
            commands.accept_invitation(invited.id, person.id)
            sign_in.sign_in(person.id)
    said = f"You now work with {queries.brand(invited.brand_id).name}."
    return reply(then=url_for("identity_public.landing"), said=said)


@blueprint.post("/decline")
@limiter.limit("20 per minute")
@opens_to(PUBLIC)
def decline(token: str) -> ResponseReturnValue:
    """Say no."""
    invited = queries.invitation_by_token(token)
    with unit_of_work():
        commands.decline_invitation(invited.id)
    return reply(then="/", said="You declined the invitation. Nothing else happens.")


def _page(invited: Invitation, token: str, form: AcceptForm, status: int) -> ResponseReturnValue:
    inviter = queries.user(invited.invited_by) if invited.invited_by else None
    return reply(
        "identity/public/invitation.html",
        status=status,
        invited=invited,
        roles=[ROLE_WORDS[Capability(name)] for name in invited.capabilities],
        token=token,
        form=form,
        brand=queries.brand(invited.brand_id),
        inviter=inviter,
        has_account=queries.user_by_email(invited.email) is not None,
        refusal=rules.refusal_of(invited.status, invited.expires_at, clock.wall()),
    )
