"""The clock of briefs: approved unless reviewed, late deliveries, and work that is called off."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.briefs import assignment_commands, jobs, rules
from portal.briefs.models import AssignmentStatus, SubmissionStatus
from portal.commissions import queries as commissions
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import queries as ledger
from tests.support import assignments as make


@pytest.fixture
def working(stage):
    """Ada at work on a brief with these options."""

    def begin(**options):
        brief = make.an_open_brief(stage.program, stage.mona, **options)
        return make.an_accepted(brief, stage.ada, stage.ada_user)

    return begin


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ("2026-03-02T15:00", "2026-03-05T15:00"),  # Monday → Thursday
        ("2026-03-05T15:00", "2026-03-10T14:00"),  # over a weekend, and summer time begins
        ("2026-03-07T15:00", "2026-03-11T14:00"),  # sent on a Saturday
    ],
)
def test_R116_three_business_days_at_the_same_time_of_day(sent, due):
    at, until = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (sent, due))
    assert rules.approves_itself_at(at, "America/New_York") == until


def test_R116_what_nobody_reviews_is_approved_and_logged_as_such(stage, working):
    sent = make.a_version(working(auto_approves=True), stage.ada_user)
    clock.pass_time(timedelta(days=2, hours=23))
    jobs.tend_briefs()
    assert make.fresh(sent).status is SubmissionStatus.IN_REVIEW
    clock.pass_time(timedelta(hours=2))
    jobs.tend_briefs()
    worker.drain()
    found = make.fresh(sent)
    assert (found.status, found.decided_by) == (SubmissionStatus.APPROVED, None)
    assert found.override_reason == rules.UNREVIEWED
    assert str(commissions.of_assignment(found.assignment_id).amount) == "120.00 USD"


@pytest.mark.parametrize(
    ("options", "caption"),
    [({}, make.GOOD_CAPTION), ({"auto_approves": True}, make.BARE_CAPTION)],
)
def test_R116_off_by_default_and_never_without_a_disclosure(stage, working, options, caption):
    sent = make.a_version(working(**options), stage.ada_user, caption=caption)
    clock.pass_days(9)
    jobs.tend_briefs()
    assert make.fresh(sent).status is SubmissionStatus.IN_REVIEW


def test_R118_a_late_delivery_moves_the_due_day_and_an_early_one_does_not(stage, working):
    part = working(delivery_days=10)
    planned = part.due_on  # 2026-03-16
    make.do(assignment_commands.note_delivery, part.id, date(2026, 3, 2), by=stage.mona)
    assert make.fresh(part).due_on == planned
    clock.pass_days(8)
    make.do(assignment_commands.note_delivery, part.id, date(2026, 3, 10), by=stage.mona)
    found = make.fresh(part)
    assert (found.due_on, found.delivered_on) == (date(2026, 3, 20), date(2026, 3, 10))
    with pytest.raises(InvalidInput, match="ahead"):
        make.do(assignment_commands.note_delivery, part.id, date(2026, 3, 11), by=stage.mona)


def test_R118_nothing_is_missed_while_the_product_is_under_way(stage, working):
    part = working(delivery_days=5)
    clock.pass_days(30)
    jobs.tend_briefs()
    assert make.fresh(part).status is AssignmentStatus.ACCEPTED
    other = working()
    with pytest.raises(Conflict, match="no delivery"):
        make.do(assignment_commands.note_delivery, other.id, date(2026, 3, 2), by=stage.mona)


def test_R119_called_off_before_it_is_live_pays_the_part_that_was_agreed(stage, working):
    part = working(kill_fee_bp=2_500)
    owed = make.do(assignment_commands.cancel, part.id, "The launch moved.", by=stage.mona)
    worker.drain()
    assert owed == Money.of("30.00 USD")
    assert make.fresh(part).status is AssignmentStatus.CANCELLED
    assert str(commissions.of_assignment(part.id).amount) == "30.00 USD"
    assert ledger.violations() == commissions.violations() == []
    with pytest.raises(Conflict, match="no longer possible"):
        make.do(assignment_commands.cancel, part.id, "Again.", by=stage.mona)


def test_R119_a_live_post_is_paid_whole_and_none_agreed_pays_nothing(stage, working):
    live = working(kill_fee_bp=2_500)
    sent = make.a_version(live, stage.ada_user)
    assert make.do(assignment_commands.cancel, live.id, "No.", by=stage.mona) == live.fee
    assert make.fresh(sent).status is SubmissionStatus.WITHDRAWN
    bare = working()
    assert not make.do(assignment_commands.cancel, bare.id, "No.", by=stage.mona)
    worker.drain()
    assert commissions.of_assignment(bare.id) is None
    with pytest.raises(InvalidInput, match="Tell the creator why"):
        make.do(assignment_commands.cancel, bare.id, " ", by=stage.mona)


def test_the_page_of_a_part_notes_the_delivery_and_calls_it_off(stage, working):
    part = working(kill_fee_bp=5_000, delivery_days=3, auto_approves=True)
    page = f"/brand/glow/briefs/assignments/{part.public_id}"
    mona = stage.world.mona.opens(page).sees("50% of the fee", "under way", "$60.00")
    mona.presses("Save day", status=422).sees("Choose the day")
    mona.fills("Delivered on", "2026-03-02").presses("Save day").sees("Noted.", "came 2 Mar")
    ada = stage.world.signed_in("ada@example.com")
    ada.opens(f"/creator/briefs/{part.public_id}").sees("If Glow cancels", "three business days")
    mona.opens(page).presses("Cancel this work", status=422).sees("Tell the creator why")
    mona.fills("Why", "The launch moved.").presses("Cancel this work").sees("$60.00 is paid for it")
    worker.drain()
    ada.opens("/creator/earnings").sees("$60.00")
    stage.world.rae.opens(page, status=404)
    stage.world.rosa.opens(page, status=403)
