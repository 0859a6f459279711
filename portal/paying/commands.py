"""Change how a brand pays. Callers commit."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from portal.audit import commands as audit
from portal.kernel import clock, currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.paying import queries, rules
from portal.paying.models import ApprovalLimit, ExchangeRate, FeeBearer, PayingTerms, Schedule
from portal.storage.model import db


def set_schedule(brand_id: int, schedule: Schedule, *, by: int | None) -> PayingTerms:
    """When the brand pays from now on (R85)."""
    found = _kept(brand_id)
    before, found.schedule = found.schedule, schedule
    _note(found, by, "schedule-set", before=before.value, after=schedule.value)
    return found


def set_ways(
    brand_id: int,
    ways: Sequence[str],
    *,
    by: int | None,
    fee_bearer: FeeBearer = FeeBearer.BRAND,
    fees: Mapping[str, int] | None = None,
    fixed_fees: Mapping[str, Mapping[str, int]] | None = None,
    uplift_bp: int = 0,
) -> PayingTerms:
    """Which ways the brand offers, what each takes, who bears it, and what store credit adds."""
    taken = dict(fees or {})
    fixed = {rail: dict(by_currency) for rail, by_currency in (fixed_fees or {}).items()}
    rules.check_ways(ways, taken, fixed, uplift_bp)
    found = _kept(brand_id)
    before = {"ways": found.ways, "fees": found.fees, "fixed_fees": found.fixed_fees,
              "uplift_bp": found.uplift_bp, "bearer": found.fee_bearer.value}  # fmt: skip
    found.ways, found.fees, found.fixed_fees = list(ways), taken, fixed
    found.fee_bearer, found.uplift_bp = fee_bearer, uplift_bp
    _note(found, by, "ways-set", before=before, ways=list(ways), fees=taken,
          fixed_fees=fixed, bearer=fee_bearer.value, uplift_bp=uplift_bp)  # fmt: skip
    return found


def set_payer(brand_id: int, name: str, iban: str, bic: str = "", *, by: int | None) -> PayingTerms:
    """The account that bank files draw on. Raises InvalidInput for a wrong IBAN or BIC."""
    holder, number, bank = rules.checked_payer(name, iban, bic)
    found = _kept(brand_id)
    found.payer_name, found.payer_iban, found.payer_bic = holder, number, bank
    before, found.payer_masked = found.payer_masked, rules.masked_iban(number)
    _note(found, by, "payer-set", before=before, after=found.payer_masked)
    return found


def set_limit(brand_id: int, amount: Money, *, by: int | None) -> ApprovalLimit:
    """Above this net a run in this currency needs a second approver (R87)."""
    rules.check_limit(amount)
    query = select(ApprovalLimit).where(
        ApprovalLimit.brand_id == brand_id, ApprovalLimit.currency == amount.currency
    )
    found = db.session.scalar(query.with_for_update())
    before = found.amount_minor if found else None
    if found is None:
        found = ApprovalLimit(brand_id=brand_id, currency=amount.currency, amount_minor=0)
        db.session.add(found)
    found.amount_minor = amount.minor
    db.session.flush()
    audit.note(by, "approval-limit.set", found.id, brand_id=brand_id, currency=amount.currency,
               before=before, after=amount.minor)  # fmt: skip
    return found  # type: ignore[no-any-return]


def enter_rate(
    brand_id: int, currency: str, target: str, rate: str, from_on: date, source: str,
    *, by: int | None,
) -> ExchangeRate:  # fmt: skip
    """Enter what one unit of a currency is worth in another from a day on, with its source (R96).

    What was paid before keeps the rate it was paid with.
    """
    if not (currencies.is_code(currency) and currencies.is_code(target)) or currency == target:
        raise InvalidInput("currency", "Write two different currency codes, such as USD and EUR.")
    if len(source.strip()) < 2:
        raise InvalidInput("source", "Write where the rate was published.")
    made = ExchangeRate(
        brand_id=brand_id, currency=currency, target=target, by_id=by,
        rate_millionths=rules.rate_from(rate), from_on=from_on, source=source.strip()[:120],
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.note(by, "exchange-rate.entered", made.id, brand_id=brand_id, pair=f"{currency}/{target}",
               rate_millionths=made.rate_millionths, from_on=from_on.isoformat())  # fmt: skip
    return made


def _kept(brand_id: int) -> PayingTerms:
    found = queries.kept(brand_id)
    if found is None:
        found = queries.usual(brand_id)
        db.session.add(found)
    found.changed_at = clock.now()
    db.session.flush()
    return found


def _note(found: PayingTerms, by: int | None, what: str, **facts: object) -> None:
    db.session.flush()
    audit.note(by, f"paying-terms.{what}", found.id, brand_id=found.brand_id, **facts)
