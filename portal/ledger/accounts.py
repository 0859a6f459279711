"""The chart of accounts: the only place where account names are spelled.

A creator's five sums (UX §3.1) are the balances of her four accounts per brand and currency,
and what was paid. Balances are signed from the account's own point of view: a positive
`payable` is money owed to the creator.
"""

CREATOR_STATES = ("pending", "held", "payable", "committed")


def expense(brand_id: int) -> str:
    """What the brand has promised in all: the source of every commission and fee."""
    return f"brand:{brand_id}:expense"


def lost(brand_id: int) -> str:
    """Refunds too old to be taken back from anybody: the brand's own cost (R71). Negative: lost."""
    return f"brand:{brand_id}:lost"


def written_off(brand_id: int) -> str:
    """Negative balances that two people gave up. Negative: given up."""
    return f"brand:{brand_id}:written-off"


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


def fees(brand_id: int) -> str:
    """What rails took for payouts, borne by the brand (R93). Negative: taken."""
    return f"brand:{brand_id}:fees"


def store_credit(brand_id: int) -> str:
    """Store credit issued instead of money (R94)."""
    return f"brand:{brand_id}:store-credit"


def uplift(brand_id: int) -> str:
    """What store credit is worth more than the money it stands for (R94). Negative: given."""
    return f"brand:{brand_id}:uplift"


def rewards(brand_id: int) -> str:
    """What the brand has promised of what is no money (R100): the source of every reward."""
    return f"brand:{brand_id}:rewards"


def rewards_received(brand_id: int) -> str:
    """Products, store credit and gift cards that have reached their creators, at fair value."""
    return f"brand:{brand_id}:rewards-received"


def points(brand_id: int, creator_id: int) -> str:
    """A creator's points at their fair value. No account of hers: no payout run, balance or
    statement of money reads it."""
    return f"brand:{brand_id}:rewarded:{creator_id}:reward-points"


def goods(brand_id: int, creator_id: int) -> str:
    """What she was given and has not received yet, at its fair value; as `points`, no money."""
    return f"brand:{brand_id}:rewarded:{creator_id}:reward-goods"


PAID_OUT = "world:paid-out"
RAIL_FEES = "world:rail-fees"
EXCHANGE = "world:exchange"


def of_creator(brand_id: int, creator_id: int) -> dict[str, str]:
    """All four accounts by state."""
    return {state: f"brand:{brand_id}:creator:{creator_id}:{state}" for state in CREATOR_STATES}


def around(brand_id: int, state: str) -> tuple[str, str]:
    """What stands before and after a creator's id in her account's name, for set statements."""
    return f"brand:{brand_id}:creator:", f":{state}"


def tax_withheld(brand_id: int) -> str:
    """What the brand kept back of payouts for the tax office, and owes to it (R102)."""
    return f"brand:{brand_id}:tax-withheld"


def input_tax(brand_id: int) -> str:
    """VAT that the brand pays to creators on top of what they earned (R107). Negative: paid."""
    return f"brand:{brand_id}:input-tax"


def is_creators(name: str) -> bool:
    """Creator accounts are locked and carry a balance; shared ones do neither (HOUSE §9)."""
    return ":creator:" in name


def kind_of(name: str) -> str:
    """The kind of an account: "expense", "lost", "written-off", "paid-out", or the state of a
    creator's account. A brand gives each kind its general-ledger code."""
    return name.rpartition(":")[2]


def owner_of(name: str) -> tuple[int, int, str]:
    """(brand id, creator id, state) of a creator account's name."""
    _, brand, _, creator, state = name.split(":")
    return int(brand), int(creator), state
