"""How other models would share an order's commission. Pure, in integers; for comparison only.

The paying rule is `rules.credit_for`; nothing is ever paid by what this file says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

HALF_LIFE_DAYS = 7
# 10¹² × 2^(−k/7): a touch k days before the order, within one half-life.
DECAY = (
    1_000_000_000_000, 905_723_664_264, 820_335_356_007, 742_997_144_684,
    672_950_096_256, 609_506_827_186, 552_044_756_837,
)  # fmt: skip


class Model(StrEnum):
    """What an order could be shared by."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"
    DECAY = "decay"


@dataclass(frozen=True, slots=True)
class Moment:
    """One touch that counted: whose, and how many whole days before the order."""

    ambassador_id: int
    days: int


def moments_of(trace: Sequence[Mapping[str, Any]]) -> list[Moment]:
    """The touches of a stored trace that counted, oldest first; a typed code is the last."""
    placed_at = datetime.fromisoformat(trace[0]["facts"]["at"])
    found = []
    for step in trace:
        facts = step["facts"]
        if step["check"] not in ("code", "click") or step["result"] != "pass":
            continue
        at = datetime.fromisoformat(facts["at"]) if step["check"] == "click" else placed_at
        is_code = step["check"] == "code"
        found.append((at, is_code, facts["touch_id"], facts["ambassador_id"]))
    found.sort()
    return [Moment(who, (placed_at - at).days) for at, _, _, who in found]


def weights(model: Model, moments: Sequence[Moment]) -> dict[int, int]:
    """Ambassador → weight, in the order of their row ids; {} without touches. Position: 40 % the
    first, 40 % the last, 20 % those between. Decay: half as much for each 7 days before."""
    parts = _parts(model, moments) if moments else []
    found: dict[int, int] = {}
    for moment, part in zip(moments, parts, strict=True):
        found[moment.ambassador_id] = found.get(moment.ambassador_id, 0) + part
    return {who: weight for who, weight in sorted(found.items()) if weight}


def _parts(model: Model, moments: Sequence[Moment]) -> list[int]:
    count = len(moments)
    if model is Model.FIRST:
        return [1] + [0] * (count - 1)
    if model is Model.LAST:
        return [0] * (count - 1) + [1]
    if model is Model.DECAY:
        return [_decayed(moment.days) for moment in moments]
    if model is Model.LINEAR or count < 3:
        return [1] * count
    return [40 * (count - 2), *([20] * (count - 2)), 40 * (count - 2)]


def _decayed(days: int) -> int:
    halves, rest = divmod(max(days, 0), HALF_LIFE_DAYS)
    return max(DECAY[rest] >> halves, 1)
