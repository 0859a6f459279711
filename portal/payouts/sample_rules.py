"""Which payouts of a run an approver should look at, and why. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.payouts import wording
from portal.payouts.models import Caution

SAMPLE, SAMPLE_LARGEST, SAMPLE_WARNED, SAMPLE_AT_RANDOM = 25, 3, 100, 10
SHUFFLE = 10_007  # a prime, so that every step reaches every remainder
TELLING = (  # the most telling first
    Caution.SHARED_ACCOUNT, Caution.ACCOUNT_CHANGED, Caution.OVER_USUAL, Caution.ABOVE_LIMIT,
    Caution.FIRST_PAYOUT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pick:
    """A payout that might be shown to the approver, and why it was chosen."""

    payout_id: int
    amount_minor: int
    cautions: frozenset[str]
    why: str = ""


def common_cautions(counts: Iterable[tuple[Caution, int]], total: int) -> list[Caution]:
    """The warnings that more than half of a large run's payouts carry, as on a brand's first run:
    what holds for nearly all is no reason to look at one."""
    return [caution for caution, count in counts if total > SAMPLE and 2 * count > total]


def shuffled_by(seed: str) -> tuple[int, int]:
    """(first, step): rows in the order of `(id * step + first) % SHUFFLE` look shuffled, and the
    same seed gives the same order."""
    drawn = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    return drawn % SHUFFLE, 1 + drawn // SHUFFLE % (SHUFFLE - 1)


def sample_of(picks: Sequence[Pick], seed: str) -> list[Pick]:
    """The payouts worth a look: the largest, every one with a warning (the 100 most telling, if
    there are more), and some of the others at random; 25 in all where the warnings leave room.

    Each says all of why it was chosen. The same run and round always give the same sample.
    """
    largest = sorted(picks, key=lambda p: (-p.amount_minor, p.payout_id))[:SAMPLE_LARGEST]
    top = {p.payout_id for p in largest}
    warned = sorted((p for p in picks if p.cautions and p.payout_id not in top), key=_telling)
    chosen = [*largest, *warned[:SAMPLE_WARNED]]
    others = [p for p in picks if not p.cautions and p.payout_id not in top]
    others.sort(key=lambda p: hashlib.sha256(f"{seed}{p.payout_id}".encode()).digest())
    count = min(SAMPLE_AT_RANDOM, max(SAMPLE - len(chosen), 0))
    return [
        Pick(p.payout_id, p.amount_minor, p.cautions, _why(p, is_largest=p.payout_id in top))
        for p in (*chosen, *others[:count])
    ]


def _telling(pick: Pick) -> tuple[int, int, int]:
    first = min(TELLING.index(Caution(word)) for word in pick.cautions)
    return first, -pick.amount_minor, pick.payout_id


def _why(pick: Pick, *, is_largest: bool) -> str:
    words = [wording.CAUTIONS[c].lower() for c in TELLING if c.value in pick.cautions]
    said = ", ".join(["largest", *words] if is_largest else words) or "random"
    return said[0].upper() + said[1:]
