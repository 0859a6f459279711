"""Which version of the terms is whose, from dates and answers alone (R15–R17)."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.ambassadors.models import MembershipStatus
from portal.consents import rules
from portal.consents.rules import Said, Version
from portal.kernel.errors import Conflict

START = datetime(2026, 3, 1, tzinfo=UTC)
MEMBER = [(START, MembershipStatus.ONBOARDING), (START, MembershipStatus.ACTIVE)]


def day(number):
    return START + timedelta(days=number)


def version(number, since, keeps=False, **lost):
    taken = {int(name[1:]): ("The rate goes down.",) for name, is_cut in lost.items() if is_cut}
    return Version(number * 10, number, day(since), taken, keeps)


FIRST = version(1, -30)
CUT = version(2, 20, v1=True)
ASKING = version(2, 20, keeps=True, v1=True)


def hers(versions, at, *said, history=MEMBER):
    found = rules.version_for(versions, history, said, day(at))
    return found.number if found else None


def test_R17_no_answer_moves_her_where_the_version_says_so():
    assert [hers([FIRST, CUT], at) for at in (0, 19, 20, 40)] == [1, 1, 2, 2]
    assert [hers([FIRST, ASKING], at) for at in (0, 19, 20, 40)] == [1, 1, 1, 1]


def test_R17_a_declined_version_leaves_hers_in_force():
    no = Said(20, False, day(5))
    assert [hers([FIRST, CUT], at, no) for at in (19, 20, 400)] == [1, 1, 1]


def test_R17_a_late_yes_holds_from_then_on():
    yes = Said(20, True, day(30))
    assert [hers([FIRST, ASKING], at, yes) for at in (20, 29, 30)] == [1, 1, 2]
    changed = [Said(20, False, day(5)), Said(20, True, day(30))]
    assert [hers([FIRST, CUT], at, *changed) for at in (20, 29, 30)] == [1, 1, 2]


def test_R17_what_gives_to_her_old_version_is_hers_at_once():
    better = version(3, 40)
    assert hers([FIRST, CUT, better], 40, Said(20, False, day(5))) == 3


def test_R17_who_kept_an_old_version_is_never_moved_by_silence():
    between = version(3, 40, v1=True)  # more than version 2, less than hers
    no = Said(20, False, day(5))
    assert hers([FIRST, CUT, between], 90, no) == 1
    assert hers([FIRST, CUT, between], 90) == 3
    assert hers([FIRST, CUT, between], 90, no, Said(30, True, day(60))) == 3


def test_R15_before_and_without_a_membership_it_is_the_programs():
    no = Said(20, False, day(5))
    assert hers([FIRST, CUT], 25, no, history=[]) == 2
    later = [(day(30), MembershipStatus.ONBOARDING), (day(31), MembershipStatus.ACTIVE)]
    assert hers([FIRST, CUT], 25, no, history=later) == 2
    assert hers([FIRST, CUT], 40, history=later) == 2  # she joined under version 2
    assert hers([version(1, 10)], 5) is None
    assert hers([version(1, 10)], 10) == 1


def test_a_pause_does_not_begin_a_membership_anew_but_joining_again_does():
    history = [*MEMBER, (day(21), MembershipStatus.PAUSED), (day(22), MembershipStatus.ACTIVE)]
    no = Said(20, False, day(5))
    assert hers([FIRST, CUT], 30, no, history=history) == 1
    again = [*history, (day(50), MembershipStatus.ENDED), (day(51), MembershipStatus.ONBOARDING),
             (day(52), MembershipStatus.ACTIVE)]  # fmt: skip
    assert hers([FIRST, CUT], 49, no, history=again) == 1
    assert hers([FIRST, CUT], 60, no, history=again) == 2


def step(versions, now, *said):
    return list(rules.steps_for(versions, MEMBER, said, day(500), day(now)))[-1]


def test_R17_what_can_still_be_answered():
    to_come = step([FIRST, CUT], 5)
    assert to_come.can_accept()
    assert to_come.can_decline()
    begun = step([FIRST, CUT], 25)
    assert (begun.can_accept(), begun.can_decline()) == (False, False)
    with pytest.raises(Conflict, match="has begun"):
        rules.check_can_answer(begun, accepts=False)
    kept = step([FIRST, ASKING], 25)
    assert (kept.can_accept(), kept.can_decline()) == (True, True)
    with pytest.raises(Conflict, match="nothing to answer"):
        rules.check_can_answer(step([FIRST, version(2, 20)], 5), accepts=True)
    with pytest.raises(Conflict, match="yours already"):
        rules.check_can_answer(begun, accepts=True)
