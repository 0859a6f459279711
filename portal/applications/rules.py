"""Whether an applicant fits a program, how well, and until when a decision can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.applications.models import Application, ApplicationStatus, DeclineReason

BASIS_POINTS = 10_000
CLAIM = timedelta(minutes=2)
DRAFT_KEPT = timedelta(days=30)
UNANSWERED_KEPT = timedelta(days=60)
INFO_WAITS = timedelta(days=14)
ANSWER_CHARACTERS = 2_000
REAPPLY_WORDS = {
    "now": "at once",
    "30": "in 30 days",
    "90": "in 90 days",
    "never": "never",
}
REAPPLY_DAYS: dict[str, int | None] = {"now": 0, "30": 30, "90": 90, "never": None}

# Interactions per follower and post that an account of this size usually has (R123): the bound
# is exclusive. They stand beside a figure, they decide nothing.
BENCHMARKS_BP = ((20_000, 600), (100_000, 350), (1_000_000, 200))
BENCHMARK_ABOVE_BP = 120

DECLINE_REASONS: dict[DeclineReason, str] = {
    DeclineReason.AUDIENCE_SIZE: "We are looking for a larger audience right now.",
    DeclineReason.ENGAGEMENT: "We are looking for audiences that answer more often.",
    DeclineReason.COUNTRY: "We do not work in your country yet.",
    DeclineReason.CONTENT_FIT: "What you post is too far from what we sell.",
    DeclineReason.PROGRAM_FULL: "The program is full at the moment.",
    DeclineReason.OTHER: "It is not a match right now.",
}


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One channel as applied with; interactions are per post, None when not told."""

    platform: str
    handle: str
    url: str
    followers: int
    likes_per_post: int | None = None
    comments_per_post: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a program asks of applicants."""

    countries: tuple[str, ...]
    min_followers: int
    min_engagement_bp: int
    requires_adult: bool


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the rules look at; `answered` of `asked` questions have an answer."""

    country: str
    is_adult: bool
    channels: tuple[ChannelFacts, ...]
    asked: int = 0
    answered: int = 0

    @property
    def followers(self) -> int:
        """Of the largest channel (R126)."""
        return max((channel.followers for channel in self.channels), default=0)

    @property
    def largest(self) -> ChannelFacts | None:
        return max(self.channels, key=lambda channel: channel.followers, default=None)


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the application page asks; any of it may still be missing. `answers` are pairs of
    question and answer; `invite` is the code of an ambassador who invited her."""

    email: str = ""
    name: str = ""
    country: str = ""
    is_adult: bool = False
    has_consented: bool = False
    channels: tuple[ChannelFacts, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    invite: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the scorecard. `key` names what was checked; `needs` and `has` are numbers or
    words as stored (followers, basis points, a country code)."""

    key: str
    needs: object
    has: object
    is_met: bool


def fit_score(applicant: Applicant, wanted: Wanted) -> int:
    """0 to 100, only from what the panel shows: engagement 40, followers 30, rules 20, answers 10.

    Engagement at the benchmark for that size is 25 of 40 and twice it is 40; not told is 15.
    Followers at the minimum (1,000 where none is set) are 15 of 30, each doubling adds 5. Whole
    points, rounded down.
    """
    is_allowed = not wanted.countries or applicant.country in wanted.countries
    fixed = 10 * is_allowed + 10 * (applicant.is_adult or not wanted.requires_adult)
    answers = 10 * applicant.answered // applicant.asked if applicant.asked else 10
    reach = _reach_points(applicant.followers, max(wanted.min_followers, 1_000))
    return _engagement_points(applicant.largest) + reach + fixed + answers


def _engagement_points(largest: ChannelFacts | None) -> int:
    measured = engagement_bp(largest) if largest else None
    if largest is None or measured is None:
        return 15
    usual = benchmark_bp(largest.followers)
    if measured < usual:
        return 25 * measured // usual
    return min(40, 25 + 15 * (measured - usual) // usual)


def _reach_points(followers: int, floor: int) -> int:
    if followers < floor:
        return 15 * followers // floor
    doublings = (followers // floor).bit_length() - 1
    return min(30, 15 + 5 * doublings)


def criteria(applicant: Applicant, wanted: Wanted) -> list[Criterion]:
    """The scorecard: each thing the program asks for, and whether she meets it."""
    lines = []
    if wanted.min_followers:
        met = applicant.followers >= wanted.min_followers
        lines.append(Criterion("followers", wanted.min_followers, applicant.followers, met))
    if wanted.min_engagement_bp:
        largest = applicant.largest
        measured = engagement_bp(largest) if largest else None
        met = measured is not None and measured >= wanted.min_engagement_bp
        lines.append(Criterion("engagement", wanted.min_engagement_bp, measured, met))
    if wanted.countries:
        met = applicant.country in wanted.countries
        lines.append(Criterion("country", wanted.countries, applicant.country, met))
    if wanted.requires_adult:
        lines.append(Criterion("adult", True, applicant.is_adult, applicant.is_adult))
    if applicant.asked:
        met = applicant.answered == applicant.asked
        lines.append(Criterion("answers", applicant.asked, applicant.answered, met))
    return lines


def meets(applicant: Applicant, wanted: Wanted) -> bool:
    """Whether she meets all that the program asks for. Questions may be left empty: answers count
    for the fit, and keep nobody out."""
    return all(line.is_met for line in criteria(applicant, wanted) if line.key != "answers")


def refusal(applicant: Applicant, wanted: Wanted) -> tuple[str, str] | None:
    """The rule that keeps her from applying at all, as (field, key); None when she may.

    Only country and age are hard: a person reads everything else.
    """
    if wanted.countries and applicant.country not in wanted.countries:
        return "country", "country"
    if wanted.requires_adult and not applicant.is_adult:
        return "is_adult", "adult"
    return None


def engagement_bp(channel: ChannelFacts) -> int | None:
    """Likes and comments per post over followers, in basis points, half up (R123).

    None when followers are 0 or likes are hidden, never 0 % (R125).
    """
    if channel.likes_per_post is None or channel.followers <= 0:
        return None
    interactions = channel.likes_per_post + (channel.comments_per_post or 0)
    return (2 * interactions * BASIS_POINTS + channel.followers) // (2 * channel.followers)


def benchmark_bp(followers: int) -> int:
    """The engagement usual for an account of this size, in basis points."""
    return next((bp for below, bp in BENCHMARKS_BP if followers < below), BENCHMARK_ABOVE_BP)


def can_undo(undo_until: datetime | None, now: datetime) -> bool:
    """Whether a decision may still be taken back: its messages have not left (UX 2.2)."""
    return undo_until is not None and now < undo_until


def is_claimed_by_other(application: Application, user_id: int, now: datetime) -> bool:
    """Whether somebody else has this application open at the moment."""
    return (
        application.claimed_by not in (None, user_id)
        and application.claimed_until is not None
        and now < application.claimed_until
    )


def shown_status(application: Application, now: datetime) -> ApplicationStatus:
    """The status the creator sees: a decision shows once it cannot be taken back, being
    shortlisted never."""
    if application.status is ApplicationStatus.SHORTLISTED:
        return ApplicationStatus.SUBMITTED
    if application.is_decided and can_undo(application.undo_until, now):
        return ApplicationStatus.SUBMITTED
    return application.status


def asked_later(answers: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The questions a brand asked after the application was sent, oldest first."""
    return [one for one in answers if "asked" in one]


def info_until(application: Application) -> datetime | None:
    """Until when the creator may answer what was asked last; None when nothing waits for her."""
    asked = asked_later(application.answers)
    if application.status is not ApplicationStatus.INFO_NEEDED or not asked:
        return None
    return datetime.fromisoformat(asked[-1]["asked"]) + INFO_WAITS


def may_apply_again(application: Application, now: datetime) -> bool:
    """Whether a former application stands in the way of a new one no longer."""
    if application.status is ApplicationStatus.DECLINED:
        after = application.reapply_after
        return application.may_reapply and (after is None or now >= after)
    return application.status in (ApplicationStatus.WITHDRAWN, ApplicationStatus.EXPIRED)


def answered_count(answers: Sequence[dict[str, str]]) -> int:
    """How many questions have an answer."""
    return sum(1 for answer in answers if answer.get("answer", "").strip())


def captions(brand: str, code: str, address: str, discount_bp: int) -> list[str]:
    """Three captions to begin with; each starts with #ad, before anything else (R110, R111)."""
    off = f"{discount_bp // 100}% off" if discount_bp % 100 == 0 else "a discount"
    deal = (
        f"Code {code} gives you {off} at {brand}" if discount_bp else f"My code at {brand}: {code}"
    )
    return [
        f"#ad {deal}: {address}",
        f"#ad I use {brand} myself and earn from each order. {deal}. {address}",
        f"#ad Asked where it is from? {brand}. {deal}, and I earn a share: {address}",
    ]
