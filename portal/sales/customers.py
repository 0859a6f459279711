"""Customers are known by a keyed hash: the e-mail itself is never kept beside an order (R19).

The key is the installation's secret, handed over once at start-up: a stolen database alone does
not tell who bought.
"""

import hmac

_secret: list[bytes] = []


def install(secret: str) -> None:
    """Use this secret from now on. `app.py` calls it."""
    _secret.clear()
    _secret.append(secret.encode())


def clue_of(brand_id: int, kind: str, value: str) -> str | None:
    """The keyed hash of one clue ("surname", "ip", "payment", "customer"); None without it."""
    if not value.strip():
        return None
    return _hash(f"{kind}:{brand_id}:{value.strip().casefold()}")


def key_of(brand_id: int, *, email: str = "", customer_id: str = "") -> str | None:
    """The same customer of the same brand gives the same key; None when nobody is named.

    The e-mail counts first, whatever its capitals. Raises RuntimeError before `install`.
    """
    who = f"email:{email.strip().casefold()}" if email.strip() else f"id:{customer_id}"
    return None if who == "id:" else _hash(f"customer:{brand_id}:{who}")


def _hash(told: str) -> str:
    if not _secret:
        raise RuntimeError("sales.customers.install was not called at start-up.")
    return hmac.digest(_secret[0], told.encode(), "sha256").hex()
