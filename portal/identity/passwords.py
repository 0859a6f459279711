"""Argon2id. Checking a password nobody has costs the same as checking a real one."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second setting for Argon2id: 19 MiB, two passes, one lane; about 30 ms.
_STRONG = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_held: dict[str, PasswordHasher] = {}


def cheapen() -> None:
    """Hash with almost no work from now on. For tests only."""
    _held["hasher"] = _CHEAP


def hashed(password: str) -> str:
    """What is stored for a password."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. With nothing stored: False, after the same work."""
    hasher = _hasher()
    try:
        return hasher.verify(stored or _of_nobody(hasher), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    return _held.get("hasher", _STRONG)


@cache
def _of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody's password")
