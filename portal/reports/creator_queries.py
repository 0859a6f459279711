"""A creator's home: what she is owed, what stops it, her codes, and what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.applications import membership_queries
from portal.applications.membership_queries import Membership
from portal.attribution import queries as attributions
from portal.attribution.queries import Figures
from portal.briefs import queries as briefs
from portal.briefs.models import AssignmentStatus
from portal.briefs.queries import Work
from portal.commissions import queries as commissions
from portal.commissions.queries import Earning
from portal.creators import queries as creators
from portal.creators.models import Creator, DestinationState, PayoutDestination
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as ledger
from portal.payouts.models import GONE, Payout
from portal.programs import queries as programs
from portal.reports import settled_queries
from portal.storage.model import db
from portal.tracking import queries as tracking

CARDS, LATEST, DUE = 3, 5, 3
CURRENT = (MembershipStatus.ACTIVE, MembershipStatus.PAUSED, MembershipStatus.TERMS_NEEDED,
           MembershipStatus.ONBOARDING)  # fmt: skip
NEEDS_FIXING = (DestinationState.ACTION_NEEDED, DestinationState.RESTRICTED,
                DestinationState.REJECTED, DestinationState.DISCONNECTED)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One membership with its code, link and this month's figures."""

    membership: Membership
    month_start: datetime
    clicks: int
    figures: Sequence[Figures]

    @property
    def orders(self) -> int:
        return sum(one.orders for one in self.figures)


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money stands in one currency, over all brands; from the ledger alone."""

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

    @property
    def earned(self) -> Money:
        return self.pending + self.held + self.payable + self.committed + self.paid

    @property
    def reaches_minimum(self) -> bool:
        return bool(self.payable) and self.payable >= self.minimum


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next. `kind` names the words and the button of the page."""

    kind: str
    membership: Membership | None = None
    work: Work | None = None
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """The creator's home page. `balance` is the main currency's, `others` the rest."""

    creator: Creator
    balance: Balance
    others: Sequence[Balance]
    step: NextStep | None
    payout_state: str
    cards: Sequence[Card]
    due: Sequence[Work]
    latest: Sequence[Earning]
    words: dict[int, str] = field(default_factory=dict)


def home(creator_id: int) -> Home:
    """Everything the home page shows, read once."""
    creator = creators.creator(creator_id)
    joined = [one for one in membership_queries.joined_by(creator_id)
              if one.ambassador.status in CURRENT]  # fmt: skip
    members = [
        membership_queries.membership_of(creator_id, one.program.public_id)
        for one in joined[:CARDS]
    ]
    main, *others = balances(creator_id, members)
    destination = creators.destination_of(creator_id)
    due = [one for one in briefs.due_next(creator_id, DUE) if _is_ahead(one)]
    latest = commissions.latest_of(creator_id, LATEST)
    return Home(
        creator=creator, balance=main, others=others, due=due, latest=latest,
        step=next_step(members, main, destination, due, has_sold=bool(latest)),
        payout_state=payout_state(destination, main),
        cards=_cards([one for one in members if one.code is not None], creator.zone),
        words=settled_queries.words_of([one.commission for one in latest]),
    )  # fmt: skip


def balances(creator_id: int, members: Sequence[Membership] = ()) -> list[Balance]:
    """Her money by currency, the main one first: that of her newest program, else her oldest.

    Without any account or program there is one empty balance.
    """
    pairs = list(ledger.currencies_of(creator_id))
    own = [one.brand.currency for one in members]
    order = list(dict.fromkeys([*own[:1], *(currency for _, currency in pairs)])) or ["USD"]
    counts = _payouts(creator_id)
    return [_balance(creator_id, currency, pairs, members, counts) for currency in order]


def next_step(
    members: Sequence[Membership],
    balance: Balance,
    destination: PayoutDestination | None,
    due: Sequence[Work],
    *,
    has_sold: bool,
) -> NextStep | None:
    """One step only, the most urgent first (UX 1.2): accept terms, connect payout, fix payout,
    answer a brief, share the code."""
    waiting = next((one for one in members if one.must_accept), None)
    if waiting is not None:
        return NextStep("accept", membership=waiting)
    if destination is None or destination.state is DestinationState.NOT_STARTED:
        if balance.payable.minor > 0:
            return NextStep("connect")
    elif destination.state in NEEDS_FIXING:
        return NextStep("fix", missing=tuple(destination.missing))
    elif destination.state is DestinationState.ONBOARDING and balance.payable.minor > 0:
        return NextStep("finish", missing=tuple(destination.missing))
    asked = next((one for one in due if one.assignment.status == "changes_requested"), None)
    work = asked or next((one for one in due if one.assignment.status == "invited"), None)
    if work is not None:
        return NextStep("changes" if asked else "invited", work=work)
    active = next((one for one in members if one.code and one.ambassador.is_active), None)
    return NextStep("share", membership=active) if active and not has_sold else None


def payout_state(destination: PayoutDestination | None, balance: Balance) -> str:
    """ "" when the next payout can leave, else the badge beside its date: blocked or cooling."""
    if not balance.reaches_minimum:
        return ""
    if destination is None:
        return "blocked"
    if destination.state is DestinationState.COOLING:
        return "cooling"
    return "" if destination.state is DestinationState.READY else "blocked"


def pay_day_after(pay_day: int, today: date) -> date:
    """The next day of payment: this month's while it lies ahead, else the next month's."""
    if today.day <= pay_day:
        return today.replace(day=pay_day)
    year, month = divmod(today.year * 12 + today.month, 12)
    return date(year, month + 1, pay_day)


def _is_ahead(work: Work) -> bool:
    # An invitation whose day has passed can no longer be taken on; late work still is hers.
    asked = work.assignment.status is AssignmentStatus.INVITED
    return not asked or work.assignment.due_at > clock.now()


def _balance(
    creator_id: int,
    currency: str,
    pairs: Sequence[tuple[int, str]],
    members: Sequence[Membership],
    payouts: dict[str, int],
) -> Balance:
    brands = [brand_id for brand_id, found in pairs if found == currency]
    found = [ledger.balances_of(brand_id, creator_id, currency) for brand_id in brands]
    ends = [commissions.next_maturity(creator_id, brand_id, currency) for brand_id in brands]
    spans = [span for span in ends if span is not None]
    home_brands = brands or [one.brand.id for one in members[:1]]
    minimums = [programs.minimum_payout(brand_id, currency) for brand_id in home_brands]
    days = [pay_day_after(one.program.pay_day, clock.today(one.brand.zone)) for one in members]

    def total(state: str) -> Money:
        return Money.total((getattr(one, state) for one in found), currency)

    return Balance(
        currency=currency, pending=total("pending"), held=total("held"), payable=total("payable"),
        committed=total("committed"), paid=total("paid"),
        first_at=min((first for first, _ in spans), default=None),
        last_at=max((last for _, last in spans), default=None),
        minimum=min(minimums, default=Money.zero(currency)), pay_on=min(days, default=None),
        payouts=payouts.get(currency, 0),
    )  # fmt: skip


def _payouts(creator_id: int) -> dict[str, int]:
    rows = db.session.execute(
        select(Payout.currency, func.count())
        .where(Payout.creator_id == creator_id, Payout.status.in_(GONE))
        .group_by(Payout.currency)
    )
    return dict(rows.all())


def _cards(members: Sequence[Membership], zone: str) -> list[Card]:
    since = clock.start_of_day(clock.today(zone).replace(day=1), zone)
    ids = [one.ambassador.id for one in members]
    figures = attributions.figures_by_ambassador(ids, since)
    return [
        Card(
            one, since, tracking.clicks_of_ambassador(one.ambassador.id, since),
            figures.get(one.ambassador.id, ()),
        )
        for one in members
    ]  # fmt: skip


def programs_of(creator_id: int) -> Sequence[tuple[int, str]]:
    """(program row id, name) of every program she earned in or belongs to, for the filter."""
    rows = db.session.scalars(
        select(Ambassador.program_id).where(Ambassador.creator_id == creator_id).distinct()
    )
    found = programs.programs_by_id(list(rows))
    return sorted(((one.id, one.name) for one in found.values()), key=lambda pair: pair[1])
