"""What roles imply, what an address and a password must look like, when sessions and codes end."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.identity.models import (
    EMAIL_CHARACTERS,
    NAME_CHARACTERS,
    Capability,
    InvitationStatus,
    SignInChallenge,
)
from portal.kernel.errors import InvalidInput

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
CODE_PAUSE = timedelta(seconds=30)
CODES_PER_PERIOD, CODES_PERIOD = 12, timedelta(hours=1)
INVITATION_LIFETIME = timedelta(days=7)
SESSION_IDLE = timedelta(days=14)
SESSION_LIFETIME = timedelta(days=30)
WAITING_LIFETIME = timedelta(minutes=15)  # how long a sign-in waits for its second factor
PASSWORD_LEAST, PASSWORD_MOST = 10, 200

# Read in this order: Edge and Opera call themselves Chrome, too, and Chrome Safari.
_BROWSERS = (
    ("Instagram", "Instagram"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_LADDER = (Capability.VIEWER, Capability.REVIEWER, Capability.MANAGER, Capability.OWNER)
_EMAIL = re.compile(
    r"[^@\s<>\"(),:;\\\[\]]{1,64}@(?:[^@\s.<>\"(),:;\\\[\]]+\.)+[^@\s.<>\"(),:;\\\[\]]{2,}"
)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])")  # as the router reads it  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hat:
    """One brand in which a person works, and what she may do there (implied ones included)."""

    brand_id: int
    brand_slug: str
    brand_name: str
    brand_colour: str
    capabilities: frozenset[str]


def implied(capabilities: Iterable[str]) -> frozenset[str]:
    """The capabilities a set of roles amounts to: owner > manager > reviewer > viewer.

    Finance roles open finance pages only: neither the brand's pages nor each other's acts.
    """
    granted: set[str] = set()
    for capability in map(Capability, capabilities):
        granted.add(capability.value)
        if capability in _LADDER:
            granted.update(step.value for step in _LADDER[: _LADDER.index(capability)])
    return frozenset(granted)


def needs_second_factor(capabilities: Iterable[str]) -> bool:
    """Whether roles are such that a password alone must not open them: finance, and owners."""
    return any(name == Capability.OWNER or name.startswith("finance.") for name in capabilities)


def email_of(typed: str) -> str:
    """The address as it is stored: trimmed, lower case. Raises InvalidInput for the field email."""
    email = typed.strip().lower()
    if len(email) > EMAIL_CHARACTERS or not _EMAIL.fullmatch(email):
        raise InvalidInput("email", "Write an e-mail address such as maya@example.com.")
    return email


def name_of(typed: str) -> str:
    """A person's or brand's name without idle spaces. Raises InvalidInput for the field name."""
    name = " ".join(typed.split())
    if not name or len(name) > NAME_CHARACTERS:
        raise InvalidInput("name", f"Write a name of at most {NAME_CHARACTERS} characters.")
    return name


def check_slug(slug: str) -> None:
    """Raises InvalidInput unless the word can stand in a URL."""
    if not _SLUG.fullmatch(slug):
        raise InvalidInput("slug", "Use 2 to 60 small letters, digits and hyphens.")


def check_password(password: str) -> None:
    """Raises InvalidInput for a password that is too short or too long; nothing else is asked."""
    if len(password) < PASSWORD_LEAST:
        raise InvalidInput(
            "password", f"Choose a password of at least {PASSWORD_LEAST} characters."
        )
    if len(password) > PASSWORD_MOST:
        raise InvalidInput("password", f"A password has at most {PASSWORD_MOST} characters.")


def code_from(derived: bytes) -> str:
    """Six digits out of derived bytes, evenly spread (the bias of 64 bits is below 10⁻¹³)."""
    return f"{int.from_bytes(derived[:8]) % 1_000_000:06d}"


def typed_code(typed: str) -> str:
    """A code as typed, without the spaces and hyphens that mails and people put into it."""
    return "".join(sign for sign in typed if sign not in " -–\u00a0\t")


def may_be_sent_again(newest: SignInChallenge, now: datetime) -> bool:
    """Whether a new code should be made: the newest one is 30 seconds old, or of no use."""
    is_usable = newest.used_at is None and newest.tries < CODE_TRIES
    return not is_usable or now - newest.created_at >= CODE_PAUSE


def is_session_over(created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has idled for 14 days or lived for 30 (wall clock)."""
    return now - seen_at >= SESSION_IDLE or now - created_at >= SESSION_LIFETIME


def has_stepped_up(stepped_up_at: datetime | None, now: datetime, minutes: int) -> bool:
    """Whether the person proved herself again at most `minutes` ago (wall clock)."""
    return stepped_up_at is not None and now - stepped_up_at <= timedelta(minutes=minutes)


def same_code(right: str, typed: str) -> bool:
    """Whether a typed code is the right one; the comparison takes the same time for both."""
    return hmac.compare_digest(right.encode(), typed_code(typed).encode())


def refusal_of(status: InvitationStatus, expires_at: datetime, now: datetime) -> str | None:
    """Why an invitation can no longer be answered, in a sentence; None while it can."""
    if status is InvitationStatus.SENT and now < expires_at:
        return None
    return {
        InvitationStatus.ACCEPTED: "This invitation was already accepted. Sign in instead.",
        InvitationStatus.DECLINED: "This invitation was declined. Ask for a new one if you like.",
        InvitationStatus.REVOKED: "This invitation was taken back by the person who sent it.",
    }.get(status, "This invitation has expired. Ask the person who invited you for a new one.")


def browser_name(agent: str) -> str:
    """A user agent in words: "Firefox on Windows". What it does not know is "Another browser"."""
    browser = next((word for sign, word in _BROWSERS if sign in agent), "Another browser")
    system = next((word for sign, word in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser
