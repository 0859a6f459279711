"""R143: the operator reads the audit trail, narrows it, takes it away, and has it verified."""

import pytest

from portal.audit.commands import note
from portal.audit.models import AuditEntry
from portal.chain import jobs
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.world import World

PAGE = "/operator/audit"


@pytest.fixture
def trail(world: World) -> World:
    glow, rival, faye, finn = world.glow.id, world.rival.id, world.faye.user_id, world.finn.user_id
    with unit_of_work():
        note(faye, "payout-run.approved", 12, brand_id=glow, net="412.40 EUR")
        note(None, "commission.matured", 7, brand_id=rival, reason="=1+1")
        for number in range(60):
            note(finn, "link.paused", number, brand_id=glow)
    return world


def test_R143_who_did_what_when_to_which_thing(trail: World):
    olga = trail.olga.opens(f"{PAGE}?act=approved").sees("Faye Example", "payout-run 12")
    olga.sees("payout run approved", "net: 412.40 EUR", "1 shown").does_not_see("link 3")


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("actor=faye", "payout-run 12", "commission 7"),
        ("actor=the+portal", "commission 7", "payout-run 12"),
        ("thing=payout-run+12", "payout-run 12", "commission 7"),
        ("thing=commission", "commission 7", "payout-run 12"),
        ("brand=rival", "commission 7", "payout-run 12"),
        ("brand=nowhere", "No entry matches", "payout-run 12"),
        ("actor=nobody", "No entry matches", "payout-run 12"),
        ("since=2026-03-03", "No entry matches", "payout-run 12"),
        ("since=2026-03-02&until=2026-03-02&act=matured", "commission 7", "payout-run 12"),
    ],
)
def test_each_filter_narrows(trail: World, query, seen, unseen):
    trail.olga.opens(f"{PAGE}?{query}").sees(seen).does_not_see(unseen)


def test_a_date_that_is_none_gets_a_sentence(trail: World):
    trail.olga.opens(f"{PAGE}?since=soon", status=422).sees("Write a date such as 2026-11-03.")


def test_pages_follow_each_other_and_the_list_comes_alone(trail: World):
    first = trail.olga.opens(f"{PAGE}?act=link").sees("link 59", "First 50 of 60")
    first.follows("Next").sees("link 9", "10 more of 60").does_not_see("link 59")
    headers = {"HX-Request": "true", "HX-Target": "list"}
    trail.olga.opens(f"{PAGE}?act=link", headers=headers).does_not_see("How this is proved")


def test_R149_the_csv_is_harmless_and_taking_it_is_noted(trail: World):
    olga = trail.olga.opens(f"{PAGE}?thing=commission").presses("Export as CSV")
    text = olga.response.get_data(as_text=True)
    lines = text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()
    assert lines[0].startswith("id,at,actor,actor_email,brand,act")
    assert len(lines) == 2
    assert "the portal,,Rival,commission.matured,commission,7,reason: =1+1" in lines[1]
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.act, entry.facts) == (
        "audit-trail.exported",
        {"filters": {"thing": "commission"}},
    )


def test_the_chain_stands_beside_the_list_and_is_verified_on_demand(trail: World, tmp_path):
    olga = trail.olga.opens(PAGE).sees("Not verified yet", "How this is proved")
    olga.presses("Verify now").sees("A worker holds every row against its seal now.")
    trail.settle()
    olga.opens(PAGE).sees("Verified").does_not_see("Not verified yet")
    olga.opens("/operator").sees("Every row is what was sealed.")


def test_a_change_by_hand_is_told_on_both_pages(trail: World, tmp_path):
    from tests.rooms.chain.test_chain import by_hand

    for _ in range(3):
        jobs.seal_new(tmp_path)
    by_hand("UPDATE audit_entries SET actor_id = 1 WHERE act = 'commission.matured'")
    jobs.verify(tmp_path)
    trail.olga.opens(PAGE).sees("Changed", "its content is not what was sealed")
    trail.olga.opens("/operator").sees("Rows are not what was sealed")


def test_only_operators_read_the_trail(trail: World):
    trail.owen.opens(PAGE, status=403)
    trail.owen.browser.posts(f"{PAGE}/verify", status=403)
