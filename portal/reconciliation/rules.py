"""How a row is told from another, and what it means for the payment it names. Pure."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from portal.files.models import LineState
from portal.reconciliation.models import RowSays, Source
from portal.reconciliation.provider import RowRead

OURS = re.compile(r"\bpo-[2-9a-z]{12}-\d{1,3}\b", re.IGNORECASE)
BATCH = re.compile(r"\brun-[2-9a-z]{12}-[SP]\d{1,3}\b", re.IGNORECASE)


class Effect(StrEnum):
    """What a row does to the payment it names."""

    PAY = "pay"
    CLAIM_LATER = "claim later"
    FAIL = "fail"
    RETURN = "return"
    NOTHING = "nothing"


EFFECTS = {
    RowSays.PAID: Effect.PAY,
    RowSays.UNCLAIMED: Effect.CLAIM_LATER,
    RowSays.FAILED: Effect.FAIL,
    RowSays.RETURNED: Effect.RETURN,
    RowSays.PENDING: Effect.NOTHING,
}
ENDED = {
    Effect.PAY: (LineState.PAID,),
    Effect.CLAIM_LATER: (LineState.UNCLAIMED, LineState.PAID, LineState.RETURNED),
    Effect.FAIL: (LineState.FAILED, LineState.VOID),
    Effect.RETURN: (LineState.RETURNED,),
}


def effect_of(says: RowSays, state: LineState) -> Effect:
    """What is still to be done: nothing when the payment stands as the row says."""
    effect = EFFECTS[says]
    return Effect.NOTHING if state in ENDED.get(effect, ()) else effect


def reference_in(text: str) -> str:
    """Our reference in whatever a bank made of it, in small letters; "" when there is none."""
    found = OURS.search(text)
    return found.group().lower() if found else ""


def batch_in(text: str) -> str:
    """A file's own id in a text, as we write it; "" when there is none."""
    found = BATCH.search(text)
    if not found:
        return ""
    head, _, tail = found.group().rpartition("-")
    return f"{head.lower()}-{tail.upper()}"


def marks_of(source: Source, rows: Iterable[RowRead]) -> list[str]:
    """What tells each row from all others, however often it is uploaded. Two rows that are alike
    in one file are two."""
    seen: Counter[str] = Counter()
    marks = []
    for row in rows:
        told = [source.value, row.says.value, row.reference, row.proof, row.who, row.amount.minor,
                row.amount.currency, str(row.booked_on or ""), row.raw_status]  # fmt: skip
        base = json.dumps(told, separators=(",", ":"))
        seen[base] += 1
        marks.append(hashlib.sha256(f"{base}#{seen[base]}".encode()).hexdigest())
    return marks
