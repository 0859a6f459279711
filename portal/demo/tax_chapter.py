"""Tax forms: most are signed; a few are missing, doubtful, rejected, or lapse soon."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from portal.demo import cast
from portal.demo.joining import Member
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.storage.locks import lock
from portal.storage.unit_of_work import unit_of_work
from portal.tax import commands, entry_commands, queries
from portal.tax import jobs as tax_jobs
from portal.tax.models import Asks, FormKind, TaxForm
from portal.tax.rules import Policy

if TYPE_CHECKING:
    from portal.demo.story import Stage

# Places among the members from the US, Maya first.
DRAFT, MISSING, DOUBTFUL, REJECTED = 9, (3, 6), 4, 5
CITIES = (("Portland", "OR", "97201"), ("Austin", "TX", "78701"), ("Chicago", "IL", "60601"))


def sign_forms(stage: Stage, members: list[Member]) -> None:
    """Lee asks for a form at the threshold, so whoever joins the demo is paid without one; most
    have given theirs within days of joining all the same."""
    with clock.at(min(member.joined_at for member in members)), unit_of_work():
        policy = Policy(asks=Asks.THRESHOLD, is_default=False)
        commands.set_policy(stage.brand.id, policy, by=stage.staff["approver"])
    at_home = [member for member in members if member.persona.country == "US"]
    for place, member in enumerate(at_home):
        with clock.at(_signed_at(stage, member)):
            if place not in MISSING:
                _w9(stage, member, place)
    for place, member in enumerate(one for one in members if one.persona.country != "US"):
        with clock.at(_signed_at(stage, member)):
            _w8ben(member, place)


def tend(stage: Stage, members: list[Member]) -> None:
    """One form from abroad lapses soon; gifts were received: one was worth so much that its
    creator's missing form now stops her payouts, one waits for a word from finance."""
    abroad = [member for member in members if member.persona.country != "US"]
    if abroad:
        _lapse_soon(abroad[0])
    today = clock.today(cast.ZONE)
    at_home = [member for member in members if member.persona.country == "US"]
    owing = at_home[min(MISSING[0], len(at_home) - 1)]
    for place, (member, note, value, is_for_services) in enumerate((
        (members[1 % len(members)], "Hand grinder, with a brief", 14900, True),
        (members[2 % len(members)], "Holiday tin, no obligation", 5400, False),
        (owing, "Espresso machine, with a brief", 2_150_00, True),
    )):  # fmt: skip
        with unit_of_work():
            entry_commands.record_benefit(
                f"gift:demo-{place}", brand_id=stage.brand.id, creator_id=member.creator_id,
                fair_value=Money(value, cast.CURRENCY), received_on=_earlier(today), note=note,
                is_for_services=is_for_services,
            )  # fmt: skip
    tax_jobs.tend_forms()
    worker.drain()


def _signed_at(stage: Stage, member: Member) -> datetime:
    return min(member.joined_at + timedelta(days=1), stage.now)


def _earlier(today: date) -> date:
    return max(today - timedelta(days=12), today.replace(month=1, day=1))


def _w9(stage: Stage, member: Member, place: int) -> None:
    city, region, postcode = CITIES[place % len(CITIES)]
    name = member.persona.name if place != DOUBTFUL else "Bright Kettle Media"
    answers = {
        "name": name, "classification": "individual", "street": f"{100 + place} Roaster Lane",
        "city": city, "region": region, "postcode": postcode, "tin_kind": "ssn",
        "tin": f"{734 + place % 15}-{10 + place % 80}-{1200 + place}",
    }  # fmt: skip
    with unit_of_work():
        form = commands.start_form(member.creator_id, FormKind.W9, by=member.user_id)
        commands.save_draft(form.id, answers)
        if place == DRAFT:
            return
        commands.sign(form.id, name, by=member.user_id)
        if place == REJECTED:
            commands.decide(
                stage.brand.id, form.id, accept=False, by=stage.staff["preparer"],
                reason="The name is cut off. Write it as it stands on your tax return.",
            )  # fmt: skip


def _w8ben(member: Member, place: int) -> None:
    answers = {
        "name": member.persona.name, "citizenship": "CA", "country": member.persona.country,
        "street": f"{200 + place} rue du Port", "city": "Montréal", "postcode": "H2Y 1C6",
        "born_on": f"19{80 + place % 19}-05-{1 + place % 28:02}", "tin": f"{734_100_000 + place}",
    }  # fmt: skip
    with unit_of_work():
        form = commands.start_form(member.creator_id, FormKind.W8BEN, by=member.user_id)
        commands.save_draft(form.id, answers)
        commands.sign(form.id, member.persona.name, by=member.user_id)


def _lapse_soon(member: Member) -> None:
    # As if it had been signed three years ago: the demo's story is only half a year long.
    with unit_of_work():
        found = queries.current_forms([member.creator_id])
        for form in found.values():
            lock(TaxForm, form.id).expires_on = clock.today("UTC") + timedelta(days=39)
