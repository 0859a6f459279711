"""Which version of terms, or tiers, is an ambassador’s at an instant (R15–R17), and her answers.

A version that takes nothing from hers is hers from its date. One that takes something is hers from
her yes, or from its date by silence where the version allows that. Whoever kept an older version
is never moved by silence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.ambassadors.models import MembershipStatus
from portal.kernel.errors import Conflict

History = Sequence[tuple[datetime, MembershipStatus]]
BEFORE_MEMBERSHIP = (None, MembershipStatus.INVITED, MembershipStatus.ONBOARDING)


@dataclass(frozen=True, slots=True)
class Version:
    """One version: `lost` is what it takes from whoever has an earlier one, by its number."""

    id: int
    number: int
    effective_at: datetime
    lost: Mapping[int, tuple[str, ...]]
    silence_keeps: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One answer to one version."""

    version_id: int
    accepts: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One version that came, or will come, after hers: `before` is the one it would replace."""

    version: Version
    before: Version
    said: Said | None
    counts: bool
    is_to_come: bool = False

    @property
    def lost(self) -> tuple[str, ...]:
        """What it takes from her; she is asked when this is not empty."""
        return self.version.lost.get(self.before.number, ())

    @property
    def moves_by_silence(self) -> bool:
        """Whether no answer means yes: never for who kept an older version than the last."""
        return not self.version.silence_keeps and self.before.number == self.version.number - 1

    def can_accept(self) -> bool:
        """Whether a yes would change something, now or when it starts."""
        if not self.lost or (self.said is not None and self.said.accepts):
            return False
        return self.is_to_come or not self.counts

    def can_decline(self) -> bool:
        """Whether a no would: what began is hers, and stays."""
        has_declined = self.said is not None and not self.said.accepts
        return bool(self.lost) and not has_declined and (self.is_to_come or not self.counts)


def version_for(
    versions: Sequence[Version], history: History, said: Iterable[Said], at: datetime
) -> Version | None:
    """The version that an order placed at an instant is judged by; None before the first.

    `versions` oldest first. Before her membership, and without one, it is the program’s.
    """
    steps = list(steps_for(versions, history, said, at))
    counted = [step.version for step in steps if step.counts]
    if counted:
        return counted[-1]
    base = _base(versions, begun_at(history, at) or at)
    return base if base is not None and base.effective_at <= at else None


def steps_for(
    versions: Sequence[Version], history: History, said: Iterable[Said], at: datetime,
    now: datetime | None = None,
) -> Iterator[Step]:  # fmt: skip
    """Every version since her membership began that starts by `at`, oldest first, judged by what
    was said by then. `now` marks those that are still to come."""
    begun = begun_at(history, at)
    current = _base(versions, begun) if begun else None
    if current is None:
        return
    latest: dict[int, Said] = {}
    for one in sorted(said, key=lambda one: one.at):
        if one.at <= at:
            latest[one.version_id] = one
    for version in versions:
        if version.number <= current.number or version.effective_at > at:
            continue
        is_to_come = now is not None and version.effective_at > now
        step = Step(version, current, latest.get(version.id), False, is_to_come)
        step = Step(version, current, step.said, _counts(step), is_to_come)
        yield step
        current = version if step.counts else current


def begun_at(history: History, at: datetime) -> datetime | None:
    """When the membership of an instant began: she accepted the agreement, and with it the terms
    of that day. None when it had not."""
    begun, before = None, None
    for since, status in history:
        if since > at:
            break
        if status is MembershipStatus.ACTIVE and before in BEFORE_MEMBERSHIP:
            begun = since
        before = status
    return begun


def check_can_answer(step: Step | None, *, accepts: bool) -> None:
    """Raises Conflict, with the reason, for an answer that has no meaning any more."""
    if step is None or not step.lost:
        raise Conflict("This version takes nothing from you, so there is nothing to answer.")
    if accepts and not step.can_accept():
        raise Conflict("This version is yours already.")
    if not accepts and not step.can_decline():
        raise Conflict(
            "You declined this version already."
            if step.said and not step.said.accepts
            else "This version has begun and is yours; it could be declined before it started."
        )


def _counts(step: Step) -> bool:
    if not step.lost:
        return True
    return step.moves_by_silence if step.said is None else step.said.accepts


def _base(versions: Sequence[Version], at: datetime) -> Version | None:
    """The version in force at an instant; else the first to come, which was offered then."""
    begun = [one for one in versions if one.effective_at <= at]
    return begun[-1] if begun else next(iter(versions), None)
