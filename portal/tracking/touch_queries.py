"""What orders tell of their origin, as things stood when each was placed: in sets, a handful of
queries whatever the number of orders."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.kernel import codes
from portal.storage.model import db
from portal.tracking import rules
from portal.tracking.models import Click, CodeChange, CodeStatus, DiscountCode
from portal.tracking.rules import CodeStanding

CHAIN_LIMIT = 50


@dataclass(frozen=True, slots=True)
class ClickTouch:
    """A click that may have led to an order."""

    click_id: int
    link_id: int
    ambassador_id: int
    at: datetime
    referrer_host: str = ""


@dataclass(frozen=True, slots=True)
class Touches:
    """What an order tells of its origin: known codes, words that are none, clicks."""

    codes: tuple[CodeStanding, ...]
    unknown: tuple[tuple[str, str | None], ...]  # (as typed, the brand's code it looks like)
    clicks: tuple[ClickTouch, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One order: what was typed, the click it came with, and when it was placed."""

    brand_id: int
    click_id: int | None
    typed: tuple[str, ...]
    at: datetime

    @property
    def words(self) -> list[str]:
        """What was typed, as codes are compared (R40), each once."""
        return sorted({codes.folded(word) for word in self.typed if word.strip()})


def touches(brand_id: int, click_id: int | None, typed: Iterable[str], at: datetime) -> Touches:
    """Every touch of an order placed `at`, as things stood then; in a fixed order."""
    return touches_of([Ask(brand_id, click_id, tuple(typed), at)])[0]


def touches_of(asks: Sequence[Ask]) -> list[Touches]:
    """`touches` of several orders, in the order asked."""
    known = _codes(asks)
    histories = _histories([code.id for code in known.values()])
    standings = [_standings(ask, known, histories) for ask in asks]
    like = _alike(
        {ask.brand_id for ask in asks},
        {word for _, unknown in standings for word in unknown if codes.is_well_formed(word)},
    )
    clicks = _clicks({ask.click_id for ask in asks if ask.click_id is not None})
    return [
        Touches(
            tuple(found),
            tuple((word, like.get((ask.brand_id, rules.lookalike(word)))) for word in unknown),
            _chain(ask, clicks),
        )
        for ask, (found, unknown) in zip(asks, standings, strict=True)
    ]


def _codes(asks: Sequence[Ask]) -> dict[tuple[int, str], DiscountCode]:
    words = {word for ask in asks for word in ask.words if codes.is_well_formed(word)}
    if not words:
        return {}
    brands = {ask.brand_id for ask in asks}
    rows = db.session.scalars(
        select(DiscountCode).where(
            DiscountCode.brand_id.in_(brands), DiscountCode.folded.in_(words)
        )
    )
    return {(row.brand_id, row.folded): row for row in rows}


def _histories(code_ids: Collection[int]) -> dict[int, list[tuple[datetime, CodeStatus]]]:
    found: dict[int, list[tuple[datetime, CodeStatus]]] = {}
    if not code_ids:
        return found
    rows = db.session.execute(
        select(CodeChange.code_id, CodeChange.at, CodeChange.status)
        .where(CodeChange.code_id.in_(code_ids))
        .order_by(CodeChange.at, CodeChange.id)
    )
    for code_id, at, status in rows:
        found.setdefault(code_id, []).append((at, status))
    return found


def _standings(
    ask: Ask,
    known: dict[tuple[int, str], DiscountCode],
    histories: dict[int, list[tuple[datetime, CodeStatus]]],
) -> tuple[list[CodeStanding], list[str]]:
    """The codes that were typed, with the status each had then, and the words that are none."""
    found, unknown = [], []
    for word in ask.words:
        code = known.get((ask.brand_id, word))
        status = rules.standing_of(histories.get(code.id, ()), ask.at) if code else None
        if code is None or status is None:
            unknown.append(word)
            continue
        found.append(
            CodeStanding(
                code.id, code.ambassador_id, code.code, status, code.discount_bp,
                code.activated_at or code.reserved_at,
            )
        )  # fmt: skip
    return found, unknown


def _alike(brands: Collection[int], words: Collection[str]) -> dict[tuple[int, str], str]:
    """(brand, how a word reads) → the brand's code that reads like it."""
    if not words:
        return {}
    rows = db.session.execute(
        select(DiscountCode.brand_id, DiscountCode.lookalike, DiscountCode.code).where(
            DiscountCode.brand_id.in_(brands),
            DiscountCode.lookalike.in_({rules.lookalike(word) for word in words}),
        )
    )
    return {(brand_id, lookalike): code for brand_id, lookalike, code in rows}


def _clicks(wanted: Collection[int]) -> dict[int, Click]:
    """These clicks and those before them in the same browsers, at most 50 back."""
    found: dict[int, Click] = {}
    missing = set(wanted)
    for _ in range(CHAIN_LIMIT):
        if not missing:
            break
        rows = db.session.scalars(select(Click).where(Click.id.in_(missing))).all()
        found |= {row.id: row for row in rows}
        missing = {row.previous_id for row in rows if row.previous_id is not None} - found.keys()
    return found


def _chain(ask: Ask, clicks: dict[int, Click]) -> tuple[ClickTouch, ...]:
    """The click an order came with and those before it in the same browser, newest first.

    Clicks on other brands' links and clicks after the order are left out.
    """
    found: dict[int, ClickTouch] = {}
    seen: set[int] = set()
    click = clicks.get(ask.click_id) if ask.click_id is not None else None
    while click is not None and click.id not in seen and len(seen) < CHAIN_LIMIT:
        seen.add(click.id)
        if click.brand_id == ask.brand_id and click.at <= ask.at:
            found[click.id] = ClickTouch(
                click.id, click.link_id, click.ambassador_id, click.at, click.referrer_host
            )
        click = clicks.get(click.previous_id) if click.previous_id is not None else None
    return tuple(sorted(found.values(), key=lambda touch: (touch.at, touch.click_id), reverse=True))
