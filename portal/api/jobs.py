"""Take in when keys were used, and forget answers that nobody repeats any more."""

from pathlib import Path

from portal.api import commands, usage
from portal.storage.unit_of_work import unit_of_work


def note_use(data: Path) -> None:
    """Store the last use of each key that was used; the files go once it is stored."""
    found = list(usage.noted(data))
    if not found:
        return
    with unit_of_work():
        for _, key_public_id, at in found:
            commands.note_use(key_public_id, at)
    for file, _, _ in found:
        file.unlink(missing_ok=True)


def forget_answers() -> None:
    """Delete kept answers after 30 days, in slices."""
    deleted = 1
    while deleted:
        with unit_of_work():
            deleted = commands.forget_answers()
