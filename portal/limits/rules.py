"""The policy a brand starts with, and what cannot be one."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

CLAWBACK_DAYS = 120  # the span of a card dispute (R71)
ADJUSTMENT_LIMIT_MAJOR = 50
CODES: Mapping[str, str] = {
    "expense": "6100", "lost": "6190", "written-off": "6195",
    "pending": "2110", "held": "2120", "payable": "2130", "committed": "2140",
    "paid-out": "1010", "fees": "6210", "uplift": "6110", "store-credit": "2150",
    "rewards": "6120", "rewards-received": "6125", "reward-points": "2160", "reward-goods": "2170",
    "tax-withheld": "2310", "input-tax": "1310", "rail-fees": "1020", "exchange": "1030",
}  # fmt: skip
MEANINGS: Mapping[str, str] = {
    "expense": "Commissions and fees promised",
    "lost": "Refunds too old to take back",
    "written-off": "Negative balances written off",
    "pending": "Owed to creators, hold still running",
    "held": "Owed to creators, stopped",
    "payable": "Owed to creators, payable",
    "committed": "Owed to creators, set aside in a run",
    "paid-out": "Paid out",
    "fees": "Fees of providers",
    "uplift": "More given for taking store credit",
    "store-credit": "Owed to creators as store credit",
    "tax-withheld": "Tax withheld, owed to the authority",
    "input-tax": "VAT paid on top, to be reclaimed",
    "rail-fees": "Fees that have left",
    "exchange": "Currency exchanged",
    "rewards": "Rewards promised, not money",
    "rewards-received": "Rewards received by creators",
    "reward-points": "Points that creators have",
    "reward-goods": "Rewards given, not received yet",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is in force for a brand. `review_above` None: no commission waits for its size."""

    clawback_days: int
    adjustment_limit: Money
    review_above: Money | None

    def needs_second_person(self, amount: Money) -> bool:
        """Whether an adjustment needs somebody else's approval: above the limit either way, or
        in another currency than the limit is written in."""
        limit = self.adjustment_limit
        return amount.currency != limit.currency or abs(amount) > limit

    def needs_review(self, amount: Money) -> bool:
        """Whether a commission waits for a person at the end of its hold (R60)."""
        if self.review_above is None:
            return False
        return amount.currency != self.review_above.currency or amount > self.review_above


def usual(currency: str) -> Limits:
    """What holds for a brand that has agreed on nothing: 120 days, 50 in major units, no review."""
    limit = Money(currencies.to_minor(ADJUSTMENT_LIMIT_MAJOR, currency), currency)
    return Limits(CLAWBACK_DAYS, limit, None)


def check(limits: Limits) -> None:
    """Raises InvalidInput, at the field concerned, for limits that cannot be."""
    if not 0 <= limits.clawback_days <= 730:
        raise InvalidInput("clawback_days", "Choose between 0 and 730 days.")
    if limits.adjustment_limit.minor < 0:
        raise InvalidInput("adjustment_limit", "A limit cannot be negative.")
    if limits.review_above is not None and limits.review_above.minor < 0:
        raise InvalidInput("review_above", "A limit cannot be negative.")


def lines(held: Limits, wanted: Limits) -> list[tuple[str, str, str]]:
    """What a change of limits says: (what, before, after)."""
    return [
        ("Refunds taken back for", f"{held.clawback_days} days", f"{wanted.clawback_days} days"),
        ("Second person above", f"{held.adjustment_limit}", f"{wanted.adjustment_limit}"),
        ("Review above", _ceiling(held), _ceiling(wanted)),
    ]


def _ceiling(limits: Limits) -> str:
    return "no size waits" if limits.review_above is None else f"{limits.review_above}"


def checked_codes(codes: Mapping[str, str]) -> dict[str, str]:
    """Codes without white space round them. Raises InvalidInput for an unknown kind or a code
    that no bookkeeping takes."""
    found = {kind: code.strip() for kind, code in codes.items()}
    for kind, code in found.items():
        if kind not in CODES:
            raise InvalidInput("", f"There is no kind of account called “{kind}”.")
        if not 1 <= len(code) <= 20 or not code.replace("-", "").replace(".", "").isalnum():
            raise InvalidInput(_field(kind), "A code has 1 to 20 letters, digits, dots or dashes.")
    return found


def _field(kind: str) -> str:
    return kind.replace("-", "_")
