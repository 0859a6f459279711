"""Applications from the first word to the decision and back, in a real database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.ambassadors import queries as memberships
from portal.ambassadors.models import MembershipStatus
from portal.applications import commands, queries
from portal.applications.models import Application, ApplicationStatus, DeclineReason
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.jobs.models import Job, JobState
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.pages import PageRequest
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from portal.tracking.models import CodeStatus, LinkStatus
from tests.support.people import a_draft, an_ambassador, an_application

APPROVED, DECLINED = ApplicationStatus.APPROVED, ApplicationStatus.DECLINED


@pytest.fixture
def ben(program):
    return an_application(program, "Ben")


def decide(application, outcome=APPROVED, **more):
    more = {"by": None, "undo_seconds": 300, **more}
    with unit_of_work():
        return commands.decide(application.id, outcome, **more)


def undo(application):
    with unit_of_work():
        return commands.undo(application.id, by=None)


def begun(program, **changes):
    token = codes.secret()
    with unit_of_work():
        return commands.save_draft(program.id, a_draft(**changes), token=token), token


def jobs(application, state):
    query = select(func.count()).where(
        Job.dedupe.startswith(f"application:{application.id}:"), Job.state == state
    )
    return db.session.scalar(query)


# ---- writing it
def test_a_draft_is_kept_for_whoever_holds_its_token(program):
    draft, token = begun(program, name="Be")
    with unit_of_work():
        again = commands.save_draft(program.id, a_draft(name="Ben"), token=token)
    assert again.id == draft.id
    assert queries.by_token(program.id, token).name == "Ben"
    assert queries.by_token(program.id, "guess") is None
    assert queries.by_token(program.id, "") is None
    assert token not in str(draft.draft_token)


def test_sending_it_makes_the_account_and_the_creator(program):
    draft, _ = begun(program)
    with unit_of_work():
        sent = commands.submit(draft.id, email="Ben@Example.com")
    creator = creators.creator(sent.creator_id)
    assert identity.user_by_email("ben@example.com").id == creator.user_id
    assert (creator.country, creator.is_adult) == ("US", True)
    assert [one.handle for one in creators.channels_of(creator.id)] == ["ben.brews"]
    assert (sent.status, sent.submitted_at) == (ApplicationStatus.SUBMITTED, clock.now())
    assert (sent.meets_criteria, sent.engagement_bp, sent.fit_score) == (True, 740, 83)
    assert sent.draft_token is None


def test_sending_twice_is_sending_once(program):
    draft, _ = begun(program)
    with unit_of_work():
        first = commands.submit(draft.id, email="ben@example.com")
        assert commands.submit(draft.id, email="ben@example.com").id == first.id
    other, _ = begun(program)
    with unit_of_work():
        assert commands.submit(other.id, email="ben@example.com").id == first.id
    assert queries.counts(program.brand_id)["all"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"country": "DE"}, "country"),
        ({"is_adult": False}, "is_adult"),
        ({"channels": ()}, "channels"),
        ({"has_consented": False}, "has_consented"),
    ],
)
def test_what_is_missing_or_forbidden_is_named(program, changes, field):
    draft, _ = begun(program, **changes)
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        commands.submit(draft.id, email="ben@example.com")
    assert refused.value.field == field
    assert identity.user_by_email("ben@example.com") is None


def test_below_the_minimum_somebody_may_apply_and_is_marked(program):
    channel = a_draft().channels[0]
    small = type(channel)("instagram", "ben", "", 900, 20, 1)
    sent = an_application(program, "Ben", channels=(small,))
    assert not sent.meets_criteria
    assert queries.counts(program.brand_id) == {
        "new": 1, "meets": 0, "info": 0, "shortlisted": 0, "approved": 0, "declined": 0,
        "expired": 0, "all": 1,
    }  # fmt: skip


def test_a_closed_program_takes_nobody(program):
    draft, _ = begun(program)
    with unit_of_work():
        programs.close_applications(program.id, by=None)
    with pytest.raises(Conflict, match="does not take applications"), unit_of_work():
        commands.submit(draft.id, email="ben@example.com")
    with pytest.raises(Conflict, match="does not take applications"):
        begun(program)


def test_a_member_does_not_apply_again(program):
    an_ambassador(program, "Ada")
    draft, _ = begun(program)
    with pytest.raises(Conflict, match="in this program already"), unit_of_work():
        commands.submit(draft.id, email="ada@example.com")


# ---- deciding
def test_approval_enrols_and_reserves_together(ben):
    decide(ben)
    member = memberships.ambassador(ben.ambassador_id)
    code, link = tracking.codes_of_ambassador(member.id)[0], tracking.links_of(member.id)[0]
    assert member.status is MembershipStatus.ONBOARDING
    assert (code.code, code.status, code.discount_bp) == ("BEN15", CodeStatus.RESERVED, 1_500)
    assert link.status is LinkStatus.RESERVED
    assert ben.undo_until == clock.now() + timedelta(seconds=300)


def test_a_code_that_cannot_be_had_leaves_nothing_behind(program, ben):
    an_ambassador(program, "Ada", code="TAKEN")
    with pytest.raises(InvalidInput):
        decide(ben, wanted_code="taken")
    db.session.expire_all()
    assert queries.application(ben.id).is_open
    assert memberships.of_program(program.id, ben.creator_id) is None


def test_a_wanted_code_is_given(ben):
    decide(ben, wanted_code="brewswithben")
    assert tracking.codes_of_ambassador(ben.ambassador_id)[0].code == "BREWSWITHBEN"


def test_a_decision_is_made_once_and_the_late_one_learns_it(world, ben):
    mona = world.mona
    decide(ben, by=mona.user_id)
    with pytest.raises(Conflict, match="Mona Example has already approved this application"):
        decide(ben, DECLINED, reason=DeclineReason.OTHER)
    assert ben.status is APPROVED


def test_a_decline_needs_a_reason_and_says_when_to_come_back(ben):
    with pytest.raises(InvalidInput, match="the creator sees it"):
        decide(ben, DECLINED)
    db.session.expire_all()
    decide(ben, DECLINED, note=" Sorry ", reason=DeclineReason.COUNTRY, reapply="90")
    assert (ben.reason, ben.note) == (DeclineReason.COUNTRY, "Sorry")
    assert ben.reapply_after == clock.now() + timedelta(days=90)


@pytest.mark.parametrize(("choice", "may"), [("now", True), ("never", False)])
def test_coming_back_at_once_or_never(program, ben, choice, may):
    decide(ben, DECLINED, reason=DeclineReason.OTHER, reapply=choice)
    draft, _ = begun(program)
    if may:
        with unit_of_work():
            assert commands.submit(draft.id, email="ben@example.com").id == draft.id
    else:
        with pytest.raises(Conflict, match="for good"), unit_of_work():
            commands.submit(draft.id, email="ben@example.com")


def test_somebody_declined_waits_until_the_very_day(program, ben):
    decide(ben, DECLINED, reason=DeclineReason.OTHER, reapply="30")
    draft, _ = begun(program)
    clock.pass_time(timedelta(days=30) - timedelta(seconds=1))
    with pytest.raises(Conflict, match="apply again from 1 April 2026"), unit_of_work():
        commands.submit(draft.id, email="ben@example.com")
    clock.pass_time(timedelta(seconds=1))
    with unit_of_work():
        assert commands.submit(draft.id, email="ben@example.com").is_open


def test_a_word_that_is_no_decision_is_refused(ben):
    with pytest.raises(InvalidInput, match="approve or decline"):
        decide(ben, ApplicationStatus.EXPIRED)
    with pytest.raises(InvalidInput, match="apply again"):
        decide(ben, DECLINED, reason=DeclineReason.OTHER, reapply="soon")


# ---- taking it back
def test_what_a_decision_tells_waits_for_the_undo_time(world, ben):
    decide(ben)
    assert jobs(ben, JobState.QUEUED) >= 1
    world.settle()
    assert jobs(ben, JobState.DONE) == 0
    clock.pass_time(timedelta(seconds=300))
    world.settle()
    assert jobs(ben, JobState.DONE) >= 1


def test_undo_takes_membership_code_and_messages_back(program, ben):
    decide(ben)
    member_id = ben.ambassador_id
    undo(ben)
    assert (ben.status, ben.ambassador_id, ben.decided_at) == (
        ApplicationStatus.SUBMITTED,
        None,
        None,
    )
    assert memberships.of_program(program.id, ben.creator_id) is None
    assert tracking.codes_of_ambassador(member_id) == []
    assert tracking.links_of(member_id) == []
    assert jobs(ben, JobState.QUEUED) == 0
    decide(ben)
    assert tracking.codes_of_ambassador(ben.ambassador_id)[0].code == "BEN15"
    assert jobs(ben, JobState.QUEUED) >= 1


def test_a_decline_is_taken_back_whole(ben):
    decide(ben, DECLINED, note="No", reason=DeclineReason.OTHER, reapply="never")
    undo(ben)
    assert (ben.reason, ben.note, ben.may_reapply, ben.reapply_after) == (None, "", True, None)


def test_undo_ends_with_its_time(ben):
    decide(ben, undo_seconds=20)
    clock.pass_time(timedelta(seconds=20))
    with pytest.raises(Conflict, match="can no longer be undone"):
        undo(ben)
    assert ben.status is APPROVED


def test_send_now_lets_the_messages_go_and_ends_the_undo(world, ben):
    decide(ben)
    with unit_of_work():
        commands.send_now(ben.id, by=None)
        commands.send_now(ben.id, by=None)
    world.settle()
    assert jobs(ben, JobState.DONE) >= 1
    with pytest.raises(Conflict):
        undo(ben)


def test_nothing_is_sent_for_what_is_not_decided(ben):
    with pytest.raises(Conflict, match="not decided"), unit_of_work():
        commands.send_now(ben.id, by=None)
    with pytest.raises(Conflict):
        undo(ben)


def test_once_she_has_accepted_the_approval_stands(ben):
    decide(ben)
    agreement = offers.current_agreement(ben.program_id)
    with unit_of_work():
        commands.accept_agreement(ben.ambassador_id, agreement.id, by=None)
    with pytest.raises(Conflict):
        undo(ben)
    assert queries.application(ben.id).status is APPROVED


# ---- accepting, and what follows
def test_accepting_activates_code_and_link_in_the_same_moment(ben):
    decide(ben)
    agreement = offers.current_agreement(ben.program_id)
    with unit_of_work():
        commands.accept_agreement(ben.ambassador_id, agreement.id, by=None, ip="10.0.0.9")
    assert memberships.ambassador(ben.ambassador_id).is_active
    assert tracking.codes_of_ambassador(ben.ambassador_id)[0].status is CodeStatus.ACTIVE
    assert tracking.links_of(ben.ambassador_id)[0].status is LinkStatus.ACTIVE


def test_pausing_and_ending_stop_code_and_link_with_the_membership(program):
    ada = an_ambassador(program, "Ada")
    code, link = tracking.codes_of_ambassador(ada.id)[0], tracking.links_of(ada.id)[0]
    for step, status, code_is in (
        ("pause", "paused", "paused"), ("resume", "active", "active"), ("end", "ended", "retired"),
    ):  # fmt: skip
        with unit_of_work():
            assert commands.change_membership(ada.id, step, by=None).status == status
        assert code.status == code_is
    assert link.status != LinkStatus.ACTIVE
    with pytest.raises(Conflict), unit_of_work():
        commands.change_membership(ada.id, "resume", by=None)


# ---- the rest of its life
def test_withdrawing(program, ben):
    user_id = creators.creator(ben.creator_id).user_id
    with unit_of_work():
        commands.withdraw(ben.id, by=user_id)
        commands.withdraw(ben.id, by=user_id)
    assert ben.status is ApplicationStatus.WITHDRAWN
    with pytest.raises(Conflict, match="is withdrawn"):
        decide(ben)
    assert an_application(program, "Ben").id != ben.id


def test_what_is_decided_is_not_withdrawn(ben):
    decide(ben)
    with pytest.raises(Conflict, match="nothing to withdraw"), unit_of_work():
        commands.withdraw(ben.id, by=creators.creator(ben.creator_id).user_id)


def test_a_claim_is_kept_by_who_has_it(world, ben):
    mona, rosa = world.mona.user_id, world.rosa.user_id
    with unit_of_work():
        commands.claim(ben.id, by=mona)
        commands.claim(ben.id, by=rosa)
    assert ben.claimed_by == mona
    clock.pass_time(timedelta(minutes=2))
    with unit_of_work():
        commands.claim(ben.id, by=rosa)
    assert ben.claimed_by == rosa


def test_drafts_are_forgotten_and_silence_ends(program, ben):
    begun(program)
    clock.pass_days(30)
    with unit_of_work():
        assert (commands.purge_drafts(), commands.expire_unanswered()) == (0, 0)
    clock.pass_time(timedelta(seconds=1))
    with unit_of_work():
        assert commands.purge_drafts() == 1
    clock.pass_days(30)
    with unit_of_work():
        assert commands.expire_unanswered() == 1
    assert ben.status is ApplicationStatus.EXPIRED


# ---- looking
def test_the_best_engaged_stand_first_whatever_their_followers(program):
    one = type(a_draft().channels[0])
    for name, followers, likes in [("Low", 90_000, 900), ("High", 4_000, 400), ("Mid", 9_000, 450)]:
        an_application(program, name, channels=(one("tiktok", name, "", followers, likes, 0),))
    hidden = one("tiktok", "hidden", "", 50_000, None, None)
    an_application(program, "Hidden", channels=(hidden,))
    names = [row.name.split()[0] for row in queries.inbox(program.brand_id).rows]
    assert names == ["High", "Mid", "Low", "Hidden"]
    first = queries.inbox(program.brand_id, "new", PageRequest(size=3))
    rest = queries.inbox(program.brand_id, "new", PageRequest(after=first.next_cursor, size=3))
    assert [row.name for row in rest.rows] == ["Hidden Example"]


def test_neighbours_hold_even_for_one_that_has_left_the_view(program):
    rows = [an_application(program, name) for name in ("Ada", "Ben", "Cleo")]
    middle = queries.neighbours(program.brand_id, "new", rows[1])
    assert (middle.previous, middle.next) == (rows[0].public_id, rows[2].public_id)
    decide(rows[1])
    assert queries.neighbours(program.brand_id, "new", rows[1]) == middle
    assert queries.neighbours(program.brand_id, "new", rows[0]).previous is None
    assert queries.neighbours(program.brand_id, "all", rows[0]).next is None


def test_the_queue_is_searched_by_name_mail_and_reference(program, ben):
    an_application(program, "Cleo")
    for text in ("ben ex", "BEN@example", ben.reference.lower()):
        assert [row.id for row in queries.inbox(program.brand_id, text=text).rows] == [ben.id]
    assert queries.inbox(program.brand_id, text="%").rows == []


def test_what_leaves_soon_is_ones_own(world, ben):
    mona, rosa = world.mona.user_id, world.rosa.user_id
    decide(ben, by=mona)
    assert [row.id for row in queries.leaving(ben.brand_id, mona)] == [ben.id]
    assert queries.leaving(ben.brand_id, rosa) == []
    clock.pass_time(timedelta(seconds=300))
    assert queries.leaving(ben.brand_id, mona) == []


def test_another_brands_and_another_creators_are_not_found(world, program, ben):
    with pytest.raises(NotFound):
        queries.one_of_brand(world.rival.id, ben.public_id)
    with pytest.raises(NotFound):
        queries.one_of_creator(ben.creator_id + 1, ben.public_id)
    draft, _ = begun(program)
    with pytest.raises(NotFound):
        queries.one_of_brand(program.brand_id, draft.public_id)
    assert isinstance(queries.one_of_brand(program.brand_id, ben.public_id), Application)
