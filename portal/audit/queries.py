"""Read the trail."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.storage.model import db


def history_of(kind: str, subject_id: int, limit: int = 100) -> Sequence[AuditEntry]:
    """Everything that happened to one thing, oldest first."""
    rows = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    return rows.all()  # type: ignore[no-any-return]
