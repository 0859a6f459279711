"""Write the trail."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

from portal.audit.models import AuditEntry
from portal.kernel import clock
from portal.storage.model import db

ENTRIES: Any = AuditEntry.__table__


def note(
    by: int | None, act: str, subject_id: int, *, brand_id: int | None = None, **facts: Any
) -> None:
    """Record an act in the caller's transaction: `note(by, "payout-run.approved", run.id, …)`.

    `act` is "<thing>.<past tense>"; `by` a user's row id or None for the system; `facts` are
    plain JSON values (before, after, reason). Never a secret, never a whole object.
    """
    kind = act.partition(".")[0]
    db.session.add(
        AuditEntry(at=clock.now(), actor_id=by, brand_id=brand_id, act=act,
                   subject_kind=kind, subject_id=subject_id, facts=facts)
    )  # fmt: skip


def note_each(
    by: int | None, act: str, subjects: Iterable[tuple[int, int | None, dict[str, Any]]]
) -> None:
    """`note` the same act about many things, in one statement: (subject id, brand id, facts)."""
    now, kind = clock.now(), act.partition(".")[0]
    rows = [
        {"at": now, "actor_id": by, "brand_id": brand_id, "act": act, "subject_kind": kind,
         "subject_id": subject_id, "facts": facts}
        for subject_id, brand_id, facts in subjects
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(ENTRIES), rows)
