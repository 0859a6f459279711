"""Secrets at rest: sealed before they reach the database, opened when they are read.

A stolen database, dump or backup tells no key of a shop, no tax number and no bank account. What is
sealed can be neither searched nor compared by the database; "" stays "", since it hides nothing.
The keys come from the configuration (docs/operations.md, "Keys"), handed over once at start-up.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.kernel.errors import PortalError

MARK = "sealed:1:"  # what follows is a Fernet token
_keys: list[Fernet] = []


class WrongKey(PortalError):
    """None of the keys opens what is stored."""

    def __init__(self) -> None:
        super().__init__(
            "A secret in the database was sealed with another key. Start with the "
            "PORTAL_SECRET_KEY and PORTAL_ENCRYPTION_KEYS it was written with."
        )


def install(secret_key: str, encryption_keys: tuple[str, ...] = ()) -> None:
    """Seal with the first of these keys from now on, open with any. `app.py` calls it.

    The key derived from the installation's secret comes last: it opens what was sealed before
    other keys were set.
    """
    _keys[:] = [_derived(one) for one in (*encryption_keys, secret_key)]


def seal(value: str) -> str:
    """What the database may hold of a secret. Raises RuntimeError before `install`."""
    return f"{MARK}{_first().encrypt(value.encode()).decode()}" if value else ""


def unseal(stored: str) -> str:
    """The secret again. Raises WrongKey, also for what was never sealed or was changed since."""
    if not stored:
        return ""
    _first()
    try:
        return MultiFernet(_keys).decrypt(stored.removeprefix(MARK).encode()).decode()
    except InvalidToken as broken:
        raise WrongKey from broken


def is_sealed(stored: str) -> bool:
    """Whether this was sealed, by any key."""
    return stored.startswith(MARK)


def is_current(stored: str) -> bool:
    """Whether nothing has to be done for the first key to open it alone."""
    if not stored:
        return True
    try:
        _first().decrypt(stored.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return is_sealed(stored)


def _first() -> Fernet:
    if not _keys:
        raise RuntimeError("storage.vault.install was not called at start-up.")
    return _keys[0]


def _derived(secret: str) -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"vouch: sealed at rest")
    return Fernet(urlsafe_b64encode(derive.derive(secret.encode())))
