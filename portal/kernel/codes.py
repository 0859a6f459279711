"""Random public ids, secrets, and the spelling of discount codes."""

import secrets
import unicodedata

# No 0/O, 1/I/L: what is read aloud or typed from a video must not be mistaken (R40, R42).
CODE_SYMBOLS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PUBLIC_SYMBOLS = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_MIN, CODE_MAX = 3, 20
assert len(CODE_SYMBOLS) == 31
_PAIRS = [one + other for one in PUBLIC_SYMBOLS for other in PUBLIC_SYMBOLS]


def public_id(prefix: str = "") -> str:
    """A random id for URLs: 12 symbols, about 59 bits; `run_8kq2f7…` with a prefix."""
    number, body = secrets.randbits(128), ""  # 128 bits leave no measurable bias in 12 of 31
    for _ in range(6):
        number, pair = divmod(number, len(_PAIRS))
        body += _PAIRS[pair]
    return f"{prefix}_{body}" if prefix else body


def secret() -> str:
    """256 random bits for tokens that give access; stored only as a hash by who issues them."""
    return secrets.token_urlsafe(32)


def random_symbols(count: int) -> str:
    """The random part of a generated code."""
    return "".join(secrets.choice(CODE_SYMBOLS) for _ in range(count))


def folded(typed: str) -> str:
    """How codes are compared: trimmed, NFKC, upper case (R40). Shown as it was typed."""
    return unicodedata.normalize("NFKC", typed).strip().upper()


def ascii_letters(name: str) -> str:
    """A name reduced to A–Z and digits for a code: "Diego Fernández" → "DIEGOFERNANDEZ"."""
    apart = unicodedata.normalize("NFKD", name)
    return "".join(c for c in apart.upper() if c.isascii() and c.isalnum())


def is_well_formed(code: str) -> bool:
    """A–Z and 0–9 only, 3 to 20 of them (R40)."""
    return (
        CODE_MIN <= len(code) <= CODE_MAX
        and code.isascii()
        and code.isalnum()
        and code == code.upper()
    )


def slug_of(name: str) -> str:
    """A URL word from a name: "Northlight Coffee" → "northlight-coffee"; never empty."""
    apart = unicodedata.normalize("NFKD", name)
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in apart.lower() if c.isascii())
    return "-".join(kept.split())[:48].strip("-") or public_id()
