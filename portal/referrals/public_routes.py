"""Doors for whoever was invited: by whom, to what, and on to the application."""

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.extensions import limiter
from portal.identity import queries as identity
from portal.kernel import codes
from portal.kernel.errors import NotFound
from portal.referrals import queries
from portal.referrals.forms import InvitationForm
from portal.web.guards import PUBLIC, opens_to
from portal.web.reply import reply

blueprint = Blueprint("referrals_public", __name__, url_prefix="/join")


@blueprint.route("", methods=["GET", "POST"])
@opens_to(PUBLIC)
@limiter.limit("10 per minute; 60 per hour", methods=["POST"])
def code() -> ResponseReturnValue:
    """Type the code of an invitation."""
    form = InvitationForm()
    if form.validate_on_submit():
        typed = codes.folded(form.code.data or "")
        try:
            queries.inviter(typed)
        except NotFound:
            form.code.errors = ["This code invites to nothing. Ask for it again."]
        else:
            return redirect(url_for(".invitation", code=typed), 303)
    return reply("referrals/public/code.html", status=422 if form.errors else 200, form=form)


@blueprint.get("/<code>")
@opens_to(PUBLIC)
@limiter.limit("60 per minute")
def invitation(code: str) -> ResponseReturnValue:
    """Who invites, to what, and the way to apply."""
    _, creator, program = queries.inviter(codes.folded(code))
    brand, slug = identity.brand(program.brand_id), program.slug
    theme = url_for("programs_public.theme", slug=slug)
    g.tenant = {"name": brand.name, "theme_css": theme}
    return reply(
        "referrals/public/invitation.html", inviter=creator.name, program=program, brand=brand,
        apply_url=url_for("applications_public.apply", slug=slug, invite=codes.folded(code)),
    )  # fmt: skip
