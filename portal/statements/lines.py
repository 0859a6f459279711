"""A month line by line, in words: which order, fee or payout changed what a creator has."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.adjustments.models import Adjustment
from portal.commissions.models import Commission
from portal.commissions.wording import KINDS
from portal.kernel.money import Money
from portal.payouts.models import Payout, PayoutRun
from portal.sales.models import Order
from portal.statements.queries import Move
from portal.statements.rules import MoveKind
from portal.storage.model import db

IDS_AT_ONCE = 500
OTHERS = {"vat on invoice": "VAT on an invoice"}
PAID = {True: "Payout", False: "Payout that came back"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `thing` is the public id of the commission, payout or adjustment it is about, if
    any; beside it a payout's `run`, and the `commission` that an adjustment is about."""

    at: datetime
    kind: MoveKind
    words: str
    note: str
    amount: Money
    thing: str = ""
    run: str = ""
    commission: str = ""

    @property
    def is_payout(self) -> bool:
        return self.thing.startswith("po_")

    @property
    def is_adjustment(self) -> bool:
        return self.thing.startswith("adj_")


def lines_of(moves: Sequence[Move]) -> list[Line]:
    """The moves of a month with their words, oldest first; the amounts are those of the books."""
    by_kind: dict[str, set[int]] = defaultdict(set)
    for move in moves:
        what, row_id = _subject(move.reference)
        by_kind[what].add(row_id)
    commissions, payouts = _commissions(by_kind["commission"]), _payouts(by_kind["payout"])
    adjustments = _adjustments(by_kind["adjustment"])
    found = []
    for move in moves:
        what, row_id = _subject(move.reference)
        if what == "commission" and row_id in commissions:
            found.append(_of_commission(move, *commissions[row_id]))
        elif what == "payout" and row_id in payouts:
            found.append(_of_payout(move, *payouts[row_id]))
        elif what == "adjustment" and row_id in adjustments:
            found.append(_of_adjustment(move, *adjustments[row_id]))
        else:
            words = OTHERS.get(move.reason, move.reason[:1].upper() + move.reason[1:])
            found.append(Line(move.at, move.kind, words, "", move.amount))
    return found


def ending_of(number: str) -> str:
    """The end of an order's number, which is all a creator sees of it (R144)."""
    return "".join(sign for sign in number if sign.isalnum())[-4:]


def _of_commission(move: Move, commission: Commission, number: str | None) -> Line:
    words = KINDS[commission.kind]
    if move.kind is MoveKind.REVERSED:
        words = "Taken back" if move.amount.minor < 0 else "Given back"
    about = f"Order ending {ending_of(number)}" if number else commission.explanation.get("title")
    return Line(move.at, move.kind, words, about or "", move.amount, commission.public_id)


def _of_adjustment(move: Move, adjustment: Adjustment, commission: str | None) -> Line:
    words = f"Adjustment: {adjustment.reason.value}"
    return Line(
        move.at, move.kind, words, adjustment.note, move.amount, adjustment.public_id,
        commission=commission or "",
    )  # fmt: skip


def _of_payout(move: Move, public_id: str, label: str, run: str) -> Line:
    words = PAID[move.amount.minor < 0]
    if move.kind is MoveKind.WITHHELD:
        words = "Withheld for tax" if move.amount.minor < 0 else "No longer withheld for tax"
    elif move.kind is MoveKind.ADJUSTED:
        words = "Fee of the payout"
    return Line(move.at, move.kind, words, label, move.amount, public_id, run=run)


def _subject(reference: str) -> tuple[str, int]:
    what, _, rest = reference.partition(":")
    number = rest.partition(":")[0]
    return (what, int(number)) if number.isdecimal() else ("", 0)


def _commissions(ids: set[int]) -> dict[int, tuple[Commission, str | None]]:
    wanted = select(Commission.id, Commission, Order.number)
    return _found(wanted.outerjoin(Order, Order.id == Commission.order_id), Commission.id, ids)


def _adjustments(ids: set[int]) -> dict[int, tuple[Adjustment, str | None]]:
    wanted = select(Adjustment.id, Adjustment, Commission.public_id)
    about = Commission.id == Adjustment.commission_id
    return _found(wanted.outerjoin(Commission, about), Adjustment.id, ids)


def _payouts(ids: set[int]) -> dict[int, tuple[str, str, str]]:
    wanted = select(Payout.id, Payout.public_id, PayoutRun.label, PayoutRun.public_id)
    return _found(wanted.join(PayoutRun, PayoutRun.id == Payout.run_id), Payout.id, ids)


def _found(wanted: Any, key: Any, ids: set[int]) -> dict[int, Any]:
    """The rows of these ids, without the id they are kept by."""
    ordered = sorted(ids)
    found: dict[int, Any] = {}
    for at in range(0, len(ordered), IDS_AT_ONCE):
        some = key.in_(ordered[at : at + IDS_AT_ONCE])
        found |= {row_id: tuple(rest) for row_id, *rest in db.session.execute(wanted.where(some))}
    return found
