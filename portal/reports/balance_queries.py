"""Where a creator's money stands, by currency: from the ledger alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.commissions.models import Commission, CommissionStatus
from portal.creators.models import Creator, PayoutDestination
from portal.destinations.rules import NOBODY_IN
from portal.identity.models import Brand
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry
from portal.payee_holds.models import PayeeHold
from portal.payee_holds.sharing_queries import is_shared
from portal.paying import queries as paying
from portal.payouts.coming_queries import pay_day_of
from portal.programs import queries as programs
from portal.programs import rules as program_rules
from portal.programs.models import PayoutMinimum
from portal.reports.card_queries import Card
from portal.storage.model import db

Sums = dict[tuple[str, str], Money]  # currency, state → money


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money stands in one currency, over all brands."""

    currency: str
    pending: Money
    held: Money
    payable: Money
    committed: Money
    paid: Money
    first_at: datetime | None
    last_at: datetime | None
    minimum: Money
    pay_on: date | None
    payouts: int
    is_stopped: bool = False  # some of it is owed by a brand that barred her or holds her payouts

    @property
    def earned(self) -> Money:
        return self.pending + self.held + self.payable + self.committed + self.paid

    @property
    def reaches_minimum(self) -> bool:
        return bool(self.payable) and self.payable >= self.minimum


def balances(creator_id: int, cards: Sequence[Card], payouts: dict[str, int]) -> list[Balance]:
    """Her money by currency, the main one first: that of her newest program, else her oldest.

    `payouts` is how many were sent in each. Without any account or program there is one empty
    balance.
    """
    sums, minimums, owing, stopped = _accounts(creator_id)
    ends = _maturities(creator_id)
    joined = paying.pay_days({one.brand.id: one.brand.zone for one in cards}) if not owing else {}
    soonest = min((one.pay_on for one in joined.values()), default=None)
    own = [one.brand.currency for one in cards[:1]]
    made = []
    for currency in list(dict.fromkeys([*own, *minimums])) or ["USD"]:
        zero = Money.zero(currency)
        first, last = ends.get(currency, (None, None))
        states = {state: sums.get((currency, state), zero)
                  for state in (*accounts.CREATOR_STATES, "paid")}  # fmt: skip
        made.append(
            Balance(
                currency=currency, **states, first_at=first, last_at=last,
                minimum=minimums.get(currency) or _first_minimum(cards, currency),
                pay_on=owing.get(currency, soonest),
                payouts=payouts.get(currency, 0),
                is_stopped=currency in stopped,
            )
        )  # fmt: skip
    return made


def _accounts(
    creator_id: int,
) -> tuple[Sums, dict[str, Money], dict[str, date | None], set[str]]:
    """What lies in her accounts and what left them, the least that any of their brands pays out,
    and when the first of those pays that owe her something; all by currency. Last the currencies
    in which a brand that barred her or holds her payouts owes something."""
    own = PayoutMinimum.brand_id == LedgerAccount.brand_id
    rows = db.session.execute(
        select(
            LedgerAccount,
            PayoutMinimum,
            _left_for_the_world(),
            _is_stopped(),
            Brand.zone,
            pay_day_of(LedgerAccount.brand_id, LedgerAccount.creator_id, LedgerAccount.currency),
            *paying.rhythm_of(LedgerAccount.brand_id),
        )
        .join(Brand, Brand.id == LedgerAccount.brand_id)
        .outerjoin(PayoutMinimum, own & (PayoutMinimum.currency == LedgerAccount.currency))
        .where(LedgerAccount.creator_id == creator_id)
        .order_by(LedgerAccount.brand_id, LedgerAccount.currency, LedgerAccount.id)
    )
    sums: Sums = {}
    least: dict[str, Money] = {}
    owing: dict[str, date | None] = {}
    stopped: set[str] = set()
    for account, minimum, left_minor, is_stopped, zone, planned, schedule, day in rows:
        currency = account.currency
        if is_stopped and account.state == "payable" and account.balance:
            stopped.add(currency)
        for state, amount in (
            (str(account.state), account.balance),
            ("paid", Money(-int(left_minor or 0), currency)),
        ):
            sums[currency, state] = sums.get((currency, state), Money.zero(currency)) + amount
        if account.balance:
            known = owing.get(currency), planned or paying.next_day(schedule, day, zone)
            owing[currency] = min((one for one in known if one), default=None)
        set_by_brand = minimum.amount if minimum else program_rules.default_minimum(currency)
        least[currency] = min(least.get(currency, set_by_brand), set_by_brand)
    return sums, least, owing, stopped


def payable_by_brand(creator_id: int) -> dict[tuple[int, str], Money]:
    """What each brand owes her now, by currency; what is zero is not among it."""
    found = db.session.scalars(
        select(LedgerAccount)
        .where(
            LedgerAccount.creator_id == creator_id,
            LedgerAccount.state == "payable",
            LedgerAccount.balance_minor != 0,
        )
        .order_by(LedgerAccount.brand_id, LedgerAccount.currency)
    )
    return {(one.brand_id, one.currency): one.balance for one in found if one.brand_id is not None}


def _is_stopped() -> Any:
    """Whether the brand of an account may not pay her for a reason that no step of hers tells: her
    membership, a hold, or where her account is. The rules of runs say which, if any."""
    is_held = exists().where(
        PayeeHold.creator_id == LedgerAccount.creator_id,
        PayeeHold.brand_id == LedgerAccount.brand_id,
        PayeeHold.released_at.is_(None),
    )
    waits = (MembershipStatus.BANNED, MembershipStatus.TERMS_NEEDED, MembershipStatus.ONBOARDING)
    is_out = exists().where(
        Ambassador.creator_id == LedgerAccount.creator_id,
        Ambassador.brand_id == LedgerAccount.brand_id,
        Ambassador.status.in_(waits),
    )
    lives = select(Creator.country).where(Creator.id == LedgerAccount.creator_id)
    home = lives.correlate(LedgerAccount).scalar_subquery()
    is_there = exists().where(
        PayoutDestination.creator_id == LedgerAccount.creator_id,
        PayoutDestination.country.in_(NOBODY_IN)
        | home.in_(NOBODY_IN)
        | is_shared(LedgerAccount.brand_id, PayoutDestination),
    )
    return is_held | is_out | is_there


def _left_for_the_world() -> Any:
    """What an account gave to the world: negative, in its own currency."""
    world, world_account = aliased(LedgerEntry), aliased(LedgerAccount)
    return (
        select(func.sum(LedgerEntry.amount_minor))
        .join(world, world.journal_id == LedgerEntry.journal_id)
        .join(world_account, world_account.id == world.account_id)
        .where(
            LedgerEntry.account_id == LedgerAccount.id,
            LedgerAccount.state == "committed",
            world_account.name == accounts.PAID_OUT,
            world_account.currency == LedgerAccount.currency,
        )
        .correlate(LedgerAccount)
        .scalar_subquery()
    )


def _maturities(creator_id: int) -> dict[str, tuple[datetime, datetime]]:
    """When the first and the last pending commission turn payable, by currency."""
    rows = db.session.execute(
        select(
            Commission.currency, func.min(Commission.hold_until), func.max(Commission.hold_until)
        )
        .where(
            Commission.creator_id == creator_id,
            Commission.status == CommissionStatus.PENDING,
            Commission.amount_minor > Commission.reversed_minor,
        )
        .group_by(Commission.currency)
    )
    return {currency: (first, last) for currency, first, last in rows}


def _first_minimum(cards: Sequence[Card], currency: str) -> Money:
    if not cards:
        return Money.zero(currency)
    return programs.minimum_payout(cards[0].brand.id, currency)
