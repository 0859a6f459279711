"""What was paid and given, by payment date: called by payouts and by rooms that give things."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.money import Money
from portal.storage.changes import change
from portal.storage.insert_once import insert_missing, insert_once
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tax import queries, rules
from portal.tax.models import EntryKind, Reportable, TaxEntry


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that was settled: `amount` is all she was paid, `withheld` the part kept for the
    tax office."""

    source: str
    brand_id: int
    creator_id: int
    amount: Money
    withheld: Money
    rail: str
    at: datetime


def record_payments(payments: Sequence[Paid]) -> None:
    """Record these payments, each in the year of its day in the brand's zone (R97), in one
    statement. Repeating changes nothing."""
    brands = {brand_id: identity.brand(brand_id) for brand_id in {p.brand_id for p in payments}}
    zones = {brand_id: ZoneInfo(brand.zone) for brand_id, brand in brands.items()}
    policies = {brand_id: queries.policy_of(brand_id) for brand_id in brands}
    insert_missing(TaxEntry, [
        _values(
            (one.brand_id, one.creator_id), one.source, one.amount, kind=EntryKind.PAYMENT,
            reportable=rules.reportable_payment(one.rail, policies[one.brand_id]),
            paid_on=one.at.astimezone(zones[one.brand_id]).date(),
            withheld_minor=one.withheld.minor, rail=one.rail,
        )
        for one in payments
    ])  # fmt: skip


def take_back(source: str, total: Money, back: Money, withheld: Money) -> None:
    """Of a payment so much came back (`total` in all so far): a row of its own, in the year of
    that payment. Repeating it with the same total changes nothing. Raises NotFound for a payment
    that was never recorded."""
    paid = db.session.scalar(select(TaxEntry).where(TaxEntry.source == source))
    if paid is None:
        raise NotFound("This payment was not recorded for tax.")
    insert_once(TaxEntry, **_values(
        (paid.brand_id, paid.creator_id), f"{source}:returned:{total.minor}", -back,
        kind=EntryKind.RETURN, reportable=paid.reportable, paid_on=paid.paid_on,
        withheld_minor=-withheld.minor, rail=paid.rail,
    ))  # fmt: skip


def record_benefit(
    source: str,
    *,
    brand_id: int,
    creator_id: int,
    fair_value: Money,
    received_on: date,
    note: str,
    is_for_services: bool,
) -> None:
    """Something that is no money, at its fair value on the day she received it: a gift with a
    brief, points, store credit. Given for services it counts; a gift without any obligation waits
    for finance to say whether it does (R100). Repeating it changes nothing."""
    if fair_value.minor <= 0:
        raise InvalidInput("value", "Write what it costs in the shop.")
    counts = rules.reportable_benefit(is_for_services=is_for_services)
    insert_once(TaxEntry, **_values(
        (brand_id, creator_id), source, fair_value, kind=EntryKind.BENEFIT, reportable=counts,
        paid_on=received_on, note=note,
    ))  # fmt: skip


def decide_benefit(brand_id: int, entry_id: int, *, counts: bool, by: int) -> TaxEntry:
    """Finance says whether a gift without obligation counts toward the year (R100); what came back
    of it since goes the same way."""
    entry = lock(TaxEntry, entry_id)
    if entry.brand_id != brand_id:
        raise NotFound()
    if entry.reportable is not Reportable.REVIEW:
        raise Conflict("Somebody has decided this already.")
    entry.reportable = Reportable.YES if counts else Reportable.NO
    back = TaxEntry.source.startswith(f"{entry.source}:returned:", autoescape=True)
    ours = back & (TaxEntry.brand_id == brand_id)
    change(update(TaxEntry).where(ours).values(reportable=entry.reportable))
    audit.note(by, "tax-entry.decided", entry.id, brand_id=brand_id, counts=counts)
    return entry


def _values(who: tuple[int, int], source: str, amount: Money, **values: Any) -> dict[str, Any]:
    brand_id, creator_id = who
    return {
        "source": source, "brand_id": brand_id, "creator_id": creator_id,
        "year": values["paid_on"].year, "currency": amount.currency, "amount_minor": amount.minor,
        "withheld_minor": 0, "rail": "", "note": "", "created_at": clock.now(), **values,
    }  # fmt: skip
