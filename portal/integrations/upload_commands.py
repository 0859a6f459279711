"""Files of orders: kept, checked without keeping anything, then imported."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from portal.audit.commands import note
from portal.integrations.models import Upload, UploadState
from portal.integrations.payloads import text
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db

MOST_BYTES = 1_900_000
SHOWN = 200
UNUSED = "It was checked and never imported, so its contents were forgotten. Upload it again."


def upload(brand_id: int, name: str, body: bytes, *, by: int | None) -> Upload:
    """Take a file and have it checked. Raises InvalidInput for one that is empty or too large."""
    if not body.strip():
        raise InvalidInput("file", "The file is empty.")
    if len(body) > MOST_BYTES:
        raise InvalidInput(
            "file",
            "The file is larger than 1.9 MB. Split it, or have it imported with "
            "“portal orders import”, which takes files of any size.",
        )
    made = Upload(
        brand_id=brand_id, by_id=by, name=text(name, 120) or "orders.csv", body=body,
        size_bytes=len(body), created_at=clock.now(), report={},
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    note(by, "orders-file.uploaded", made.id, brand_id=brand_id, size_bytes=len(body))
    jobs.enqueue("integrations.read_upload", {"upload_id": made.id})
    return made


def import_it(upload_id: int, *, by: int | None) -> Upload:
    """Import a checked file. Raises Conflict while it is read, or when it was imported."""
    found = lock(Upload, upload_id)
    if found.state is not UploadState.CHECKED:
        raise Conflict(f"This file is {found.state}; only a checked one can be imported.")
    found.state = UploadState.IMPORTING
    note(by, "orders-file.imported", found.id, brand_id=found.brand_id)
    jobs.enqueue("integrations.read_upload", {"upload_id": found.id})
    return found


def done(upload_id: int, report: dict[str, Any]) -> None:
    """The check or the import is over: the file goes once it was imported."""
    found = lock(Upload, upload_id)
    rejected = report["rejected"]
    found.report = {**report, "rejected": rejected[:SHOWN]}
    found.rejected, found.finished_at = len(rejected), clock.now()
    is_imported = found.state is UploadState.IMPORTING
    found.state = UploadState.IMPORTED if is_imported else UploadState.CHECKED
    if is_imported:
        found.body = b""


def forget_unused(before: datetime) -> int:
    """Empty files checked before this that nobody imported: they name buyers. Returns how many."""
    return change(
        update(Upload)
        .where(Upload.state == UploadState.CHECKED, Upload.created_at < before)
        .values(state=UploadState.FAILED, body=b"", problem=UNUSED)
    )


def failed(upload_id: int, problem: str) -> None:
    """The file cannot be read at all."""
    found = lock(Upload, upload_id)
    found.state, found.problem, found.body = UploadState.FAILED, problem, b""
    found.finished_at = clock.now()
