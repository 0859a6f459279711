"""When a code is right, how often one may try, what a recovery code looks like."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

import pyotp

from portal.factors.models import NAME_CHARACTERS
from portal.kernel.codes import PUBLIC_SYMBOLS
from portal.kernel.errors import InvalidInput

STEP_SECONDS = 30
STEPS_ASIDE = 1  # a clock may be half a minute wrong
MOST_WRONG, WRONG_PERIOD = 5, timedelta(minutes=15)
RECOVERY_CODES, GROUPS, GROUP_SYMBOLS = 10, 4, 4
REMEMBERED = timedelta(days=30)
PASSKEY_PATIENCE = timedelta(minutes=5)
MOST_PASSKEYS = 10
ISSUER = "Vouch"


def microseconds(instant: datetime) -> int:
    """An instant as a whole number: what tells two changes of one second apart."""
    return (instant - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def instant_of(moment: int) -> datetime:
    """The instant that `microseconds` made a number of."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=moment)


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them."""
    return pyotp.random_base32()


def set_up_address(secret: str, email: str, host: str) -> str:
    """What the QR code says: an otpauth:// address."""
    issuer = ISSUER if host == "localhost" else f"{ISSUER} ({host})"
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(now: datetime) -> int:
    """The number of the 30-second step an instant lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The six digits of one step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, typed: str, now: datetime, last_step: int) -> int | None:
    """The step whose code was typed, one aside at most; None for a wrong code.

    A code of `last_step` or before was used already, and is wrong.
    """
    digits, here, found = digits_of(typed), step_of(now), None
    for step in range(here - STEPS_ASIDE, here + STEPS_ASIDE + 1):
        # Every step is compared, so that the time it takes tells nothing.
        is_same = hmac.compare_digest(code_at(secret, step).encode(), digits.encode())
        if is_same and step > last_step:
            found = step
    return found


def was_used_last(secret: str, typed: str, now: datetime, last_step: int) -> bool:
    """Whether a code that would be right now is the one that was taken last: typed twice within
    its minute and a half. Of older codes nothing is said."""
    is_in_time = abs(step_of(now) - last_step) <= STEPS_ASIDE
    is_same = hmac.compare_digest(code_at(secret, last_step).encode(), digits_of(typed).encode())
    return is_in_time and is_same


def usable_step(now: datetime, last_step: int) -> int:
    """The step whose code works now and was not used: the present one if it can be."""
    return max(step_of(now), min(last_step + 1, step_of(now) + STEPS_ASIDE))


def digits_of(typed: str) -> str:
    """A code as typed, without the spaces between its digits."""
    return "".join(sign for sign in typed if sign.isascii() and sign.isdigit())


def is_locked(wrong_count: int, since: datetime, now: datetime) -> bool:
    """Whether five wrong codes were typed within the last 15 minutes (wall clock)."""
    return wrong_count >= MOST_WRONG and now - since < WRONG_PERIOD


def new_recovery_codes() -> list[str]:
    """Ten codes of 79 bits each, such as k7m2-p9qd-4xvt-8hjw."""
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(PUBLIC_SYMBOLS) for _ in range(GROUP_SYMBOLS))


def recovery_hash(user_id: int, typed: str) -> str:
    """How a recovery code is kept; capitals, spaces and hyphens make no difference.

    A plain hash is enough: nobody guesses 79 random bits.
    """
    plain = "".join(sign for sign in typed.lower() if sign.isalnum())
    return hashlib.sha256(f"{user_id}:{plain}".encode()).hexdigest()


def name_of_passkey(typed: str) -> str:
    """The name without idle spaces. Raises InvalidInput (field name)."""
    name = " ".join(typed.split())
    if not name or len(name) > NAME_CHARACTERS:
        raise InvalidInput("name", f"Write a name of at most {NAME_CHARACTERS} characters.")
    return name
