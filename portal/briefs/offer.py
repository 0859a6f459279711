"""What a brief says: the text of one version, its limits, and how it is kept. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from portal.briefs import reading, rules
from portal.briefs.models import DeliverableKind
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

CHANNELS = ("instagram", "tiktok", "youtube", "twitch", "x", "pinterest", "facebook", "other")
MOST_PIECES = 20
MOST_HOLD_DAYS = 120


@dataclass(frozen=True, slots=True)
class Deliverable:
    """So many pieces of one kind, on one channel of CHANNELS ("other": anywhere)."""

    kind: DeliverableKind
    count: int
    channel: str


@dataclass(frozen=True, slots=True)
class BriefText:
    """All that a brief asks and offers; one version of it is what an ambassador accepts."""

    title: str
    deliverables: tuple[Deliverable, ...]
    fee: Money
    due_on: date
    disclosure_line: str = "#ad"
    required_tags: tuple[str, ...] = ()
    goal: str = ""
    message: str = ""
    dos: str = ""
    donts: str = ""
    capacity: int | None = None
    fee_hold_days: int = 0
    kill_fee_bp: int = 0
    delivery_days: int | None = None
    auto_approves: bool = False


def check_text(text: BriefText, today: date, currency: str) -> None:
    """Refuse a brief that cannot be offered. Raises InvalidInput naming the field."""
    if not text.title.strip():
        raise InvalidInput("title", "Give the brief a title that creators will recognise.")
    pieces = [d for d in text.deliverables if d.count > 0]
    if not pieces or len(pieces) != len(text.deliverables):
        raise InvalidInput("deliverables", "Ask for at least one piece, and at least one of each.")
    if any(d.count > MOST_PIECES or d.channel not in CHANNELS for d in pieces):
        raise InvalidInput("deliverables", f"Ask for at most {MOST_PIECES} pieces of a kind.")
    if text.fee.minor <= 0 or text.fee.currency != currency:
        raise InvalidInput("fee", f"Name a fee above zero, in {currency}.")
    if text.due_on < today:
        raise InvalidInput("due_on", "The due day has passed. Choose today or a later day.")
    if not rules.disclosure_check(text.disclosure_line).passed:
        raise InvalidInput(
            "disclosure_line",
            "This line does not say that the post is paid. Use #ad, Ad, #sponsored or "
            "“Paid partnership with …” (R110).",
        )
    if any(reading.folded(tag) not in reading.tokens(tag) for tag in text.required_tags):
        raise InvalidInput("required_tags", "Each tag starts with # or @ and has no spaces.")
    if text.capacity is not None and text.capacity < 1:
        raise InvalidInput("capacity", "Offer at least one place, or leave it empty for all.")
    if not 0 <= text.fee_hold_days <= MOST_HOLD_DAYS:
        raise InvalidInput("fee_hold_days", f"Hold the fee for 0 to {MOST_HOLD_DAYS} days.")
    _check_clock(text)


def _check_clock(text: BriefText) -> None:
    if not 0 <= text.kill_fee_bp <= rules.WHOLE_BP:
        raise InvalidInput("kill_fee", "A part of the fee is 0 to 100 percent.")
    if text.delivery_days is not None and not 1 <= text.delivery_days <= MOST_HOLD_DAYS:
        raise InvalidInput("delivery_days", f"Give 1 to {MOST_HOLD_DAYS} days after the delivery.")


def pieces_as_facts(deliverables: Sequence[Deliverable]) -> list[dict[str, Any]]:
    """Deliverables as plain values."""
    return [{"kind": d.kind.value, "count": d.count, "channel": d.channel} for d in deliverables]


def pieces_from(facts: Sequence[Mapping[str, Any]]) -> tuple[Deliverable, ...]:
    """Deliverables out of the stored values."""
    return tuple(
        Deliverable(DeliverableKind(fact["kind"]), fact["count"], fact["channel"]) for fact in facts
    )


def as_content(text: BriefText) -> dict[str, Any]:
    """A text as plain values, for the version's own column."""
    return {
        **asdict(text), "deliverables": pieces_as_facts(text.deliverables),
        "required_tags": list(text.required_tags),
        "fee": [text.fee.minor, text.fee.currency], "due_on": text.due_on.isoformat(),
    }  # fmt: skip


def from_content(content: Mapping[str, Any]) -> BriefText:
    """A text out of the stored values."""
    return BriefText(**{
        **content, "deliverables": pieces_from(content["deliverables"]),
        "required_tags": tuple(content["required_tags"]),
        "fee": Money(*content["fee"]), "due_on": date.fromisoformat(content["due_on"]),
    })  # fmt: skip


def pieces_in_words(deliverables: Sequence[Deliverable]) -> str:
    """ "One reel", "2 reels and 3 stories": what is to be made, for a line of a list."""
    parts = [_pieces(d.kind.value, d.count) for d in deliverables]
    words = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return words[:1].upper() + words[1:]


def _pieces(kind: str, count: int) -> str:
    if count == 1:
        return f"one {kind}"
    return f"{count} {kind[:-1]}ies" if kind.endswith("y") else f"{count} {kind}s"
