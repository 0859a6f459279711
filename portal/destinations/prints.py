"""A keyed print of an account: equal for equal accounts, and telling nobody which one it is.

The key is the installation's secret, handed over once at start-up.
"""

import hashlib
import hmac

PRINT_CHARACTERS = 32
_secret: list[bytes] = []


def install(secret: str) -> None:
    """Use this secret from now on. `app.py` calls it."""
    _secret[:] = [secret.encode()]


def print_of(rail: str, account: str) -> str:
    """ "sepa_9f3c…" of an account, whatever its capitals. Raises RuntimeError before `install`."""
    if not _secret:
        raise RuntimeError("destinations.prints.install was not called at start-up.")
    told = f"destination:{rail}:{account.strip().casefold()}".encode()
    return f"{rail}_{hmac.new(_secret[0], told, hashlib.sha256).hexdigest()[:PRINT_CHARACTERS]}"
