"""Runs that are too large to be calculated while somebody waits."""

from __future__ import annotations

import pytest

from portal.kernel import clock
from portal.payouts import commands, finance_lists, jobs, queries, sample_rules
from portal.payouts.models import RunStatus
from portal.storage.unit_of_work import unit_of_work
from tests.support.payees import Payees
from tests.support.world import World

POLL = {"HX-Request": "true", "HX-Target": "calculating"}


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of three is calculated in the background, two creators at a time."""
    monkeypatch.setattr(finance_lists, "SMALL_RUN", 2)
    monkeypatch.setattr(jobs, "LINES_AT_ONCE", 2)


@pytest.fixture
def three(payees: Payees) -> Payees:
    for name in ("Ada", "Bea", "Cat"):
        payees.owed(name, "40.00 USD")
    payees.owed("Dot", "-5.00 USD")
    return payees


def test_a_new_run_shows_sums_instead_of_looking_at_everybody(three: Payees) -> None:
    clock.pass_days(1)
    page = three.finn.opens("/finance/glow/runs/new?cutoff=2026-03-03")
    page.sees("With a balance", "4 creators", "Owed to them", "$120.00")


def test_the_page_that_waits_becomes_the_runs_own_page(three: Payees, world: World) -> None:
    finn = three.finn.opens("/finance/glow/runs/new").presses("Calculate")
    url = finn.url
    finn.sees("Reading the balances", "You can leave this page.")
    waiting = finn.client.get(url, headers=POLL)
    assert 'hx-get="' in waiting.text
    assert "<h1" not in waiting.text
    world.settle()
    over = finn.client.get(url, headers=POLL)
    assert over.headers["HX-Redirect"].endswith(url.partition("?")[0])
    finn.opens(url).sees("Check and submit", "Considered", "Negative balance")


def test_a_calculation_tells_how_far_it_is(three: Payees, world: World, monkeypatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(jobs, "progress", lambda done, total: told.append((done, total)))
    with unit_of_work():
        run = three_run(three, world)
    world.settle()
    assert told == [(0, 4), (2, 4), (4, 4)]
    assert queries.run(run.id).status is RunStatus.IN_REVIEW


def three_run(payees: Payees, world: World):
    run = commands.draft_run(payees.brand.id, "USD", "Now", clock.now(), by=world.finn.user_id)
    return commands.start_calculation(run.id, by=world.finn.user_id)


def test_what_most_payouts_carry_is_said_once(
    three: Payees, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_rules, "SAMPLE", 2)
    run = three.submitted()
    page = three.faye.opens(f"/finance/glow/runs/{run.public_id}/approve")
    page.sees("Largest", "“First payout” stands on most payouts of this run")
