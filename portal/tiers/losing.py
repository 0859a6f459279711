"""What a new ladder takes from whoever has an earlier one, and when it may start (R17)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs.models import Program
from portal.tiers import queries, rules
from portal.tiers.models import TierLadder
from portal.tiers.rules import Ladder


def lost_of(versions: Sequence[TierLadder], proposed: Ladder) -> dict[str, list[str]]:
    """Sentences by the number of the version somebody may have until then: the newest, and every
    one that somebody could keep by declining a later one. Nothing for those it only gives to."""
    newest = max((one.version for one in versions), default=0)
    keepable = {newest} | {int(number) for one in versions for number in one.lost or ()}
    found = {}
    for one in sorted(versions, key=lambda one: one.version):
        lost = rules.ladder_losses(queries.facts_of(one), proposed)
        if one.version in keepable and lost:
            found[str(one.version)] = lost
    return found


def check_start(
    program: Program, latest: TierLadder | None, ladder: Ladder, lost: dict[str, list[str]],
    starts: datetime,
) -> None:  # fmt: skip
    """Raises InvalidInput for a first ladder without tiers; Conflict for a start in the past,
    before the newest version, or without the notice that a cut needs. Who kept an older version is
    asked first, whatever the date."""
    if latest is None:
        if not ladder.steps:
            raise InvalidInput("steps", "A ladder has at least two tiers.")
        return
    now = clock.now()
    if starts < now:
        raise Conflict("New tiers cannot start in the past: orders already made keep theirs.")
    if starts < latest.effective_at:
        raise Conflict(
            f"Version {latest.version} starts later than this. Choose its date or a later one."
        )
    said, days = lost.get(str(latest.version), []), program.notice_at(now)
    if said and starts < now + timedelta(days=days):
        raise Conflict(f"{' '.join(said)} Ambassadors need {days} days’ notice of that.")
