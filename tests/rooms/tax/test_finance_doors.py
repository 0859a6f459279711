"""Finance's tax pages: the list, decisions, the number shown whole, the year, its file, the rules."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.kernel import clock
from portal.kernel.money import Money
from portal.proposals import commands as change_commands
from portal.proposals import queries as proposals
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax import entry_commands, queries
from portal.tax.models import Asks, FormState, OnMissing
from tests.support.browser import Browser
from tests.support.queries import keeps_budget
from tests.support.tax import SSN

HERE = "/finance/glow/tax"


@pytest.fixture
def ada(payees):
    return payees.owed("Ada", "2500.00 USD")


@pytest.fixture
def page(ada):
    return f"{HERE}/creators/{ada.public_id}"


def views():
    end_read()
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "tax-form.viewed"))
    return len(found.all())


def proven(browser, monkeypatch):
    """As if she had just proved herself again."""
    monkeypatch.setattr("portal.identity.sign_in.has_stepped_up", lambda *_, **__: True)
    return browser


def paid(payees, creator, amount, source="x"):
    with unit_of_work():
        entry_commands.record_payments([entry_commands.Paid(
            source, brand_id=payees.brand.id, creator_id=creator.id, amount=Money.of(amount),
            withheld=Money.of("0.00 USD"), rail="stripe", at=clock.now(),
        )])  # fmt: skip


def test_the_list_and_its_reminders(world, payees, ada, papers):
    papers.w9(payees.owed("Bea", "10.00 USD"))
    finn = world.finn.opens(HERE).sees("Tax forms", "Ada", "Bea", "••4399", "Needed", "Accepted")
    finn.does_not_see(SSN)
    finn.opens(f"{HERE}?state=needed").sees("Ada").does_not_see("Bea")
    finn.opens(f"{HERE}?q=bea").sees("Bea").does_not_see("@ada")
    finn.opens(HERE).presses("Remind 1").sees("Asked by mail: 1.")
    finn.opens(f"{HERE}?state=nonsense").sees("Ada", "Bea")
    finn.opens(f"{HERE}?q=zzz").sees("No creator matches")
    finn.opens(f"{HERE}?state=expired").sees("Nobody in this view")


def test_a_doubtful_form_is_accepted_or_rejected_with_a_reason(world, ada, page, papers):
    papers.w9(ada, name="Mallory Miller")
    finn = world.finn.opens(page).sees("Checking", "$2,500.00 waits.", "not the one of the creator")
    finn.presses("Reject form", status=422).sees("Write what is wrong")
    finn.fills("What is wrong", "Use your own name.").presses("Reject form").sees("Rejected")
    assert papers.state(ada) is FormState.REJECTED
    finn.opens(page).presses("Accept").sees("Accepted. The next run pays").does_not_see("waits.")
    assert papers.state(ada) is FormState.ACCEPTED


def test_R103_a_form_is_shown_whole_only_after_a_fresh_proof_and_each_time_is_noted(
    world, ada, page, papers, monkeypatch
):
    papers.w9(ada)
    finn = world.finn.opens(page).sees("••4399").does_not_see(SSN, "1 Main St")
    finn.presses("Show it whole").does_not_see(SSN)
    assert views() == 0
    finn = proven(finn, monkeypatch)
    for count in (1, 2):
        finn.opens(page).presses("Show it whole").sees(SSN, "1 Main St", "audit trail")
        assert finn.response.headers["Cache-Control"] == "no-store"
        assert views() == count
    finn.opens(page).does_not_see(SSN)


def test_R104_the_file_of_a_year(world, payees, ada, papers, monkeypatch):
    papers.w9(ada, street="=1+1")
    paid(payees, ada, "2000.00 USD")
    finn = world.finn.opens(f"{HERE}/2026").sees("Tax year 2026", "To report", "Ada", "$2,000.00")
    finn.presses("Download CSV")
    file = finn.response.get_data(as_text=True)
    assert "••4399" in file
    assert "536904399" not in file
    assert "'=1+1" in file  # R149
    finn.opens(f"{HERE}/2026").sees("Files made", "1 row")
    asked = {"kind": "nec", "numbers": "whole"}
    finn.posts(f"{HERE}/2026/export", asked).does_not_see("536904399")
    proven(finn, monkeypatch).opens(f"{HERE}/2026")
    finn.posts(f"{HERE}/2026/export", asked)
    assert "536904399" in finn.response.get_data(as_text=True)


def test_the_views_of_a_year(world, payees, ada):
    paid(payees, ada, "1700.00 USD")
    finn = world.finn.opens(f"{HERE}/2026").sees("Nobody to report yet")
    finn.opens(f"{HERE}/2026?view=near").sees("Ada", "$1,700.00")
    finn.opens(f"{HERE}/2026?view=review").sees("Nobody in this view")
    finn.opens(f"{HERE}/2031", status=409).sees("There is nothing to show for 2031.")


def test_R100_a_gift_is_decided_on_her_page(world, payees, ada, page):
    with unit_of_work():
        entry_commands.record_benefit(
            "gift:1", brand_id=payees.brand.id, creator_id=ada.id,
            fair_value=Money.of("499.00 USD"), received_on=clock.today("UTC"), note="A lens",
            is_for_services=False,
        )  # fmt: skip
    finn = world.finn.opens(page).sees("A lens", "To look at")
    finn.presses("Counts").sees("It counts toward the year.", "Yes")
    end_read()
    entry = queries.entries_of(payees.brand.id, ada.id, 2026)[0]
    finn.posts(f"{page}/entries", {"entry": str(entry.id), "counts": "no"}, status=409)
    finn.posts(f"{page}/entries", {"entry": "999999", "counts": "no"}, status=404)


def test_rules_change_by_two_people(world, payees, papers):
    finn = world.finn.opens(f"{HERE}/rules").sees("Tax rules", "$600.00", "$2,000.00", "24%")
    finn.sees("nobody has confirmed them yet")
    finn.posts(f"{HERE}/rules/policy", {"asks": "sometimes"}, status=422)
    finn.posts(f"{HERE}/rules/policy", {"asks": "always", "on_missing": "withhold"})
    figure = {"kind": "w9", "from_on": "2027-01-01", "threshold": "2150", "rate": "24"}
    finn.posts(f"{HERE}/rules/figures", figure, status=422).sees("whole hundreds")
    finn.posts(f"{HERE}/rules/figures", {"kind": "w9"}, status=422).sees("Write the amount.")
    finn.posts(f"{HERE}/rules/figures", {**figure, "threshold": "2100"})
    finn.opens(f"{HERE}/rules").sees("$2,000.00", "$2,100.00", "Before the first payment")
    end_read()
    assert queries.policy_of(payees.brand.id).is_default
    with unit_of_work():
        for one in proposals.open_of(payees.brand.id):
            change_commands.confirm(one.proposal.id, by=payees.faye.user_id)
    policy = queries.policy_of(payees.brand.id)
    assert (policy.asks, policy.on_missing) == (Asks.ALWAYS, OnMissing.WITHHOLD)
    finn.opens(f"{HERE}/rules").sees("$2,100").does_not_see("nobody has confirmed")
    finn.posts(f"{HERE}/rules/policy", {"asks": "always", "on_missing": "withhold"}, status=422)
    finn.sees("in force already")
    with clock.at("2027-02-01T09:00Z"):
        world.faye.opens(HERE).does_not_see("No threshold was entered")
        rae = world.rae
        rae.opens("/finance/rival/tax").sees("No threshold was entered for 2027.")


def test_R105_the_dac7_file_is_there_for_a_platform_only(world, payees, papers):
    finn = world.finn.opens(f"{HERE}/2026").sees("Off: a brand that pays its own creators")
    papers.policy(asks=Asks.NEVER, dac7_operator=True)
    finn.opens(f"{HERE}/2026").presses("Download DAC7 CSV")
    assert "q4_amount" in finn.response.get_data(as_text=True)


def test_other_tenants_and_other_roles_see_nothing(world, payees, ada, page, papers):
    form = papers.w9(ada)
    world.rae.opens(HERE, status=404)
    world.rae.opens(f"/finance/rival/tax/creators/{ada.public_id}", status=404)
    world.rae.opens("/finance/rival/tax").does_not_see("Ada")
    rival = f"/finance/rival/tax/creators/{ada.public_id}/forms/{form.public_id}"
    for act in ("accept", "reject", "whole"):
        world.rae.browser.posts(f"{rival}/{act}", {"reason": "Mine."}, status=404)
    for member in (world.mona, world.owen):
        member.opens(HERE, status=403)
        member.opens(page, status=403)
    world.signed_in("ada@example.com").opens(HERE, status=404)
    Browser(world.app).opens(HERE).sees("Sign in")
    stranger = payees.creator("Zed", account="")
    world.finn.opens(f"{HERE}/creators/{stranger.public_id}", status=404)
    eve = papers.w9(payees.owed("Eve", "5.00 USD"))
    world.finn.browser.posts(f"{page}/forms/{eve.public_id}/whole", status=404)


def test_lists_keep_their_budget(world, payees, papers):
    for number in range(8):
        papers.w9(payees.owed(f"P{number}", "2500.00 USD", account=""), tin=SSN)
    keeps_budget(world.finn.browser, HERE, most=12)
    keeps_budget(world.finn.browser, f"{HERE}/2026?view=all", most=12)


def test_R97_the_operator_enters_figures_for_every_payer(world, payees):
    olga = world.olga.opens("/operator/tax").sees("Tax figures", "Shipped with Vouch", "$600.00")
    figure = {"kind": "w9", "from_on": "2027-01-01", "threshold": "2150", "rate": "24"}
    olga.posts("/operator/tax", figure, status=422).sees("whole hundreds")
    olga.posts("/operator/tax", {**figure, "threshold": "2100"}).sees("Entered.", "The operator")
    olga.posts("/operator/tax", {**figure, "kind": "dac7", "threshold": "5"}).sees("€5.00")
    with clock.at("2027-02-01T09:00Z"):
        world.finn.opens(HERE).sees("$2,100.00 in 2027").does_not_see("No threshold was entered")
    world.finn.opens("/operator/tax", status=403)
