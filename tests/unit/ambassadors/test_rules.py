"""Which membership may become what (UX 6.2), and what it was at an instant (R43)."""

from datetime import timedelta

import pytest

from portal.ambassadors import rules
from portal.ambassadors.models import MembershipStatus as Status
from portal.kernel import clock
from portal.kernel.errors import Conflict

ALLOWED = {
    ("onboarding", "activate"): "active",
    ("terms_needed", "activate"): "active",
    ("active", "pause"): "paused",
    ("terms_needed", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "suspend"): "suspended",
    ("paused", "suspend"): "suspended",
    ("onboarding", "end"): "ended",
    ("active", "end"): "ended",
    ("paused", "end"): "ended",
    ("terms_needed", "end"): "ended",
    ("suspended", "end"): "ended",
}
ACTIONS = ("activate", "pause", "resume", "suspend", "end")


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", ACTIONS)
def test_every_step_is_in_the_table_or_refused(status, action):
    after = ALLOWED.get((status.value, action))
    if after is None:
        with pytest.raises(Conflict, match="This membership is"):
            rules.next_status(status, action)
    else:
        assert rules.next_status(status, action) == after


def test_the_menu_offers_only_what_is_allowed():
    assert rules.actions_of(Status.ACTIVE) == ["pause", "end"]
    assert rules.actions_of(Status.PAUSED) == ["resume", "end"]
    assert rules.actions_of(Status.ENDED) == []


def test_R43_a_change_counts_from_its_own_instant():
    start = clock.now()
    later = start + timedelta(days=2)
    changes = [(start, Status.ACTIVE), (later, Status.ENDED)]
    assert rules.standing_at(changes, start - timedelta(seconds=1)) is None
    assert rules.standing_at(changes, start) == (start, Status.ACTIVE)
    just_before = later - timedelta(microseconds=1)
    assert rules.standing_at(changes, just_before) == (start, Status.ACTIVE)
    assert rules.standing_at(changes, later) == (later, Status.ENDED)
