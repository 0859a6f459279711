"""R143: finance reads its brand's part of the audit trail, and nothing of anybody else's."""

import pytest
from sqlalchemy import insert, text

from portal.audit.commands import ENTRIES, note
from portal.audit.models import AuditEntry
from portal.chain import jobs
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.queries import keeps_budget
from tests.support.world import World

PAGE = "/finance/glow/audit"


@pytest.fixture
def trail(world: World) -> World:
    glow, rival, faye, finn = world.glow.id, world.rival.id, world.faye.user_id, world.finn.user_id
    olga, cy, rae = world.olga.user_id, world.cy.user_id, world.rae.user_id
    with unit_of_work():
        note(faye, "payout-run.approved", 12, brand_id=glow, net="412.40 EUR")
        note(rae, "payout-run.approved", 77, brand_id=rival, net="9.99 EUR")
        note(olga, "user.password-changed", 5)
        note(olga, "tax-rule.entered", 6, secret_figure="none of a brand")
        note(None, "commission.matured", 7, brand_id=glow, reason="=1+1")
        note(finn, "tax-form.viewed", 8, brand_id=glow)
        note(cy, "comment.made", 9, brand_id=glow, what="said to the brand")
        note(olga, "staff-role.granted", cy, brand_id=glow, capability="finance.preparer")
        for number in range(60):
            note(finn, "adjustment.proposed", number, brand_id=glow)
    return world


def test_R143_finance_reads_who_did_what_when_to_which_thing(trail: World):
    page = trail.finn.opens(f"{PAGE}?about=payments").sees("Faye Example", "payout-run 12")
    page.sees("payout run approved", "net: 412.40 EUR", "finance", "1 shown", "Audit trail")
    trail.faye.opens(f"{PAGE}?about=payments").sees("payout-run 12")


def test_R143_a_look_at_a_tax_form_is_told(trail: World):
    trail.faye.opens(f"{PAGE}?about=private").sees("tax form viewed", "Finn Example", "tax-form 8")


def test_what_an_operator_did_here_is_told_with_her_role_and_without_her_address(trail: World):
    team = trail.finn.opens(f"{PAGE}?about=team&actor=olga").sees("Olga Example", "operator")
    team.presses("Export as CSV")
    told = team.response.get_data(as_text=True)
    assert ",Olga Example,operator,,staff-role.granted," in told
    assert "olga@example.com" not in told


def test_another_brands_rows_and_the_operators_never_appear(trail: World):
    for query in ("", "?thing=payout-run+77", "?actor=rae", "?act=password", "?about=policies",
                  "?brand=rival", "?about=nothing-such", "?thing=comment+9"):  # fmt: skip
        seen = trail.finn.opens(PAGE + query)
        seen.does_not_see("payout-run 77", "9.99", "password", "none of a brand", "Rae Example")
        seen.does_not_see("said to the brand")
    trail.finn.opens(f"{PAGE}?actor=example.com").sees("No entry matches")  # names only
    page = trail.finn.opens(PAGE).presses("Export as CSV")
    told = page.response.get_data(as_text=True)
    assert "payout-run,12" in told
    for hidden in ("payout-run,77", "password", "none of a brand", "said to the brand", "rae@"):
        assert hidden not in told
    trail.rae.opens("/finance/rival/audit").sees("payout-run 77").does_not_see("payout-run 12")
    trail.rae.opens(PAGE, status=404)
    trail.mona.opens(PAGE, status=403)
    trail.olga.opens(PAGE, status=404)


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("actor=faye", "payout-run 12", "commission 7"),
        ("actor=the+portal", "commission 7", "payout-run 12"),
        ("thing=payout-run+12", "payout-run 12", "commission 7"),
        ("act=matured", "commission 7", "payout-run 12"),
        ("since=2026-03-03", "No entry matches", "payout-run 12"),
        ("since=2026-03-02&until=2026-03-02&act=matured", "commission 7", "payout-run 12"),
    ],
)
def test_each_filter_narrows(trail: World, query, seen, unseen):
    trail.finn.opens(f"{PAGE}?{query}").sees(seen).does_not_see(unseen)


def test_a_date_that_is_none_gets_a_sentence(trail: World):
    trail.finn.opens(f"{PAGE}?since=soon", status=422).sees("Write a date such as 2026-11-03.")


def test_pages_follow_each_other_and_the_list_comes_alone(trail: World):
    first = trail.finn.opens(f"{PAGE}?act=proposed").sees("adjustment 59", "First 50 of 60")
    first.follows("Next").sees("adjustment 9", "10 more of 60").does_not_see("adjustment 59")
    headers = {"HX-Request": "true", "HX-Target": "list"}
    trail.finn.opens(f"{PAGE}?act=proposed", headers=headers).does_not_see("Last seal")


def test_R149_taking_the_csv_is_an_entry_of_the_brand(trail: World):
    page = trail.finn.opens(f"{PAGE}?act=matured").presses("Export as CSV")
    lines = page.response.get_data(as_text=True).lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    head, line = lines.splitlines()
    assert head == "id,at,actor,role,email,act,object,object_id,facts"
    assert line.endswith("the portal,,,commission.matured,commission,7,reason: =1+1")
    kept = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (kept.act, kept.brand_id) == ("audit-trail.exported", trail.glow.id)
    trail.faye.opens(f"{PAGE}?about=private").sees("audit trail exported", "act matured")


def test_the_seal_stands_beside_the_list(trail: World, tmp_path):
    trail.finn.opens(PAGE).sees("Not verified yet", "nothing yet", "to come")
    for _ in range(3):
        jobs.seal_new(tmp_path)
    jobs.verify(tmp_path)
    clock.pass_days(1)
    page = trail.finn.opens(PAGE).sees("Verified", "Sealed up to", "Head of the chain, batch")
    page.does_not_see("Not verified yet")


def test_the_page_keeps_its_budget(trail: World):
    keeps_budget(trail.finn.browser, PAGE, most=12)
    keeps_budget(trail.finn.browser, f"{PAGE}?actor=faye&about=payments", most=12)


def test_the_list_is_read_by_its_index_among_many_rows(trail: World):
    """Newest first of one brand, 50 rows: by (brand, id), without sorting the brand's rows."""
    rows = [
        {"at": clock.now(), "actor_id": None, "brand_id": brand, "act": "commission.earned",
         "subject_kind": "commission", "subject_id": number, "facts": {}}
        for number in range(3_000) for brand in (trail.glow.id, trail.rival.id)
    ]  # fmt: skip
    with unit_of_work():
        db.session.execute(insert(ENTRIES), rows)
    is_sqlite = db.engine.dialect.name == "sqlite"
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    query = (
        "SELECT * FROM audit_entries WHERE brand_id = :brand AND subject_kind IN "
        "('commission', 'payout-run') AND id < 5000 ORDER BY id DESC LIMIT 51"
    )
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    told = db.session.execute(text(explain + query), {"brand": trail.glow.id}).all()
    plan = " ".join(str(one) for row in told for one in row)
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
    assert "ix_audit_entries_brand_id" in plan or "pk_audit_entries" in plan, plan
