"""A run closes only when the statements of its month are out (UX 2.3, step 8)."""

from __future__ import annotations

import pytest

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.payouts import commands, jobs, queries
from portal.payouts.models import RunStatus
from portal.statements import commands as statements
from portal.statements.run_queries import month_out_by
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World

STILL_OPEN = "October 2026 has ended; its statements come out within the hour, or now"


@pytest.fixture
def ended(payees: Payees, world: World, rail: ScriptedRail):
    """October is paid in the first hours of November; all else is done."""
    with clock.at("2026-10-20T12:00Z"):
        payees.owed("Ada", "40.00 USD")
    with clock.at("2026-11-01T04:00Z"):  # midnight in New York
        run = payees.approved()
        payees.work()
    with clock.at("2026-11-01T06:00Z"):
        jobs.finish_runs({"stripe": rail}, "test")
        with unit_of_work():
            commands.note_exported(run.id, by=world.finn.user_id)
        yield run


def test_a_run_waits_for_the_statements_of_the_month_it_pays(payees, world, ended) -> None:
    with pytest.raises(Conflict, match="Before closing: publish the statements"), unit_of_work():
        commands.close(ended.id, by=world.finn.user_id)
    page = payees.finn.opens(f"/finance/glow/runs/{ended.public_id}/result").sees(STILL_OPEN)
    page.presses("Publish October 2026").sees("The statements of October 2026 are out.")
    assert page.url.endswith(f"/runs/{ended.public_id}/result")
    page.sees("October 2026: 1 statement").presses("Close run")
    assert queries.run(ended.id).status is RunStatus.CLOSED


def test_a_month_that_has_just_ended_says_when_it_comes_out(payees, world, ended) -> None:
    with clock.at("2026-11-01T04:30Z"):
        page = payees.finn.opens(f"/finance/glow/runs/{ended.public_id}/result")
        page.sees("October 2026 comes out 1 Nov, 01:00")
        assert "Publish October 2026" not in page.text


def test_a_run_in_the_middle_of_a_month_waits_for_the_month_before(payees, world) -> None:
    brand = world.glow.id
    assert month_out_by(brand, clock.now()).is_out  # no books, no statements
    with clock.at("2026-09-20T12:00Z"):
        payees.owed("Ada", "40.00 USD")
    with clock.at("2026-11-20T12:00Z"):
        found = month_out_by(brand, clock.now())
        assert (found.words, found.due) == ("October 2026", "September 2026")
        for _ in range(2):
            with unit_of_work():
                statements.publish_next(brand, by=None)
        found = month_out_by(brand, clock.now())
        assert (found.words, found.count, found.is_out) == ("October 2026", 1, True)


def test_another_brands_run_does_not_lead_anywhere(payees, world, ended) -> None:
    rae = world.rae.opens("/finance/rival/statements")
    rae.posts("/finance/rival/statements", {"run": ended.public_id}, status=404)
