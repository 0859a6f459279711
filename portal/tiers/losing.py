"""What a new ladder takes from whoever has an earlier one, and when it may start (R17)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs.models import Program
from portal.tiers import queries, rules
from portal.tiers.models import TierLadder
from portal.tiers.rules import Ladder

NO_VERSION = "0"  # what the first ladder takes, from whoever had none


def lost_of(
    program_id: int, versions: Sequence[TierLadder], proposed: Ladder, starts: datetime
) -> dict[str, list[str]]:
    """Sentences by the number of the version somebody may have until then: the newest, and every
    one that somebody could keep by declining a later one. Nothing for those it only gives to."""
    terms = queries.terms_from(program_id, starts)
    if not versions:
        lost = rules.ladder_losses(None, proposed, terms, starts)
        return {NO_VERSION: lost} if lost else {}
    newest = max((one.version for one in versions), default=0)
    keepable = {newest} | {int(number) for one in versions for number in one.lost or ()}
    found = {}
    for one in sorted(versions, key=lambda one: one.version):
        lost = rules.ladder_losses(queries.facts_of(one), proposed, terms, starts)
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
    if latest is None and not ladder.steps:
        raise InvalidInput("steps", "A ladder has at least two tiers.")
    now = clock.now()
    if latest is not None and starts < now:
        raise Conflict("New tiers cannot start in the past: orders already made keep theirs.")
    if latest is not None and starts < latest.effective_at:
        raise Conflict(
            f"Version {latest.version} starts later than this. Choose its date or a later one."
        )
    number = str(latest.version) if latest else NO_VERSION
    said, days = lost.get(number, []), program.notice_at(now)
    if said and starts < now + timedelta(days=days):
        raise Conflict(f"{' '.join(said)} Ambassadors need {days} days’ notice of that.")
