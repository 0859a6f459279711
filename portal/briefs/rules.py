"""How briefs decide: the caption checks of R109–R113, who may approve, and the state machines.

Pure: instants and limits come in as arguments.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from portal.briefs import reading
from portal.briefs.models import AssignmentStatus as A
from portal.briefs.models import BriefStatus as B
from portal.briefs.models import SubmissionStatus as S
from portal.kernel.errors import Conflict
from portal.kernel.money import Money

ROUNDS_CAP = 2  # R117
MISSED_AFTER = timedelta(hours=48)  # UX §2.5
ARCHIVED_AFTER = timedelta(days=30)  # UX §6.4


class CheckKind(StrEnum):
    """The automatic checks, in the order they are shown."""

    DISCLOSURE = "disclosure"
    LINE = "line"
    TAGS = "tags"
    LINK = "link"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check of a version: `found` is the short fact, `advice` what to do when it
    failed. Only a failed disclosure can never be overridden (R113)."""

    kind: CheckKind
    passed: bool
    label: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a version is checked against: the accepted brief version and the due instant."""

    disclosure_line: str
    required_tags: tuple[str, ...]
    channels: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was sent: `used_before` when the same live link already stands in another assignment."""

    caption: str
    live_url: str
    sent_at: datetime
    used_before: bool = False


def disclosure_check(caption: str) -> Check:
    """Whether the caption discloses in its first three lines, by an accepted form (R110–R112)."""
    finding = reading.find_disclosure(caption)
    if finding.is_valid:
        return Check(
            CheckKind.DISCLOSURE, True, "Disclosure", f"{finding.words}, line {finding.line}"
        )
    return Check(CheckKind.DISCLOSURE, False, "Disclosure", finding.short, finding.advice)


def checks_of(delivered: Delivered, asked: Asked) -> list[Check]:
    """Every automatic check of a version, in the order they are shown."""
    has_own_words = reading.folded(asked.disclosure_line) not in reading.PRIMARY_WORDS
    line = [line_check(delivered.caption, asked.disclosure_line)] if has_own_words else []
    tags = [tags_check(delivered.caption, asked.required_tags)] if asked.required_tags else []
    return [
        disclosure_check(delivered.caption),
        *line,
        *tags,
        link_check(delivered.live_url, asked.channels, used_before=delivered.used_before),
        deadline_check(delivered.sent_at, asked.due_at),
    ]


def line_check(caption: str, required: str) -> Check:
    """Whether the brief's own disclosure line stands in the caption word for word, in any case."""
    if reading.one_line(required) in reading.one_line(caption):
        return Check(CheckKind.LINE, True, "Brief’s line", "there")
    advice = f"The brief asks for the words “{required}”."
    return Check(CheckKind.LINE, False, "Brief’s line", "other words", advice)


def tags_check(caption: str, required: Sequence[str]) -> Check:
    """Whether each required tag or mention stands in the caption as a whole word, in any case."""
    present = reading.tokens(caption)
    absent = [tag for tag in required if reading.folded(tag) not in present]
    if not absent:
        found = required[0] if len(required) == 1 else f"all {len(required)} there"
        return Check(CheckKind.TAGS, True, "Tags", found)
    return Check(
        CheckKind.TAGS, False, "Tags", f"{', '.join(absent)} missing",
        f"Add {' and '.join(absent)} to the caption.",
    )  # fmt: skip


def link_check(url: str, channels: Collection[str], *, used_before: bool = False) -> Check:
    """Whether the live link leads to one post on a channel the brief asks for, used only once."""
    address, platform = reading.address_of(url), reading.platform_of(url)
    refused: tuple[str, str] | None = None
    if address is None:
        refused = "no address", "Paste the whole address of the post, starting with https://."
    elif not address.path.strip("/") and not address.query:
        refused = "not a post", "This leads to a front page. Paste the address of the post itself."
    elif channels and "other" not in channels and platform not in channels:
        names = " or ".join(reading.PLATFORM_WORDS.get(c, c) for c in dict.fromkeys(channels))
        refused = f"not on {names}", f"The brief asks for {names}."
    elif used_before:
        refused = "sent before", "This post was sent for another brief. Each brief needs its own."
    if refused:
        return Check(CheckKind.LINK, False, "Link", *refused)
    found = "given" if platform == "other" else f"on {reading.PLATFORM_WORDS[platform]}"
    return Check(CheckKind.LINK, True, "Link", found)


def deadline_check(sent_at: datetime, due_at: datetime) -> Check:
    """Whether it was sent before the first instant that is too late."""
    if sent_at >= due_at:
        late = sent_at - due_at
        days = late // timedelta(days=1) + 1
        return Check(
            CheckKind.DEADLINE, False, "On time", f"{days} {_days(days)} late",
            "It is after the due day. The brand decides whether it still counts.",
        )  # fmt: skip
    early = (due_at - sent_at) // timedelta(days=1)
    return Check(
        CheckKind.DEADLINE, True, "On time", f"{early} {_days(early)} early" if early else "yes"
    )


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


def due_words(due_at: datetime, now: datetime) -> str:
    """ "Due today", "Due in 3 days", "2 days late": how long there is until a due instant."""
    if now >= due_at:
        late = (now - due_at) // timedelta(days=1) + 1
        return f"{late} {_days(late)} late"
    left = (due_at - now) // timedelta(days=1)
    return f"Due in {left} {_days(left)}" if left else "Due today"


def as_facts(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Checks as plain values, for the submission's own column."""
    return [asdict(check) for check in checks]


def from_facts(facts: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Checks out of the stored values."""
    return [Check(**{**fact, "kind": CheckKind(fact["kind"])}) for fact in facts]


def checks_again(facts: Sequence[Mapping[str, Any]], caption: str) -> list[Check]:
    """The stored checks, with the disclosure read anew: it alone can never be overridden."""
    kept = [check for check in from_facts(facts) if check.kind is not CheckKind.DISCLOSURE]
    return [disclosure_check(caption), *kept]


def undisclosed(checks: Sequence[Check]) -> Check | None:
    """The failed disclosure check, which forbids approval (R113); None when it passed."""
    return next((c for c in checks if c.kind is CheckKind.DISCLOSURE and not c.passed), None)


def failed_labels(checks: Sequence[Check]) -> list[str]:
    """What did not pass, in the words of a sentence. Overriding it takes a reason (UX §6.6)."""
    return [check.label.lower() for check in checks if not check.passed]


# ---- who may approve a brief, and what it may cost


def needs_second_person(fee: Money, limit: Money) -> bool:
    """Above the brand's limit for one ambassador's fee, two people are needed (UX §6.4)."""
    return fee > limit


def may_approve_brief(
    author_ids: Collection[int], approver_id: int, fee: Money, limit: Money
) -> bool:
    """Above the limit nobody who drafted or changed the brief approves it."""
    return not needs_second_person(fee, limit) or approver_id not in author_ids


def may_raise_fee(old: Money, new: Money, limit: Money) -> bool:
    """While people are already invited, an edit may not lift the fee above the limit: that would
    pass the second person by."""
    return new <= old or not needs_second_person(new, limit)


def most_it_can_cost(fee: Money, people: int, capacity: int | None) -> Money:
    """The fee for every place: the invited people, or the capacity when that is fewer."""
    places = people if capacity is None else min(people, capacity)
    return fee.scaled(places, 1)


def days_of_pause(paused_at: datetime, now: datetime) -> int:
    """By how many days due dates move after a pause: begun days count (UX §6.4)."""
    return -((paused_at - now) // timedelta(days=1))


WHOLE_BP = 10_000
REVIEW_DAYS = 3  # business days, R116
SATURDAY = 5
UNREVIEWED = "Nobody reviewed it in three business days (R116)."


def approves_itself_at(sent_at: datetime, zone: str) -> datetime:
    """When a version that nobody reviewed is approved: three business days (Monday to Friday in
    the brand's zone) after it was sent, at the same time of day (R116)."""
    local, left = sent_at.astimezone(ZoneInfo(zone)), REVIEW_DAYS
    while left:
        local += timedelta(days=1)
        left -= local.weekday() < SATURDAY
    return local.astimezone(UTC)


def due_after_delivery(planned: date, delivered_on: date, days: int) -> date:
    """R118: the later of the planned day and so many days after the product came."""
    return max(planned, delivered_on + timedelta(days=days))


def owed_when_cancelled(fee: Money, kill_fee_bp: int, *, is_live: bool) -> Money:
    """What a brand owes for accepted work that it cancels: all of the fee once the post is live,
    before that the part that the brief names (R119)."""
    return fee if is_live else fee.portion(kill_fee_bp)


# ---- state machines (UX §6.4–6.6): what is not declared is refused

BRIEF_STEPS: Mapping[tuple[B, str], B] = {
    (B.DRAFT, "ask approval"): B.AWAITING_APPROVAL,
    (B.AWAITING_APPROVAL, "edit"): B.DRAFT,
    (B.DRAFT, "edit"): B.DRAFT,
    (B.SCHEDULED, "edit"): B.DRAFT,
    (B.OPEN, "edit"): B.OPEN,
    (B.PAUSED, "edit"): B.PAUSED,
    (B.AWAITING_APPROVAL, "return"): B.DRAFT,
    (B.AWAITING_APPROVAL, "schedule"): B.SCHEDULED,
    (B.AWAITING_APPROVAL, "open"): B.OPEN,
    (B.SCHEDULED, "open"): B.OPEN,
    (B.OPEN, "pause"): B.PAUSED,
    (B.PAUSED, "resume"): B.OPEN,
    (B.OPEN, "close"): B.CLOSED,
    (B.PAUSED, "close"): B.CLOSED,
    (B.CLOSED, "archive"): B.ARCHIVED,
}
ASSIGNMENT_STEPS: Mapping[tuple[A, str], A] = {
    (A.INVITED, "accept"): A.ACCEPTED,
    (A.INVITED, "decline"): A.DECLINED,
    (A.INVITED, "expire"): A.EXPIRED,
    (A.ACCEPTED, "submit"): A.SUBMITTED,
    (A.CHANGES_REQUESTED, "submit"): A.SUBMITTED,
    (A.SUBMITTED, "take back"): A.ACCEPTED,
    (A.SUBMITTED, "ask for changes"): A.CHANGES_REQUESTED,
    (A.SUBMITTED, "approve"): A.COMPLETED,
    (A.SUBMITTED, "reject"): A.CANCELLED,
    (A.ACCEPTED, "take version"): A.ACCEPTED,
    (A.CHANGES_REQUESTED, "take version"): A.CHANGES_REQUESTED,
    (A.ACCEPTED, "cancel"): A.CANCELLED,
    (A.CHANGES_REQUESTED, "cancel"): A.CANCELLED,
    (A.SUBMITTED, "cancel"): A.CANCELLED,
    (A.ACCEPTED, "miss"): A.MISSED,
    (A.CHANGES_REQUESTED, "miss"): A.MISSED,
}
SUBMISSION_STEPS: Mapping[tuple[S, str], S] = {
    (S.DRAFT, "save"): S.DRAFT,
    (S.DRAFT, "submit"): S.IN_REVIEW,
    (S.DRAFT, "withdraw"): S.WITHDRAWN,
    (S.IN_REVIEW, "withdraw"): S.WITHDRAWN,
    (S.IN_REVIEW, "ask for changes"): S.CHANGES_REQUESTED,
    (S.CHANGES_REQUESTED, "supersede"): S.SUPERSEDED,
    (S.IN_REVIEW, "approve"): S.APPROVED,
    (S.IN_REVIEW, "reject"): S.REJECTED,
}
# Kept apart: words of two machines are equal as text ("draft"), so one table would mix them up.
MACHINES: Mapping[type[StrEnum], tuple[str, Mapping[tuple[Any, str], Any]]] = {
    B: ("brief", BRIEF_STEPS),
    A: ("assignment", ASSIGNMENT_STEPS),
    S: ("version", SUBMISSION_STEPS),
}
Status = TypeVar("Status", B, A, S)


def next_status(status: Status, action: str) -> Status:
    """The status after an action. Raises Conflict for every step that is not declared."""
    noun, steps = MACHINES[type(status)]
    if (status, action) not in steps:
        raise Conflict(
            f"This {noun} is {status.replace('_', ' ')} now, so this is no longer possible."
        )
    return steps[status, action]  # type: ignore[no-any-return]


def can(status: Status, action: str) -> bool:
    """Whether an action is declared for a status: which buttons a page offers."""
    return (status, action) in MACHINES[type(status)][1]
