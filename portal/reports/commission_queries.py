"""One commission as its creator reads it: the bill, the checks, what was taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.attribution import queries as attributions
from portal.attribution import wording
from portal.attribution.wording import Sentence
from portal.commissions import queries as commissions
from portal.commissions.bill_rules import BillLine
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.commissions.queries import Earning
from portal.commissions.wording import KINDS
from portal.kernel import currencies
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import CommissionTerms
from portal.programs.rate_wording import percent
from portal.reports import settled_queries
from portal.reports.finance_commission_queries import Row
from portal.reports.refund_words import goods_of
from portal.sales import queries as sales
from portal.sales.models import Order


@dataclass(frozen=True, slots=True)
class Story:
    """A commission with everything that explains it. `word` is the state it is shown in."""

    commission: Commission
    word: str
    bill: Sequence[BillLine]
    steps: Sequence[Sentence]
    reversals: Sequence[Earning]
    goods: Mapping[int, str]  # which lines a refund took, by the reversal's row id
    terms: CommissionTerms | None
    order: Order | None

    @property
    def title(self) -> str:
        """What it is, in the words of its kind."""
        kind = self.commission.kind
        if kind is CommissionKind.CLICKS:
            return str(self.commission.explanation["title"])
        return "Credited to you" if kind is CommissionKind.SALE else KINDS[kind]

    @property
    def order_ending(self) -> str:
        """All that a creator sees of an order's number (R144)."""
        number = self.order.number if self.order else ""
        return "".join(sign for sign in number if sign.isalnum())[-4:]


def story_for_creator(found: Commission, zone: str) -> Story:
    """What its creator may read: no buyer, no other creator (R144)."""
    order = sales.by_id(found.order_id) if found.order_id else None
    steps = [Sentence("pass", *step) for step in found.explanation.get("steps", ())]
    if found.attribution_id:
        trace = attributions.attribution(found.attribution_id).trace
        steps = wording.sentences(trace, wording.CREATOR, viewer=found.ambassador_id, zone=zone)
    corrections = commissions.corrections_of(found.id)
    goods = (
        goods_of(corrections, sales.refunds_of(order.id), sales.lines_of(order.id))
        if order and corrections
        else {}
    )
    return Story(
        commission=found, word=settled_queries.words_of([found])[found.id],
        bill=commissions.bill_of(found), steps=[*steps, *_counted(found), *_returns(found, zone)],
        reversals=corrections, goods=goods,
        terms=programs.terms(found.terms_id) if found.terms_id else None, order=order,
    )  # fmt: skip


def csv_line(row: Earning, word: str, zone: str) -> list[str | None]:
    """One line of earnings for a spreadsheet; amounts in major units, plain digits."""
    found, here = row.commission, ZoneInfo(zone)
    assert found, "what a person added has a line of its own"
    kind = "Adjustment" if row.reversal else KINDS[found.kind]
    rate = None if row.reversal else found.explanation.get("rate_bp")
    return [
        row.at.astimezone(here).date().isoformat(), row.program_name, kind, row.order_ending,
        None if row.reversal else _digits(found.base), percent(rate) if rate else None,
        _digits(row.amount), row.amount.currency, word.replace("_", " "),
        found.hold_until.astimezone(here).date().isoformat(),
    ]  # fmt: skip


def finance_line(row: Row, zone: str) -> list[str | None]:
    """One commission of a brand for a spreadsheet; amounts in major units, plain digits."""
    found, here = row.commission, ZoneInfo(zone)
    amounts = (found.base, found.amount, -found.taken_back, found.net)
    return [
        found.public_id, row.creator.name, row.creator.handle,
        found.earned_at.astimezone(here).isoformat(" ", "minutes"), KINDS[found.kind],
        row.order_number, *map(_digits, amounts), found.amount.currency,
        row.word.replace("_", " "), found.hold_until.astimezone(here).date().isoformat(),
    ]  # fmt: skip


def csv_addition(row: Earning, zone: str) -> list[str | None]:
    """One line of what a person added or took; its reason stands where the status would."""
    on = row.at.astimezone(ZoneInfo(zone)).date().isoformat()
    words = f"Adjustment: {row.title}"
    return [on, row.program_name, words, "", None, None, _digits(row.amount), row.amount.currency,
            row.note, on]  # fmt: skip


def _counted(found: Commission) -> list[Sentence]:
    lines = found.explanation.get("lines")
    if not lines:
        return []
    count = sum(not line["is_gift_card"] for line in lines)
    items = f"{count} of {len(lines)} {'item counts' if len(lines) == 1 else 'items count'}"
    if count == len(lines):
        return [Sentence("pass", "Nothing excluded", items)]
    return [Sentence("skip", "Gift cards never count", items)]


def _returns(found: Commission, zone: str) -> list[Sentence]:
    if found.kind is not CommissionKind.SALE:
        return []
    until = wording.day_of(found.hold_until, zone)
    if found.status is CommissionStatus.VOID:
        return [Sentence("fail", "Taken back", "Nothing of it is left")]
    if found.payable_at is not None:
        return [Sentence("pass", "Return window over", f"The hold ended on {until}")]
    if found.status is CommissionStatus.ON_HOLD:
        return [Sentence("later", "On hold", found.hold_reason)]
    return [Sentence("later", "Return window open", f"Next: hold ends on {until}")]


def _digits(amount: Money) -> str:
    places = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{places}f}"
