"""A creator's home: what she is owed, what stops it, her codes, and what happened last."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from portal.adjustments import queries as adjustments
from portal.ambassadors.models import Ambassador
from portal.briefs import queries as briefs
from portal.briefs.models import AssignmentStatus
from portal.briefs.queries import Work
from portal.commissions import queries as commissions
from portal.commissions.queries import Earning
from portal.creators import queries as creators
from portal.creators.models import Creator, DestinationState, PayoutDestination
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock
from portal.payee_holds import queries as payee_holds
from portal.payouts import rules as payout_rules
from portal.payouts import stopped_queries, wording
from portal.payouts.models import BlockedReason
from portal.programs import queries as programs
from portal.reports import balance_queries, card_queries, settled_queries
from portal.reports.balance_queries import Balance
from portal.reports.card_queries import Card
from portal.storage.model import db

LATEST, DUE = 5, 3
SAID_HERE = (
    BlockedReason.HELD, BlockedReason.MEMBERSHIP, BlockedReason.AGREEMENT, BlockedReason.COUNTRY,
    BlockedReason.DUPLICATE, BlockedReason.CURRENCY,
)  # fmt: skip
NEEDS_FIXING = (DestinationState.ACTION_NEEDED, DestinationState.RESTRICTED,
                DestinationState.REJECTED, DestinationState.DISCONNECTED)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next. `kind` names the words and the button of the page."""

    kind: str
    card: Card | None = None
    work: Work | None = None
    missing: Sequence[str] = ()
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a brand's next run would leave out what it owes her, beside what `NextStep` says."""

    brand: str
    currency: str
    words: str


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
    stops: Sequence[Stop] = ()


def home(creator_id: int) -> Home:
    """Everything the home page shows, read once."""
    creator = creators.creator(creator_id)
    cards = card_queries.cards_of(creator_id, creator.zone)
    cuts = settled_queries.cuts_of({creator_id})
    sent: Counter[str] = Counter()
    for (_, _, currency), cut in cuts.items():
        sent[currency] += cut.payouts
    main, *others = balance_queries.balances(creator_id, cards, sent)
    destination = creators.destination_of(creator_id)
    due = [one for one in briefs.due_next(creator_id, DUE) if _is_ahead(one)]
    latest = commissions.latest_of(creator_id, LATEST, adjustments.lines_of)
    stops = stops_of(creator_id, destination, (main, *others))
    is_stopped = any(stop.currency == main.currency for stop in stops)
    return Home(
        creator=creator, balance=main, others=others, due=due, latest=latest,
        step=next_step(cards, main, destination, due, has_sold=bool(latest)),
        payout_state="blocked" if is_stopped else payout_state(destination, main),
        stops=stops,
        cards=[one for one in cards if one.code is not None],
        words=settled_queries.words_of([one.commission for one in latest if one.commission], cuts),
    )  # fmt: skip


def next_step(
    cards: Sequence[Card],
    balance: Balance,
    destination: PayoutDestination | None,
    due: Sequence[Work],
    *,
    has_sold: bool,
) -> NextStep | None:
    """One step only, the most urgent first (UX 1.2): accept terms, connect payout, fix payout,
    answer a brief, share the code."""
    waiting = next((one for one in cards if one.must_accept), None)
    if waiting is not None:
        return NextStep("accept", card=waiting)
    if destination is None or destination.state is DestinationState.NOT_STARTED:
        if balance.payable.minor > 0:
            return NextStep("connect")
    elif destination.state in NEEDS_FIXING:
        return NextStep("fix", missing=tuple(destination.missing))
    elif destination.state is DestinationState.ONBOARDING and balance.payable.minor > 0:
        return NextStep("finish", missing=tuple(destination.missing))
    elif destination.due:
        return NextStep("due", missing=tuple(destination.due), by=destination.due_at)
    asked = next((one for one in due if one.assignment.status == "changes_requested"), None)
    work = asked or next((one for one in due if one.assignment.status == "invited"), None)
    if work is not None:
        return NextStep("changes" if asked else "invited", work=work)
    active = next((one for one in cards if one.code and one.ambassador.is_active), None)
    return NextStep("share", card=active) if active and not has_sold else None


def stops_of(
    creator_id: int, destination: PayoutDestination | None, balances: Sequence[Balance]
) -> list[Stop]:
    """The reasons that no step of hers tells: a hold, a review, an exchange rate. The payouts page
    says all of them (R83). Most have none, and nothing is read for them."""
    if not any(one.is_stopped or _converts(destination, one) for one in balances):
        return []
    payable = balance_queries.payable_by_brand(creator_id)
    found = stopped_queries.stops_of(
        creator_id, payable, destination, payee_holds.open_holds_of(creator_id), clock.now()
    )
    return [
        Stop(identity.brand(brand_id).name, currency, wording.REASONS[reason].creator)
        for (brand_id, currency), reasons in found.items()
        for reason in reasons
        if reason in SAID_HERE
    ]


def _converts(destination: PayoutDestination | None, balance: Balance) -> bool:
    return (
        destination is not None
        and balance.payable.minor > 0
        and payout_rules.currency_at(destination.rail, balance.currency) != balance.currency
    )


def payout_state(destination: PayoutDestination | None, balance: Balance) -> str:
    """ "" when the next payout can leave, else the badge beside its date: blocked or cooling."""
    if not balance.reaches_minimum:
        return ""
    if destination is None:
        return "blocked"
    if destination.state is DestinationState.COOLING:
        return "cooling"
    return "" if destination.state is DestinationState.READY else "blocked"


def _is_ahead(work: Work) -> bool:
    # An invitation whose day has passed can no longer be taken on; late work still is hers.
    asked = work.assignment.status is AssignmentStatus.INVITED
    return not asked or work.assignment.due_at > clock.now()


def programs_of(creator_id: int) -> Sequence[tuple[int, str]]:
    """(program row id, name) of every program she earned in or belongs to, for the filter."""
    rows = db.session.scalars(
        select(Ambassador.program_id).where(Ambassador.creator_id == creator_id).distinct()
    )
    found = programs.programs_by_id(list(rows))
    return sorted(((one.id, one.name) for one in found.values()), key=lambda pair: pair[1])


def brands_of(creator_id: int) -> Sequence[Brand]:
    """Every brand she is or was an ambassador of."""
    own = select(Ambassador.brand_id).where(Ambassador.creator_id == creator_id)
    return db.session.scalars(select(Brand).where(Brand.id.in_(own)).order_by(Brand.id)).all()  # type: ignore[no-any-return]
