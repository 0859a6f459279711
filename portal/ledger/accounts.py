"""The chart of accounts: the only place where account names are spelled.

A creator's five sums (UX §3.1) are the balances of her four accounts per brand and currency,
and what was paid. Balances are signed from the account's own point of view: a positive
`payable` is money owed to the creator.
"""

CREATOR_STATES = ("pending", "held", "payable", "committed")


def expense(brand_id: int) -> str:
    """What the brand has promised in all: the source of every commission and fee."""
    return f"brand:{brand_id}:expense"


def pending(brand_id: int, creator_id: int) -> str:
    """Earned, hold still running."""
    return f"brand:{brand_id}:creator:{creator_id}:pending"


def held(brand_id: int, creator_id: int) -> str:
    """Stopped by a person or a rule; never moves by itself."""
    return f"brand:{brand_id}:creator:{creator_id}:held"


def payable(brand_id: int, creator_id: int) -> str:
    """Owed now. May be negative after a refund of something already paid (R69)."""
    return f"brand:{brand_id}:creator:{creator_id}:payable"


def committed(brand_id: int, creator_id: int) -> str:
    """Set aside for a submitted run."""
    return f"brand:{brand_id}:creator:{creator_id}:committed"


PAID_OUT = "world:paid-out"


def of_creator(brand_id: int, creator_id: int) -> dict[str, str]:
    """All four accounts by state."""
    return {state: f"brand:{brand_id}:creator:{creator_id}:{state}" for state in CREATOR_STATES}


def tax_withheld(brand_id: int) -> str:
    """What the brand kept back of payouts for the tax office, and owes to it (R102)."""
    return f"brand:{brand_id}:tax-withheld"


def is_creators(name: str) -> bool:
    """Creator accounts are locked and carry a balance; shared ones do neither (HOUSE §9)."""
    return ":creator:" in name


def owner_of(name: str) -> tuple[int, int, str]:
    """(brand id, creator id, state) of a creator account's name."""
    _, brand, _, creator, state = name.split(":")
    return int(brand), int(creator), state
