"""The audit trail for reading: who did what, when, to which thing (R143)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import false, func, or_, select

from portal.audit.models import AuditEntry
from portal.identity import queries as identity
from portal.identity.models import Brand, User
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db

CSV_HEAD = ("id", "at", "actor", "actor_email", "brand", "act", "object", "object_id", "facts")
ROWS_AT_ONCE, MOST_EXPORTED = 2_000, 100_000
SYSTEM = "the portal"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the page, as typed."""

    since: str = ""
    until: str = ""
    actor: str = ""
    brand: str = ""
    act: str = ""
    thing: str = ""
    about: str = ""

    @property
    def chosen(self) -> dict[str, Any]:
        """Those that narrow the list."""
        names = ("since", "until", "actor", "brand", "act", "thing", "about")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see whatever she filters: one brand's rows about these kinds of things.
    Days are the brand's, and people are found by name alone."""

    brand_id: int
    kinds: Collection[str]
    zone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words."""

    id: int
    at: datetime
    actor_id: int | None
    is_operators: bool
    actor: str
    actor_email: str
    brand: str
    act: str
    thing: str
    thing_id: int
    facts: Mapping[str, Any]

    @property
    def told(self) -> str:
        """The facts in one line; what is empty is left out."""
        said = [f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in self.facts.items()
                if value not in (None, "", [], {})]  # fmt: skip
        return ", ".join(said)


def entries(wanted: Wanted, asked: PageRequest, scope: Scope | None = None) -> Page[Line]:
    """Entries, newest first. Raises InvalidInput for a date that is none."""
    found = _filtered(wanted, scope)
    counted = found.with_only_columns(AuditEntry.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(counted)) or 0)
    after = asked.row_id()
    if after is not None:
        found = found.where(AuditEntry.id < after)
    rows = db.session.scalars(found.order_by(AuditEntry.id.desc()).limit(asked.size + 1)).all()
    cursor = cursor_of(rows[asked.size - 1].id) if len(rows) > asked.size else None
    return Page(_lines(rows[: asked.size]), cursor, total, is_first=after is None)


def all_entries(wanted: Wanted, scope: Scope | None = None) -> Iterator[list[Line]]:
    """The newest hundred thousand that the filters leave, newest first, in parts."""
    found, after = _filtered(wanted, scope), None
    for _ in range(MOST_EXPORTED // ROWS_AT_ONCE):
        part = found if after is None else found.where(AuditEntry.id < after)
        rows = db.session.scalars(part.order_by(AuditEntry.id.desc()).limit(ROWS_AT_ONCE)).all()
        yield _lines(rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].id
        db.session.expunge_all()


def check(wanted: Wanted, scope: Scope | None = None) -> None:
    """Raises InvalidInput for filters that mean nothing, before a download begins."""
    _filtered(wanted, scope)


def cells(line: Line) -> list[str | int]:
    """One line of the CSV, as CSV_HEAD names them."""
    return [line.id, line.at.isoformat(), line.actor, line.actor_email, line.brand, line.act,
            line.thing, line.thing_id, line.told]  # fmt: skip


def _filtered(wanted: Wanted, scope: Scope | None) -> Any:
    found, zone = select(AuditEntry), scope.zone if scope else "UTC"
    if scope is not None:
        found = found.where(AuditEntry.brand_id == scope.brand_id)
        found = found.where(AuditEntry.subject_kind.in_(sorted(scope.kinds)))
    if wanted.since:
        found = found.where(AuditEntry.at >= clock.start_of_day(_day("since", wanted.since), zone))
    if wanted.until:
        after = _day("until", wanted.until) + timedelta(days=1)
        found = found.where(AuditEntry.at < clock.start_of_day(after, zone))
    if wanted.actor:
        found = found.where(_acted(wanted.actor.lower(), by_email=scope is None))
    if wanted.brand:
        brand_id = identity.brand_id_of(wanted.brand)
        found = found.where(false() if brand_id is None else AuditEntry.brand_id == brand_id)
    if wanted.act:
        found = found.where(AuditEntry.act.contains(wanted.act.lower(), autoescape=True))
    return _about(found, wanted.thing) if wanted.thing else found


def _acted(words: str, *, by_email: bool) -> Any:
    if words in (SYSTEM, "portal", "system"):
        return AuditEntry.actor_id.is_(None)
    named = func.lower(User.name).contains(words, autoescape=True)
    if by_email:
        named = or_(named, User.email.contains(words, autoescape=True))
    return AuditEntry.actor_id.in_(select(User.id).where(named))


def _about(found: Any, typed: str) -> Any:
    """An object as the list shows it: "payout-run", or "payout-run 12"."""
    kind, _, number = typed.lower().rpartition(" ")
    if number.isascii() and number.isdigit() and len(number) < 19:
        found = found.where(AuditEntry.subject_id == int(number))
        return found.where(AuditEntry.subject_kind == kind.strip()) if kind.strip() else found
    return found.where(AuditEntry.subject_kind == typed.lower().strip())


def _day(field: str, typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if not 1990 < day.year < 9000:
        raise InvalidInput(field, "Write a date such as 2026-11-03.")
    return day


def _lines(rows: Sequence[AuditEntry]) -> list[Line]:
    people = identity.users([row.actor_id for row in rows if row.actor_id is not None])
    ids = {row.brand_id for row in rows if row.brand_id is not None}
    brands = dict(db.session.execute(select(Brand.id, Brand.name).where(Brand.id.in_(ids))).all())
    made = []
    for row in rows:
        actor = people.get(row.actor_id) if row.actor_id is not None else None
        made.append(
            Line(
                row.id,
                row.at,
                row.actor_id,
                actor is not None and actor.is_operator,
                actor.name if actor else SYSTEM,
                actor.email if actor else "",
                brands.get(row.brand_id, "") if row.brand_id is not None else "",
                row.act,
                row.subject_kind,
                row.subject_id,
                row.facts,
            )
        )
    return made


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
