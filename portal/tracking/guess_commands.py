"""Count who asks whether codes work, and refuse whoever guesses (RELIABILITY: token cracking)."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from portal.audit import commands as audit
from portal.kernel import clock
from portal.storage.changes import change
from portal.storage.insert_once import insert_once
from portal.storage.model import db
from portal.tracking.issue_models import CodeAlert, GuessWindow

WINDOW_MINUTES = 10
TRIES_PER_SOURCE = 20
TRIES_OF_ALL = 3_000  # of every source together: an army of addresses gains nothing
EVERYBODY = "everybody"
KEPT_DAYS = 2


def may_try(brand_id: int, source: str) -> bool:
    """Count one question about a code; whether it may be answered. `source` is a keyed hash.

    A refusal is kept as the brand's alert, one row per source and window.
    """
    now = clock.now()
    starts_at = now.replace(
        minute=now.minute - now.minute % WINDOW_MINUTES, second=0, microsecond=0
    )
    if _counted(source, starts_at) > TRIES_PER_SOURCE:
        _alert(brand_id, source, starts_at, now)
        return False
    if _counted(EVERYBODY, starts_at) > TRIES_OF_ALL:
        _alert(brand_id, EVERYBODY, starts_at, now)
        return False
    return True


def forget_windows() -> int:
    """Delete counts of windows long over; alerts stay."""
    latest = clock.now() - timedelta(days=KEPT_DAYS)
    return change(delete(GuessWindow).where(GuessWindow.starts_at < latest))


def _counted(source: str, starts_at: datetime) -> int:
    mine = (GuessWindow.source == source) & (GuessWindow.starts_at == starts_at)
    if not change(update(GuessWindow).where(mine).values(tries=GuessWindow.tries + 1)):
        if insert_once(GuessWindow, source=source, starts_at=starts_at, tries=1) is not None:
            return 1
        change(update(GuessWindow).where(mine).values(tries=GuessWindow.tries + 1))
    return int(db.session.scalar(select(GuessWindow.tries).where(mine)) or 0)


def _alert(brand_id: int, source: str, starts_at: datetime, now: datetime) -> None:
    mine = (
        (CodeAlert.brand_id == brand_id)
        & (CodeAlert.source == source)
        & (CodeAlert.starts_at == starts_at)
    )
    more = {"refused": CodeAlert.refused + 1, "last_at": now}
    if change(update(CodeAlert).where(mine).values(**more)):
        return
    made = insert_once(
        CodeAlert, brand_id=brand_id, source=source, starts_at=starts_at, last_at=now, refused=1
    )
    if made is not None:
        audit.note(None, "codes.guessed", made, brand_id=brand_id)
