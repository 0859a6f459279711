"""R95: what a brief promises and spends never exceeds its budget."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from portal import doctor
from portal.ambassadors import commands as ambassadors
from portal.briefs import assignment_commands, budget_commands, budget_queries, commands, jobs
from portal.briefs.budget_rules import Budget, check_offers, shortfall
from portal.briefs.models import Assignment, AssignmentStatus, Brief, BriefStatus, RejectReason
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import assignments as make
from tests.support.assignments import do
from tests.support.at_once import outcomes

FEE = Money.of("300.00 USD")


def usd(amount: str) -> Money:
    return Money.of(f"{amount} USD")


def a_budgeted(stage: Any, budget: str, **text: Any) -> Brief:
    """A brief that awaits its approval, at 300.00 each."""
    brief = make.a_draft_brief(stage.program, stage.mona, **{"fee": FEE, **text})
    do(budget_commands.set_budget, brief.id, usd(budget), by=stage.mona)
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    return brief


def an_open(stage: Any, budget: str, **text: Any) -> Brief:
    brief = a_budgeted(stage, budget, **text)
    return do(commands.approve_brief, brief.id, by=stage.mona)


def now(brief: Brief) -> Budget:
    return budget_queries.standing(make.fresh(brief))


def figures(brief: Brief) -> tuple[str, str, str]:
    found = now(brief)
    return str(found.promised), str(found.spent), str(found.left)


# ---- the rule


def test_R95_what_is_out_and_what_is_new_may_fill_the_budget_but_not_exceed_it():
    at_five = Budget(usd("2000.00"), FEE, work=usd("1500.00"), spent=usd("0.00"))
    check_offers(at_five, 1)  # 1,800.00 of 2,000.00
    at_six = Budget(usd("2000.00"), FEE, work=usd("1500.00"), spent=usd("0.00"), offers=1)
    with pytest.raises(Conflict, match=r"Budget \$2,000\.00: \$1,800\.00 promised"):
        check_offers(at_six, 1)
    exact = Budget(usd("2000.00"), usd("100.00"), work=usd("1750.00"), spent=usd("150.00"))
    assert shortfall(exact, 1) == ""
    over = Budget(usd("2000.00"), usd("100.00"), work=usd("1800.00"), spent=usd("150.00"))
    assert shortfall(over, 1) == (
        "Budget $2,000.00: $1,800.00 promised, $150.00 spent; this offer needs "
        "$100.00. Raise the budget, or offer fewer places."
    )


def test_R95_offers_reserve_no_more_fees_than_there_are_places():
    found = Budget(usd("2000.00"), FEE, usd("0.00"), usd("0.00"), offers=0, places=6)
    check_offers(found, 40)
    assert "these 40 offers need $12,000.00" in shortfall(
        Budget(usd("2000.00"), FEE, usd("0.00"), usd("0.00")), 40
    )


# ---- the way of an offer


def test_R95_a_brief_whose_offers_do_not_fit_is_not_sent(stage):
    make.a_member(stage.program, "Ben")
    brief = a_budgeted(stage, "599.99")
    with pytest.raises(Conflict, match=r"these 2 offers need \$600\.00"):
        do(commands.approve_brief, brief.id, by=stage.mona)
    assert make.fresh(brief).status is BriefStatus.AWAITING_APPROVAL
    do(budget_commands.set_budget, brief.id, usd("600.00"), by=stage.mona)
    do(commands.approve_brief, brief.id, by=stage.mona)
    assert figures(brief) == ("600.00 USD", "0.00 USD", "0.00 USD")


def test_R95_the_seventh_is_refused_and_a_newcomer_is_not_asked(stage):
    for name in ("Ben", "Cy", "Dee", "Eve", "Fay"):
        make.a_member(stage.program, name)
    brief = an_open(stage, "2000.00")
    worker.drain()
    late = make.a_member(stage.program, "Gus")
    worker.drain()
    with pytest.raises(Conflict, match=r"\$1,800.00 promised.*this offer needs \$300.00"):
        do(commands.invite, brief.id, [late.id], by=stage.mona)
    do(budget_commands.set_budget, brief.id, usd("2100.00"), by=stage.mona)
    assert do(commands.invite, brief.id, [late.id], by=stage.mona) == 1
    assert now(brief).left == usd("0.00")


def test_R95_a_fee_is_reserved_until_it_is_spent_or_free_again(stage):
    ben = make.a_member(stage.program, "Ben")
    cy = make.a_member(stage.program, "Cy")
    brief = an_open(stage, "900.00", kill_fee_bp=5_000)
    assert figures(brief) == ("900.00 USD", "0.00 USD", "0.00 USD")
    part = make.an_accepted(brief, stage.ada, stage.ada_user)
    other = make.an_accepted(brief, ben, make.user_of(ben.creator_id))
    do(commands.decline, make.assignment_of(brief, cy).id, by=make.user_of(cy.creator_id))
    assert figures(brief) == ("600.00 USD", "0.00 USD", "300.00 USD")
    sent = make.a_version(part, stage.ada_user)
    do(make.submission_commands.approve_submission, sent.id, by=stage.mona)
    assert figures(brief) == ("300.00 USD", "300.00 USD", "300.00 USD")
    do(assignment_commands.cancel, other.id, "The launch moved.", by=stage.mona)
    assert figures(brief) == ("0.00 USD", "450.00 USD", "450.00 USD")
    worker.drain()
    assert (commissions.violations(), budget_queries.violations()) == ([], [])


def test_R95_what_expires_is_missed_or_rejected_is_free_again(stage):
    ben = make.a_member(stage.program, "Ben")
    cy = make.a_member(stage.program, "Cy")
    brief = an_open(stage, "900.00")
    first = make.an_accepted(brief, stage.ada, stage.ada_user).id
    part = make.an_accepted(brief, ben, make.user_of(ben.creator_id))
    sent = make.a_version(part, make.user_of(ben.creator_id))
    do(
        make.submission_commands.reject,
        sent.id,
        reason=RejectReason.QUALITY,
        note="Too dark.",
        by=stage.mona,
    )
    assert now(brief).promised == usd("600.00")
    do(ambassadors.end, cy.id, by=stage.mona, reason="left")
    worker.drain()
    assert now(brief).promised == usd("300.00")
    clock.pass_days(20)
    jobs.tend_briefs()
    assert db.session.get_one(Assignment, first).status is AssignmentStatus.MISSED
    assert figures(brief) == ("0.00 USD", "0.00 USD", "900.00 USD")


def test_R95_a_place_that_came_back_is_accepted_only_while_the_budget_covers_it(stage):
    ben = make.a_member(stage.program, "Ben")
    brief = an_open(stage, "300.00", capacity=1, kill_fee_bp=5_000)
    assert now(brief).promised == FEE
    part = make.an_accepted(brief, stage.ada, stage.ada_user)
    do(assignment_commands.cancel, part.id, "The launch moved.", by=stage.mona)
    assert figures(brief) == ("0.00 USD", "150.00 USD", "150.00 USD")
    with pytest.raises(Conflict, match="used up"):
        make.an_accepted(brief, ben, make.user_of(ben.creator_id))
    do(budget_commands.set_budget, brief.id, usd("450.00"), by=stage.mona)
    make.an_accepted(brief, ben, make.user_of(ben.creator_id))
    assert figures(brief) == ("300.00 USD", "150.00 USD", "0.00 USD")


def test_R95_a_raised_fee_has_to_fit_for_offers_and_for_accepted_work(stage):
    brief = an_open(stage, "350.00")
    with pytest.raises(InvalidInput, match=r"needs \$60.00 more"):
        do(commands.edit, brief.id, make.a_text(fee=usd("360.00")), by=stage.mona)
    part = make.an_accepted(brief, stage.ada, stage.ada_user)
    do(commands.edit, brief.id, make.a_text(fee=usd("360.00")), by=stage.mona)
    with pytest.raises(Conflict, match=r"this needs \$60.00"):
        do(commands.accept_new_version, part.id, version=2, by=stage.ada_user)
    do(budget_commands.set_budget, brief.id, usd("360.00"), by=stage.mona)
    do(commands.accept_new_version, part.id, version=2, by=stage.ada_user)
    assert now(brief).left == usd("0.00")


def test_R95_a_scheduled_brief_waits_until_its_budget_reaches(stage):
    brief = a_budgeted(stage, "300.00")
    start = clock.now() + timedelta(days=1)
    do(commands.approve_brief, brief.id, by=stage.mona, starts_at=start)
    make.a_member(stage.program, "Ben")
    clock.pass_days(2)
    jobs.tend_briefs()
    assert make.fresh(brief).status is BriefStatus.SCHEDULED
    do(budget_commands.set_budget, brief.id, usd("600.00"), by=stage.mona)
    jobs.tend_briefs()
    assert make.fresh(brief).status is BriefStatus.OPEN


# ---- the budget itself


def test_R95_a_budget_is_raised_and_never_lowered_under_what_is_promised(stage):
    brief = an_open(stage, "1000.00")
    for refused in ("299.99", "0.00"):
        with pytest.raises(InvalidInput):
            do(budget_commands.set_budget, brief.id, usd(refused), by=stage.mona)
    do(budget_commands.set_budget, brief.id, usd("300.00"), by=stage.mona)
    do(budget_commands.set_budget, brief.id, None, by=stage.mona)
    assert now(brief).left is None
    assert make.acts().count("brief.budget-set") == 3


def test_R95_what_finance_takes_back_is_not_spent_any_more(stage):
    brief = an_open(stage, "300.00")
    part = make.an_accepted(brief, stage.ada, stage.ada_user)
    sent = make.a_version(part, stage.ada_user)
    do(make.submission_commands.approve_submission, sent.id, by=stage.mona)
    worker.drain()
    fee = commissions.of_assignment(part.id)
    do(earnings.hold, fee.id, "Looking into it.", by=stage.mona)
    do(earnings.void, fee.id, "The post was deleted.", by=stage.mona)
    assert figures(brief) == ("0.00 USD", "0.00 USD", "300.00 USD")
    assert (commissions.violations(), budget_queries.violations()) == ([], [])


def test_R95_an_award_beside_it_has_to_fit(stage):
    brief = an_open(stage, "400.00")
    make.an_accepted(brief, stage.ada, stage.ada_user)
    clock.pass_days(20)
    jobs.tend_briefs()
    part = make.assignment_of(brief, stage.ada)
    with pytest.raises(Conflict, match=r"this needs \$400\.01"):
        do(budget_commands.owe, part.id, usd("400.01"))
    do(budget_commands.owe, part.id, FEE)
    do(budget_commands.owe, part.id, FEE)
    assert now(brief).spent == FEE


def test_R95_the_doctor_sees_what_exceeds_a_budget(stage):
    brief = an_open(stage, "300.00")
    part = make.an_accepted(brief, stage.ada, stage.ada_user)
    assert ("budgets: briefs promise and spend no more than theirs",
            budget_queries.violations) in doctor.CHECKS  # fmt: skip
    with unit_of_work():
        make.fresh(brief).budget_minor = 29_999
        db.session.get_one(type(part), part.id).owed_minor = 1
    said = " ".join(budget_queries.violations())
    assert "budget of $299.99, but promised and spent $300.01" in said
    assert "owes money while it goes on" in said


def test_R95_two_offers_at_once_get_one_fee_between_them(stage, app):
    brief = an_open(stage, "600.00")
    members = [make.a_member(stage.program, name) for name in ("Ben", "Cy")]
    brief_id, mona = brief.id, stage.mona
    offers = [partial(do, commands.invite, brief_id, [member.id], by=mona) for member in members]
    assert outcomes(app, offers) == {"1": 1, "Conflict": 1}
    assert budget_queries.standing(db.session.get_one(Brief, brief_id)).left == usd("0.00")


# ---- its pages


def test_the_budget_on_the_pages_of_a_brief(stage):
    mona, brief = stage.world.mona, a_budgeted(stage, "299.00")
    own = f"/brand/glow/briefs/{brief.public_id}"
    mona.opens(f"{own}/approve").sees("The budget does not reach", "this offer needs $300.00")
    page = mona.opens(f"{own}/budget").fills("Budget", "2,000").presses("Save the budget")
    page.sees("The budget is saved", "Left of $2,000.00", "$2,000.00")
    mona.opens(f"{own}/approve").presses("Approve, at most $300.00")
    mona.opens(own).sees("Promised", "$300.00", "$1,700.00")
    page = mona.opens(f"{own}/budget").fills("Budget", "299")
    page.presses("Save the budget", status=422).sees(
        "$300.00 are promised", "Write at least $300.00"
    )
    mona.opens("/brand/glow/briefs").sees("$2,000.00")
    stage.world.rae.opens(f"{own}/budget", status=404)
    stage.world.rosa.opens(f"{own}/budget", status=403)
