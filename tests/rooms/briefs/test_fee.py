"""A completed assignment pays its fee once: through events, jobs and the ledger."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.briefs import queries, submission_commands
from portal.briefs.events import AssignmentCompleted
from portal.briefs.models import Brief
from portal.commissions import jobs as commission_jobs
from portal.commissions import queries as commissions
from portal.commissions import subscribers
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.jobs import commands as work
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import queries as ledger
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import assignments as make
from tests.support.at_once import outcomes
from tests.support.people import a_program
from tests.support.world import World

FEE = Money.of("120.00 USD")


@pytest.fixture
def stage(world: World) -> Any:
    """Ada's version waits for Glow."""
    return _stage(world)


def _stage(world: World, **changes: Any) -> Any:
    world.glow.brief_fee_limit_minor = 50_000
    db.session.commit()
    program = a_program(world.glow)
    ada = make.a_member(program, "Ada")
    brief = make.an_open_brief(program, world.mona.user_id, **changes)
    part = make.an_accepted(brief, ada, world.mona.user_id)
    version = make.a_version(part, world.mona.user_id)
    world.settle()
    return SimpleNamespace(
        world=world, brand=world.glow, ada=ada, part=part, version=version,
        mona=world.mona.user_id, rosa=world.rosa.user_id,
    )  # fmt: skip


def _approve(stage: Any, by: int) -> None:
    with unit_of_work():
        submission_commands.approve_submission(stage.version.id, by=by)


def _fees() -> list[Commission]:
    db.session.expire_all()
    return list(db.session.scalars(select(Commission)))


def _balances(stage: Any) -> Any:
    return ledger.balances_of(stage.brand.id, stage.ada.creator_id, "USD")


def _books_are_right() -> None:
    assert ledger.violations() == []
    assert commissions.violations() == []
    assert queries.violations() == []


def test_an_approved_version_pays_its_fee_at_once_without_a_hold(stage: Any) -> None:
    _approve(stage, stage.mona)
    assert _fees() == []
    stage.world.settle()
    (fee,) = _fees()
    assert (fee.kind, fee.status, fee.amount) == (CommissionKind.FEE, CommissionStatus.PAYABLE, FEE)
    assert fee.assignment_id == stage.part.id
    assert _balances(stage).payable == FEE
    _books_are_right()


def test_a_hold_keeps_the_fee_pending_for_its_days(world: World) -> None:
    stage = _stage(world, fee_hold_days=7)
    _approve(stage, stage.mona)
    world.settle()
    assert (_balances(stage).pending, _balances(stage).payable.minor) == (FEE, 0)
    clock.pass_days(7)
    commission_jobs.mature_due()
    assert _balances(stage).payable == FEE
    _books_are_right()


def test_the_frozen_fee_is_paid_whatever_the_brief_says_by_then(stage: Any) -> None:
    from portal.briefs import commands

    with unit_of_work():
        brief = db.session.get(Brief, stage.part.brief_id)
        commands.edit(brief.id, make.a_text(fee=Money.of("10.00 USD")), by=stage.mona)
    _approve(stage, stage.mona)
    stage.world.settle()
    assert _balances(stage).payable == FEE


def test_approving_twice_is_one_fee(stage: Any) -> None:
    _approve(stage, stage.mona)
    with pytest.raises(Conflict):
        _approve(stage, stage.rosa)
    stage.world.settle()
    with pytest.raises(Conflict):
        _approve(stage, stage.mona)
    stage.world.settle()
    assert len(_fees()) == 1
    assert _balances(stage).payable == FEE
    _books_are_right()


def test_two_reviewers_at_once_are_one_fee(stage: Any) -> None:
    """Each in a thread with a connection of its own; the assignment's lock lets one through."""

    def decides(by: int) -> Callable[[], str]:
        def deed() -> str:
            _approve(stage, by)
            return "approved"

        return deed

    deeds = [decides(by) for by in (stage.mona, stage.rosa)]
    assert outcomes(stage.world.app, deeds) == {"approved": 1, "Conflict": 1}
    stage.world.settle()
    assert len(_fees()) == 1
    assert _balances(stage).payable == FEE
    _books_are_right()


def test_an_event_that_is_delivered_again_is_one_fee(stage: Any) -> None:
    _approve(stage, stage.mona)
    stage.world.settle()
    again = AssignmentCompleted(
        stage.part.id, stage.brand.id, stage.ada.creator_id, stage.ada.id, FEE.minor, "USD", 0
    )
    with unit_of_work():
        subscribers.on_assignment_completed(again)
    with unit_of_work():
        work.announce(again)
        work.announce(again)
    stage.world.settle()
    assert len(_fees()) == 1
    assert _balances(stage).payable == FEE
    _books_are_right()


def _decide_in_the_dark(stage: Any) -> None:
    with unit_of_work():
        submission_commands.approve_submission(stage.version.id, by=stage.mona)
        raise RuntimeError("The lights went out.")


def test_a_decision_that_is_rolled_back_pays_nothing(stage: Any) -> None:
    with pytest.raises(RuntimeError):
        _decide_in_the_dark(stage)
    stage.world.settle()
    assert _fees() == []
    _approve(stage, stage.mona)
    stage.world.settle()
    assert len(_fees()) == 1
