"""What a new version takes from whoever has an earlier one, and when it may start (R17)."""

from collections.abc import Sequence

from portal.kernel.errors import Conflict
from portal.programs import loss_rules, queries
from portal.programs.models import CommissionTerms, Program
from portal.programs.rules import TermsFacts


def lost_of(
    versions: Sequence[CommissionTerms], proposed: TermsFacts, terms: CommissionTerms
) -> dict[str, list[str]]:
    """Sentences by the number of the version somebody may have until then: the newest, and every
    one that somebody could keep by declining a later one. Nothing for those it only gives to."""
    newest = max(one.version for one in versions)
    keepable = {newest} | {int(number) for one in versions for number in one.lost or ()}
    found = {}
    for one in sorted(versions, key=lambda one: one.version):
        if one.version in keepable:
            lost = loss_rules.worse_for_creators(
                queries.facts_of(one), proposed, terms.effective_at
            )
            if lost:
                found[str(one.version)] = lost
    return found


def check_start(program: Program, previous: CommissionTerms, terms: CommissionTerms) -> None:
    """Raises Conflict for a start in the past, before the newest version, or without the notice
    that a cut needs. Who kept an older version is asked first, whatever the date."""
    now = terms.published_at  # not a later reading of the clock: “at once” would lie in the past
    if terms.effective_at < now:
        raise Conflict("New terms cannot start in the past: orders already made keep theirs.")
    if terms.effective_at < previous.effective_at:
        raise Conflict(
            f"Version {previous.version} starts later than this. Choose its date or a later one."
        )
    lost, days = terms.lost.get(str(previous.version), []), program.notice_at(now)
    if terms.effective_at < loss_rules.earliest_start(lost, days, now):
        raise Conflict(f"{' '.join(lost)} Ambassadors need {days} days’ notice of that.")
