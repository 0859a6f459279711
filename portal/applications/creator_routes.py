"""Doors for creators: her programs, one program, accepting the agreement."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors.models import OUT, MembershipStatus
from portal.applications import commands, membership_queries, rules
from portal.applications.forms import AcceptForm
from portal.applications.membership_queries import Membership
from portal.creators import queries as creators
from portal.kernel import clock
from portal.paying import queries as paying
from portal.programs import beside_queries, rate_wording
from portal.programs import queries as program_facts
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("applications_creator", __name__, url_prefix="/creator/programs")

ONBOARDING = "applications/creator/onboarding.html"


@blueprint.get("")
@opens_to(CREATOR)
def programs() -> ResponseReturnValue:
    """Memberships, and applications that wait or were answered."""
    me = _me()
    return reply(
        "applications/creator/programs.html",
        joined=membership_queries.joined_by(me),
        asked=membership_queries.asked_by(me),
        reasons=rules.DECLINE_REASONS,
        now=clock.now(),
        zone=creators.creator(me).zone,
    )


@blueprint.get("/<program>")
@opens_to(CREATOR)
def program(program: str) -> ResponseReturnValue:
    """One program: code and link, what a sale earns, when it is paid, which terms."""
    found = membership_queries.membership_of(_me(), program)
    if found.ambassador.status is MembershipStatus.ONBOARDING:
        return redirect(url_for(".onboarding", program=program), 303)
    coming = paying.pay_days({found.brand.id: found.brand.zone})[found.brand.id]
    return reply("applications/creator/program.html", pay_on=coming.pay_on, **_shown(found))


@blueprint.get("/<program>/onboarding")
@opens_to(CREATOR)
def onboarding(program: str) -> ResponseReturnValue:
    """The agreement, in short and whole, with a box that nobody ticks for her."""
    found = membership_queries.membership_of(_me(), program)
    if not found.must_accept:
        return redirect(url_for(".program", program=program), 303)
    return reply(ONBOARDING, form=AcceptForm(formdata=None), **_shown(found))


@blueprint.post("/<program>/onboarding")
@opens_to(CREATOR)
def accept(program: str) -> ResponseReturnValue:
    """Accept: code and link work from this moment."""
    found, form = membership_queries.membership_of(_me(), program), AcceptForm()
    if not found.must_accept:
        return redirect(url_for(".done", program=program), 303)
    if not form.validate_on_submit():
        return reply(ONBOARDING, status=422, form=form, **_shown(found))
    with unit_of_work():
        commands.accept_agreement(
            found.ambassador.id, request.form.get("agreement", 0, type=int),
            by=person().id, ip=request.remote_addr or "",
        )  # fmt: skip
    return redirect(url_for(".done", program=program), 303)


@blueprint.get("/<program>/done")
@opens_to(CREATOR)
def done(program: str) -> ResponseReturnValue:
    """Code, link and first words to post."""
    found = membership_queries.membership_of(_me(), program)
    if found.must_accept and not found.ambassador.is_active:
        return redirect(url_for(".onboarding", program=program), 303)
    return reply("applications/creator/done.html", **_shown(found))


@blueprint.route("/<program>/leave", methods=["GET", "POST"])
@opens_to(CREATOR)
def leave(program: str) -> ResponseReturnValue:
    """A page that says what ends and what stays; then the end."""
    found = membership_queries.membership_of(_me(), program)
    if request.method == "GET":
        return reply("applications/creator/leave.html", **_shown(found))
    with unit_of_work():
        commands.change_membership(found.ambassador.id, "end", by=person().id, reason="left")
    flash(f"You left {found.program.name}. What you earned stays yours.", "success")
    return redirect(url_for(".programs"), 303)


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]


def _shown(found: Membership) -> dict[str, Any]:
    base = current_app.config["PORTAL"].base_url
    zone = creators.creator(found.ambassador.creator_id).zone
    # Clicks are kept by UTC day: that of the same name as the first of 30 days in her zone.
    since = clock.start_of_day(clock.today(zone) - timedelta(days=29), "UTC")
    address = f"{base}/go/{found.link.slug}" if found.link else ""
    return {
        "membership": found,
        "zone": zone,
        "address": address,
        "rates": _rates(found),
        "beside": _beside(found),
        "clicks": tracking.clicks_of_ambassador(found.ambassador.id, since),
        "captions": rules.captions(
            found.brand.name, found.code.code if found.code else "", address,
            found.program.discount_bp,
        ),
    }  # fmt: skip


def _rates(found: Membership) -> list[str]:
    """The special rates that hold for her, hers and everybody's, each as a sentence; not other
    people's (R12)."""
    codes = [found.code.code] if found.code else []
    facts = program_facts.facts_of(found.terms)
    zone = found.brand.zone
    tiers = beside_queries.tier_names_of(found.program.id)
    return rate_wording.sentences_for(facts, zone, found.ambassador.public_id, codes, tiers)


def _beside(found: Membership) -> list[str]:
    """What the program gives her beside its rates; nothing once she is out of it."""
    member = found.ambassador
    if member.status in OUT:
        return []
    has_joined = member.activated_at is not None
    return beside_queries.sentences_of(member.program_id, has_joined)
