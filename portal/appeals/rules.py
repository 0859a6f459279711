"""Who may object to what and until when, who may decide, and what a decision may move."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.appeals.models import AppealKind, AppealStatus
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money

Status = AppealStatus
CREATOR_DAYS = 7  # a creator who is asked and stays silent so long has withdrawn (UX 6.16)
REOPEN_DAYS = 14
WEEKEND = 5  # Saturday, by datetime.weekday()


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a brand's appeals. `limit`: above it a decision needs finance."""

    open_days: int
    answer_days: int
    limit: Money


@dataclass(frozen=True, slots=True)
class Subject:
    """What an appeal is about. `since`: when what is objected to happened.

    `expected` is what deciding in full would move (None: nothing, or only an amount can say).
    `needs_proof`: only with a link to something that shows it. `refusal` says in a sentence why it
    cannot be appealed ("" when it can).
    """

    kind: AppealKind
    key: str
    title: str
    brand_id: int
    creator_id: int
    ambassador_id: int | None
    currency: str
    since: datetime
    order_id: int | None = None
    commission_id: int | None = None
    assignment_id: int | None = None
    payout_id: int | None = None
    expected: Money | None = None
    needs_proof: bool = False
    refusal: str = ""


def default_policy(currency: str) -> Policy:
    """Sixty days to object, three working days to answer, finance above 100 of the currency."""
    return Policy(60, 3, Money.of(f"100 {currency}"))


def last_instant(since: datetime, policy: Policy) -> datetime:
    """The last instant at which an appeal may be opened; it is inside."""
    return since + timedelta(days=policy.open_days)


def refusal_of(subject: Subject, policy: Policy, now: datetime) -> str:
    """Why this cannot be appealed (any more), in words for the creator; "" when it can."""
    if subject.refusal:
        return subject.refusal
    until = last_instant(subject.since, policy)
    if now <= until:
        return ""
    days = policy.open_days
    return f"An appeal had to be opened by {until:%-d %b %Y}, {days} days after it happened."


def check_can_open(subject: Subject, policy: Policy, now: datetime) -> None:
    """Raises Conflict when this cannot be appealed (any more)."""
    refusal = refusal_of(subject, policy, now)
    if refusal:
        raise Conflict(refusal)


def check_is_news(subject: Subject, decided_at: datetime | None) -> None:
    """A decision is final, but for the second look that it allows itself. Raises Conflict when
    nothing has happened since."""
    if decided_at is not None and subject.since < decided_at:
        raise Conflict(
            f"The brand decided about this on {decided_at:%-d %b %Y}. "
            "The answer, and whether you can ask for a second look, stands under Appeals."
        )


def answer_due(at: datetime, days: int, zone: str) -> datetime:
    """The same time of day, `days` working days later, by the brand's calendar (R63)."""
    local, left = at.astimezone(ZoneInfo(zone)), days
    while left:
        local += timedelta(days=1)
        left -= local.weekday() < WEEKEND
    return local.astimezone(at.tzinfo)


_STEPS: dict[str, dict[Status, Status]] = {
    "take": {
        Status.OPEN: Status.UNDER_REVIEW,
        Status.UNDER_REVIEW: Status.UNDER_REVIEW,
        Status.WAITING_CREATOR: Status.WAITING_CREATOR,
        Status.WAITING_FINANCE: Status.WAITING_FINANCE,
    },
    "ask": dict.fromkeys((Status.OPEN, Status.UNDER_REVIEW), Status.WAITING_CREATOR),
    "reply": {
        Status.WAITING_CREATOR: Status.UNDER_REVIEW,
        Status.OPEN: Status.OPEN,
        Status.UNDER_REVIEW: Status.UNDER_REVIEW,
        Status.WAITING_FINANCE: Status.WAITING_FINANCE,
    },
    "put forward": dict.fromkeys(
        (Status.OPEN, Status.UNDER_REVIEW, Status.WAITING_CREATOR), Status.WAITING_FINANCE
    ),
    "decide": dict.fromkeys(
        (Status.OPEN, Status.UNDER_REVIEW, Status.WAITING_CREATOR), Status.UPHELD
    ),
    "agree": {Status.WAITING_FINANCE: Status.UPHELD},
    "withdraw": dict.fromkeys(
        (Status.OPEN, Status.UNDER_REVIEW, Status.WAITING_CREATOR, Status.WAITING_FINANCE),
        Status.WITHDRAWN,
    ),
    "reopen": {Status.REJECTED: Status.OPEN},
}


def next_status(status: Status, action: str) -> Status:
    """The status after an action. Raises Conflict where the present one does not allow it."""
    after = _STEPS[action].get(status)
    if after is None:
        raise Conflict(f"This appeal is {words(status)}; it changed since you opened it.")
    return after


def words(status: Status) -> str:
    """The state as it stands in a sentence."""
    return {
        Status.WAITING_CREATOR: "waiting for the creator",
        Status.WAITING_FINANCE: "waiting for finance",
    }.get(status, status.value.replace("_", " "))


def check_can_reopen(
    status: Status, decided_at: datetime | None, reopened_at: datetime | None, now: datetime
) -> None:
    """Once, within 14 days of a rejection (UX 6.16). Raises Conflict otherwise."""
    next_status(status, "reopen")
    if reopened_at is not None:
        raise Conflict("This appeal was reopened before. The second decision is final.")
    assert decided_at, "a rejected appeal was decided"
    if now > decided_at + timedelta(days=REOPEN_DAYS):
        raise Conflict(f"An appeal can be reopened for {REOPEN_DAYS} days. They are over.")


def check_decider(first_decided_by: int | None, reopened_at: datetime | None, by: int) -> None:
    """Another person than the first decides a reopened appeal. Raises NotAllowed."""
    if reopened_at is not None and by == first_decided_by:
        raise NotAllowed("You decided this the first time. Somebody else must look at it now.")


def check_second_person(proposed_by: int | None, by: int) -> None:
    """Whoever put a decision forward cannot agree to it too. Raises NotAllowed."""
    if by == proposed_by:
        raise NotAllowed("You put this decision forward, so somebody else must agree to it.")


def checked_award(
    kind: AppealKind, outcome: Status, expected: Money | None, amount: Money | None, currency: str
) -> Money | None:
    """What a decision moves; None when no money moves. Raises InvalidInput.

    In full moves what is expected, or an amount where nothing else can say it; in part always
    needs an amount above zero and below the whole.
    """
    if outcome is Status.REJECTED or kind is AppealKind.MEMBERSHIP:
        if outcome is Status.PARTLY_UPHELD:
            raise InvalidInput("outcome", "A membership is given back or it is not.")
        return None
    if outcome is Status.UPHELD and expected is not None:
        return expected
    if amount is None or amount.minor <= 0:
        raise InvalidInput("amount", f"Write the amount, in {currency}.")
    if outcome is Status.PARTLY_UPHELD and expected is not None and amount >= expected:
        raise InvalidInput("amount", f"A part is less than the whole, which is {expected}.")
    return amount


def needs_finance(award: Money | None, policy: Policy) -> bool:
    """Whether a second person from finance must agree: above the limit, or in another currency
    than the limit is written in."""
    if award is None:
        return False
    return award.currency != policy.limit.currency or award > policy.limit
