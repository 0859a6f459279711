"""Whether sending is stopped, by whom and why."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.identity import queries as identity
from portal.kernel.errors import Conflict, NotFound
from portal.sending_stops.models import SendingStop
from portal.storage.model import db


def standing() -> SendingStop | None:
    """The stop that stands now; None: sending goes on."""
    found = select(SendingStop).where(SendingStop.released_at.is_(None))
    return db.session.scalar(found)  # type: ignore[no-any-return]


def one(stop_id: int) -> SendingStop:
    """A stop by row id. Raises NotFound."""
    found = db.session.get(SendingStop, stop_id)
    if found is None:
        raise NotFound()
    return found


def is_stopped() -> bool:
    """Whether nothing may be sent now."""
    found = select(SendingStop.id).where(SendingStop.released_at.is_(None))
    return db.session.scalar(found) is not None


def words() -> str:
    """Who stopped sending and why, as a sentence; "" while nobody did."""
    stop = standing()
    if stop is None:
        return ""
    name = identity.user(stop.stopped_by).name
    return f"{name}, who operates this installation, stopped all sending: {stop.reason}"


def refuse(doing: str) -> None:
    """Raises Conflict, with who stopped sending and why, when nothing may be sent: then nobody can
    approve, resume or retry either. `doing` is what she wanted: "approve it"."""
    told = words()
    if told:
        end = "" if told.endswith((".", "!", "?")) else "."
        raise Conflict(f"{told}{end} You can {doing} once sending is released.")


def latest(most: int = 20) -> Sequence[SendingStop]:
    """The newest stops, the standing one first."""
    newest = select(SendingStop).order_by(SendingStop.id.desc()).limit(most)
    return db.session.scalars(newest).all()  # type: ignore[no-any-return]
