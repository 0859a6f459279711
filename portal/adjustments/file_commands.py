"""Attach a file to an adjustment. Callers commit."""

import hashlib

from portal.adjustments import queries
from portal.adjustments.file_rules import checked_file
from portal.adjustments.models import Adjustment, AdjustmentFile
from portal.audit import commands as audit
from portal.kernel import clock
from portal.storage.locks import lock
from portal.storage.model import db


def attach(adjustment_id: int, name: str, body: bytes, *, by: int) -> AdjustmentFile:
    """Keep a file with an adjustment, once: the form pressed twice keeps the first. Raises
    InvalidInput at "file" for one that may not be kept."""
    kept, media = checked_file(name, body)
    found = lock(Adjustment, adjustment_id)
    known = queries.file_of(found.id)
    if known is not None:
        return known
    made = AdjustmentFile(
        adjustment_id=found.id, name=kept, media=media, body=body, size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(), by_id=by, at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.note(
        by, "adjustment.file-attached", found.id, brand_id=found.brand_id, name=kept,
        sha256=made.sha256,
    )  # fmt: skip
    return made
