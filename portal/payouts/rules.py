"""Who is paid, what may happen next, who may approve, and what an approval is bound to. Pure."""

import calendar
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.creators.models import DestinationState, Rail
from portal.destinations import rules as rails
from portal.kernel import currencies
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.payee_holds.rules import SHAREABLE as SHAREABLE
from portal.paying import rules as paying
from portal.paying.models import FeeBearer
from portal.payouts.models import BlockedReason, Caution, PayoutStatus, RunStatus
from portal.tax.rules import Verdict

USUAL_TIMES = 3
LARGE_MINOR = 200_000  # 2,000.00; the same count of minor units where a currency has no decimals
RETRIES = 3
RETRY_DAYS = 7
ARRIVES = timedelta(days=5)
COMPARE_AGAIN = timedelta(hours=1)
SLOWEST_ANSWER = timedelta(seconds=40)  # of a rail that is asked, and then told: 20 s each
SEND_LEASE = timedelta(seconds=60)  # from the batch's last turn; longer than the slowest answer
ASK_AGAIN_FIRST, ASK_AGAIN_LONGEST = timedelta(seconds=2), timedelta(minutes=10)
ASKED_FOR_BALANCE = (Rail.STRIPE.value,)  # the others carry files, or money never leaves
UNUSABLE = (
    DestinationState.NOT_STARTED, DestinationState.ONBOARDING, DestinationState.DISCONNECTED,
)  # fmt: skip
USABLE = (DestinationState.READY, DestinationState.COOLING)
ARRIVES_SILENTLY = (Rail.STRIPE.value, Rail.CREDIT.value)  # others say when it has arrived


# ---- readiness
@dataclass(frozen=True, slots=True)
class Destination:
    """Where a creator's money would go, as it is now: the account's own `country`, where told, and
    hers (`home`)."""

    rail: Rail
    account_ref: str
    state: DestinationState
    changed_at: datetime
    label: str = ""
    cooling_until: datetime | None = None
    country: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A creator with a balance. `is_barred`: her membership was ended for cause; `is_held`: finance
    holds her payouts; `must_accept`: an agreement waits for her; `is_shared`: another creator of
    the brand is paid to her account, and nobody said that they may. `tax` is what her tax forms
    mean for this payout."""

    creator_id: int
    amount: Money
    destination: Destination | None
    is_barred: bool = False
    tax: Verdict | None = None
    is_held: bool = False
    must_accept: bool = False
    is_shared: bool = False


def readiness(candidate: Candidate, minimum: Money, now: datetime) -> tuple[BlockedReason, ...]:
    """Every reason why the creator cannot be paid now, the weightiest first; none: ready (R83)."""
    if candidate.amount <= Money.zero(minimum.currency):
        return (BlockedReason.NEGATIVE_BALANCE,)
    reasons = [BlockedReason.HELD] if candidate.is_held else []
    if candidate.is_barred:
        reasons.append(BlockedReason.MEMBERSHIP)
    if candidate.must_accept:
        reasons.append(BlockedReason.AGREEMENT)
    if candidate.amount < minimum:
        reasons.append(BlockedReason.BELOW_MINIMUM)
    reasons += account_reasons(candidate.destination, now)
    if candidate.destination and not _is_paid_to(candidate.destination):
        reasons.append(BlockedReason.COUNTRY)
    if candidate.is_shared:
        reasons.append(BlockedReason.DUPLICATE)
    if candidate.destination and not is_sendable(candidate.destination.rail, candidate.amount):
        reasons.append(BlockedReason.CURRENCY)
    if candidate.tax is not None and candidate.tax.stop is not None:
        reasons.append(BlockedReason(candidate.tax.stop.value))
    return tuple(reasons)


def account_reasons(destination: Destination | None, now: datetime) -> list[BlockedReason]:
    """Why nothing can be sent to this account now; none: it can (R83, R91)."""
    if destination is None or not destination.account_ref or destination.state in UNUSABLE:
        return [BlockedReason.NO_ACCOUNT]
    if destination.state not in USABLE:
        return [BlockedReason.ACCOUNT_RESTRICTED]
    if destination.cooling_until is not None and now < destination.cooling_until:
        return [BlockedReason.COOLING]
    return []


def _is_paid_to(to: Destination) -> bool:
    return rails.pays_to(to.rail, to.country, to.home)


def is_sendable(rail: Rail, amount: Money) -> bool:
    """Whether a rail can carry this very amount: Stripe counts MGA in whole units, and the
    currencies with three decimals in tens."""
    return rail is not Rail.STRIPE or amount.minor % stripe_step(amount.currency) == 0


def stripe_step(currency: str) -> int:
    """Of how many minor units Stripe's amounts are multiples."""
    ours, theirs = currencies.exponent(currency), currencies.stripe_exponent(currency)
    return int(10 ** max(ours - theirs, 0) * (10 if theirs == 3 else 1))


def cautions(
    amount: Money,
    usual: Money | None,
    *,
    account_changed: bool = False,
    account_shared: bool = False,
) -> tuple[Caution, ...]:
    """What an approver should look at. `usual` is what she got on average, None when never paid."""
    found = []
    if usual is None:
        found.append(Caution.FIRST_PAYOUT)
    elif amount.minor > USUAL_TIMES * usual.minor:
        found.append(Caution.OVER_USUAL)
    if account_changed:
        found.append(Caution.ACCOUNT_CHANGED)
    if amount > large(amount.currency):
        found.append(Caution.ABOVE_LIMIT)
    if account_shared:
        found.append(Caution.SHARED_ACCOUNT)
    return tuple(found)


def large(currency: str) -> Money:
    """Above which amount an approver should look: 2,000.00, or ¥200,000."""
    return Money(LARGE_MINOR * 10 ** max(currencies.exponent(currency) - 2, 0), currency)


# ---- what leaves
@dataclass(frozen=True, slots=True)
class Leaving:
    """What of an amount arrives, what the rail takes and who bears it, and the rate if it leaves
    in another currency."""

    pays: Money
    fee: Money
    bearer: FeeBearer = FeeBearer.BRAND
    rate_millionths: int | None = None
    rate_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """What a brand's policy says of one rail."""

    fee_bp: int = 0
    fixed_fee: Money | None = None
    bearer: FeeBearer = FeeBearer.BRAND
    uplift_bp: int = 0


def currency_at(rail: Rail, currency: str) -> str:
    """The currency that arrives: bank files carry euros only."""
    return "EUR" if rail is Rail.SEPA else currency


def leaving_of(
    amount: Money, rail: Rail, ways: Ways, rate: tuple[int, date] | None = None
) -> Leaving | None:
    """What arrives of an amount by a rail; None when it needs a rate that is not there (R96), or
    when nothing would arrive: after tax that is withheld whole, a fee that the creator bears, or a
    conversion that comes to less than half a minor unit.

    A fee the creator bears is taken before the conversion, store credit gets its uplift (R93, R94).
    """
    if not amount:
        return None
    fee = paying.fee_of(amount, ways.fee_bp, ways.fixed_fee)
    carried = amount - fee if ways.bearer is FeeBearer.CREATOR else amount
    if rail is Rail.CREDIT:
        return Leaving(paying.with_uplift(amount, ways.uplift_bp), Money.zero(amount.currency))
    if amount.minor > 0 >= carried.minor:
        return None
    target = currency_at(rail, amount.currency)
    if target == amount.currency:
        return Leaving(carried, fee, ways.bearer)
    if rate is None:
        return None
    pays = paying.converted(carried, rate[0], target)
    if carried.minor > 0 >= pays.minor:
        return None
    return Leaving(pays, fee, ways.bearer, rate[0], rate[1])


def leaves_whole(rail: Rail, ways: Ways, currency: str) -> bool:
    """Whether what arrives by a rail is just what is owed: no fee, no conversion, no uplift."""
    is_free = not ways.fee_bp and not ways.fixed_fee
    return is_free and rail is not Rail.CREDIT and currency_at(rail, currency) == currency


def returned_of(returned: Money, pays: Money, carried: Money) -> Money:
    """What came back so far, in the currency it was owed in: at the rate it left with (R96)."""
    part = min(returned, pays)
    return carried if part == pays else carried.scaled(part.minor, pays.minor)


# ---- what stands before closing
@dataclass(frozen=True, slots=True)
class MonthOut:
    """The statements of the last month that ended by a run's cut-off, as "2026-10" and in words;
    "" when no such month has any. `due` names the first month that has to come out before, itself
    included; "" when it is out. `due_at` is when that one comes out by itself."""

    month: str = ""
    words: str = ""
    count: int = 0
    mailed: int = 0
    due: str = ""
    due_at: datetime | None = None

    @property
    def is_out(self) -> bool:
        """Nothing of it waits to be published."""
        return not self.due


# ---- what an approval is bound to
class Line(NamedTuple):
    """One payout as it is approved: who gets how much, where. `pays` is what arrives, in words,
    where that is not the amount."""

    payout: str
    creator_id: int
    amount_minor: int
    rail: str
    account_ref: str
    withheld_minor: int = 0
    pays: str = ""


def control_hash(
    run: str, round_: int, currency: str, lines: Iterable[Line], pay_on: date | None = None
) -> str:
    """SHA-256 over the run, its count and total, its pay date, and every line: any difference
    shows (R86)."""
    ordered = sorted(lines, key=lambda line: line.creator_id)
    total = sum(line.amount_minor for line in ordered)
    parts: list[Sequence[object]] = [(run, round_, currency, len(ordered), total)]
    parts += [("pays on", pay_on.isoformat())] if pay_on else []
    parts += [line[:5] + tuple(more for more in line[5:] if more) for line in ordered]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def approval_refusal(
    user_id: int, touched_by: Collection[int], marked_by: Collection[int] = ()
) -> str | None:
    """Why this person may not approve the run, as a sentence; None when she may (R87).
    `marked_by`: those whose only change was to mark payouts of it as paid another way."""
    if user_id in marked_by:
        return "You marked payouts of this run as paid, so someone else must approve it."
    if user_id in touched_by:
        return "You prepared this run, so someone else must approve it."
    return None


# ---- what may happen next
class RunAct(StrEnum):
    CALCULATE = "calculate"
    CALCULATED = "finish calculating"
    CALCULATION_FAILED = "fail calculating"
    SUBMIT = "submit"
    RECALL = "recall"
    RETURN = "return"
    APPROVE = "approve"
    LAPSE = "lapse"
    EXECUTE = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RUN_SHORT = "wait for funds with"
    STOP = "stop"
    FINISH = "finish"
    FINISH_WITH_FAILURES = "finish with failures"
    RETRY = "retry"
    CLOSE = "close"
    CANCEL = "cancel"


S, A = RunStatus, RunAct
RUN_STEPS: dict[RunStatus, dict[RunAct, RunStatus]] = {
    S.DRAFT: {A.CALCULATE: S.CALCULATING, A.CANCEL: S.CANCELLED},
    S.CALCULATING: {A.CALCULATED: S.IN_REVIEW, A.CALCULATION_FAILED: S.FAILED},
    S.FAILED: {A.CALCULATE: S.CALCULATING, A.CANCEL: S.CANCELLED},
    S.IN_REVIEW: {
        A.CALCULATE: S.CALCULATING,
        A.SUBMIT: S.AWAITING_APPROVAL,
        A.CANCEL: S.CANCELLED,
    },
    S.AWAITING_APPROVAL: {
        A.RECALL: S.IN_REVIEW,
        A.RETURN: S.IN_REVIEW,
        A.APPROVE: S.APPROVED,
        A.CANCEL: S.CANCELLED,
    },
    S.APPROVED: {
        A.EXECUTE: S.EXECUTING,
        A.RUN_SHORT: S.PAUSED,
        A.LAPSE: S.AWAITING_APPROVAL,
        A.STOP: S.STOPPED,
    },
    S.EXECUTING: {
        A.PAUSE: S.PAUSED,
        A.STOP: S.STOPPED,
        A.FINISH: S.COMPLETED,
        A.FINISH_WITH_FAILURES: S.COMPLETED_WITH_FAILURES,
    },
    S.PAUSED: {A.RESUME: S.EXECUTING, A.STOP: S.STOPPED, A.LAPSE: S.AWAITING_APPROVAL},
    S.COMPLETED: {A.CLOSE: S.CLOSED},
    S.COMPLETED_WITH_FAILURES: {A.RETRY: S.EXECUTING, A.CLOSE: S.CLOSED},
    S.STOPPED: {A.CLOSE: S.CLOSED},
    S.CLOSED: {},
    S.CANCELLED: {},
}


def may_cancel(status: RunStatus) -> bool:
    """Whether a run in this state can still be given up."""
    return RunAct.CANCEL in RUN_STEPS[status]


def next_run_status(status: RunStatus, act: RunAct) -> RunStatus:
    """Where an act leads. Raises Conflict when the run's state does not permit it (UX 6.11)."""
    after = RUN_STEPS[status].get(act)
    if after is None:
        raise Conflict(f"This run is {words(status)}, so nobody can {act} it now.")
    return after


class PayoutAct(StrEnum):
    HOLD = "hold"
    INCLUDE = "include"
    QUEUE = "queue"
    UNQUEUE = "unqueue"
    CLAIM = "send"
    LOSE = "lose"
    REQUEUE = "requeue"
    SKIP = "skip"
    HAND_OVER = "hand over"
    SETTLE = "settle"
    RELEASE = "release"
    RETRY = "retry"
    ROLL_OVER = "roll over"
    MARK_OUTSIDE = "mark as paid outside"
    ARRIVE = "confirm"
    DOUBT = "doubt"
    RETURN = "return"
    CANCEL = "cancel"


P, B = PayoutStatus, PayoutAct
PAYOUT_STEPS: dict[PayoutStatus, dict[PayoutAct, PayoutStatus]] = {
    P.READY: {
        B.HOLD: P.HELD,
        B.QUEUE: P.QUEUED,
        B.ROLL_OVER: P.ROLLED_OVER,
        B.MARK_OUTSIDE: P.MARKED_OUTSIDE,
        B.CANCEL: P.CANCELLED,
    },
    P.BLOCKED: {B.HOLD: P.HELD, B.ROLL_OVER: P.ROLLED_OVER, B.CANCEL: P.CANCELLED},
    P.HELD: {B.INCLUDE: P.READY, B.ROLL_OVER: P.ROLLED_OVER, B.CANCEL: P.CANCELLED},
    P.QUEUED: {
        B.CLAIM: P.SENDING,
        B.UNQUEUE: P.READY,
        B.SKIP: P.FAILED,
        B.ROLL_OVER: P.ROLLED_OVER,
        B.MARK_OUTSIDE: P.MARKED_OUTSIDE,
    },
    P.SENDING: {
        B.CLAIM: P.SENDING,
        B.LOSE: P.UNKNOWN,
        B.REQUEUE: P.QUEUED,
        B.HAND_OVER: P.HANDED,
        B.SETTLE: P.SENT,
        B.RELEASE: P.FAILED,
    },
    P.HANDED: {B.SETTLE: P.SENT, B.RELEASE: P.FAILED},
    P.UNKNOWN: {B.CLAIM: P.SENDING},
    P.SENT: {B.ARRIVE: P.PAID, B.RETURN: P.RETURNED},
    P.PAID: {B.DOUBT: P.SENT, B.RETURN: P.RETURNED},
    P.FAILED: {
        B.RETRY: P.QUEUED,
        B.ROLL_OVER: P.ROLLED_OVER,
        B.MARK_OUTSIDE: P.MARKED_OUTSIDE,
    },
    P.MARKED_OUTSIDE: {B.RETURN: P.RETURNED},
    P.RETURNED: {},
    P.ROLLED_OVER: {},
    P.CANCELLED: {},
}


def next_payout_status(status: PayoutStatus, act: PayoutAct) -> PayoutStatus:
    """Where an act leads. Raises Conflict when the payout's state does not permit it (UX 6.12)."""
    after = PAYOUT_STEPS[status].get(act)
    if after is None:
        raise Conflict(f"This payout is {words(status)}, so nobody can {act} it now.")
    return after


def words(status: StrEnum) -> str:
    """A state as it is said in a sentence: "awaiting approval"."""
    return status.value.replace("_", " ")


# ---- periods
def day_in(now: datetime, zone: str) -> date:
    """The day that an instant falls on in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def label_of(cutoff_on: date) -> str:
    """A run ending with its month is "October 2026"; any other is "Up to 12 Nov 2026"."""
    month = calendar.month_name[cutoff_on.month]
    if cutoff_on.day == calendar.monthrange(cutoff_on.year, cutoff_on.month)[1]:
        return f"{month} {cutoff_on.year}"
    return f"Up to {cutoff_on.day} {month[:3]} {cutoff_on.year}"


def short_label(label: str) -> str:
    """A run's name where there is little room: "October 2026" is "Oct", "Up to 12 Nov 2026" is
    "12 Nov"; another name stays."""
    words = label.removeprefix("Up to ").split()
    if not label.startswith("Up to ") and len(words) == 2 and words[0] in calendar.month_name:
        return words[0][:3]
    return " ".join(words[:2]) if label.startswith("Up to ") else label


def calculation_of(run_id: int) -> str:
    """Under which name the calculation of a run waits among the jobs: one at a time."""
    return f"run:{run_id}:calculate"


# ---- sending
def ask_again_in(tries: int) -> timedelta:
    """How long to wait before the provider is asked about an unknown payout again: 2 s doubling
    up to 10 minutes, for as long as it takes."""
    doubled: timedelta = ASK_AGAIN_FIRST * int(2 ** min(max(tries - 1, 0), 12))
    return min(doubled, ASK_AGAIN_LONGEST)


def retry_refusal(
    tries: int, is_retryable: bool, approved_at: datetime | None, now: datetime
) -> str | None:
    """Why a failed payout cannot be tried again under the same approval; None when it can."""
    if not is_retryable:
        return "The creator has to change something first. The money stays payable."
    if tries > RETRIES:
        return f"It was tried {tries} times. The money stays payable for the next run."
    if approved_at is None or now >= approved_at + timedelta(days=RETRY_DAYS):
        return f"The approval is more than {RETRY_DAYS} days old. The next run pays it."
    return None
