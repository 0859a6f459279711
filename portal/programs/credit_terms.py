"""The choices of commission terms about who is credited (R19–R56): what they are, what they say.

Beside these the terms name the window, the code policy and the click rule.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from portal.kernel.errors import InvalidInput
from portal.programs.models import (
    BindingRule,
    BindingYields,
    CustomerRule,
    RenewalRule,
    SplitRule,
)


@dataclass(frozen=True, slots=True)
class AttributionTerms:
    """Who is credited, beyond codes and clicks. The defaults are none of it.

    `minimum_minor` is in the terms' currency. 0 charges or months: no limit. `first_charges` 0:
    every charge of a subscription earns the same rate.
    """

    customers: CustomerRule = CustomerRule.ALL
    minimum_minor: int = 0
    grace_days: int = 0
    stand_down: bool = False
    binding: BindingRule = BindingRule.NONE
    binding_days: int = 365
    binding_restarts: bool = False
    binding_yields: BindingYields = BindingYields.TO_CODES
    renewals: RenewalRule = RenewalRule.JUDGED
    renewal_charges: int = 0
    renewal_months: int = 0
    first_charges: int = 0
    later_rate_bp: int = 0
    split: SplitRule = SplitRule.NONE
    split_winner_bp: int = 7_000

    def plain(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON values."""
        usual = asdict(USUAL)
        return {
            name: value.value if isinstance(value, StrEnum) else value
            for name, value in asdict(self).items()
            if value != usual[name]
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Self:
        """Back from `plain`; raises ValueError for a word that is none."""
        given = dict(plain or {})
        for field in fields(cls):
            kind = type(field.default)
            if field.name in given and issubclass(kind, StrEnum):
                given[field.name] = kind(given[field.name])
        return cls(**given)


USUAL = AttributionTerms()
LOYALTY = (BindingYields.TO_TOUCHES, BindingYields.TO_CODES, BindingYields.TO_NOTHING)
BOUNDS: tuple[tuple[str, int, int, str], ...] = (
    ("minimum_minor", 0, 10**12, "A minimum cannot be negative."),
    ("grace_days", 0, 30, "Days of grace lie between 0 and 30."),
    ("binding_days", 1, 3_650, "A customer stays between 1 and 3,650 days."),
    ("renewal_charges", 0, 1_000, "A limit of charges lies between 0 and 1,000."),
    ("renewal_months", 0, 240, "A limit of months lies between 0 and 240."),
    ("first_charges", 0, 1_000, "The first charges are between 0 and 1,000."),
    ("later_rate_bp", 0, 10_000, "A rate lies between 0% and 100%."),
    ("split_winner_bp", 1, 9_999, "The credited creator’s part lies between 0.01% and 99.99%."),
)


def check_attribution(terms: AttributionTerms) -> None:
    """Raises InvalidInput, at the field concerned, for choices that cannot be."""
    for name, least, most, sentence in BOUNDS:
        if not least <= getattr(terms, name) <= most:
            raise InvalidInput(name, sentence)


def losses_of_attribution(old: AttributionTerms, new: AttributionTerms) -> list[str]:
    """What the new choices take from creators, one sentence each (R17)."""
    losses = [
        (new.customers is CustomerRule.NEW_ONLY and old.customers is CustomerRule.ALL,
         "Returning customers no longer earn."),
        (new.minimum_minor > old.minimum_minor, "Orders must be larger to count."),
        (new.grace_days < old.grace_days, "Orders after a membership ends count for fewer days."),
        (_binding_shrinks(old, new), "Customers stay with a creator for less."),
        (_renewals_shrink(old, new), "Fewer charges of a subscription earn."),
        (_later_rate_falls(old, new), "Later charges of a subscription earn less."),
        (_winner_part(new) < _winner_part(old), "The credited creator keeps a smaller part."),
    ]  # fmt: skip
    return [sentence for lost, sentence in losses if lost]


def _binding_shrinks(old: AttributionTerms, new: AttributionTerms) -> bool:
    if old.binding is BindingRule.NONE:
        return False
    return (
        new.binding is not old.binding
        or new.binding_days < old.binding_days
        or (old.binding_restarts and not new.binding_restarts)
        or LOYALTY.index(new.binding_yields) < LOYALTY.index(old.binding_yields)
    )


def _renewals_shrink(old: AttributionTerms, new: AttributionTerms) -> bool:
    if old.renewals is RenewalRule.JUDGED:
        return False
    if new.renewals is RenewalRule.JUDGED:
        return True
    limits = (
        (old.renewal_charges, new.renewal_charges),
        (old.renewal_months, new.renewal_months),
    )
    return any(now and (not before or now < before) for before, now in limits)


def _later_rate_falls(old: AttributionTerms, new: AttributionTerms) -> bool:
    if not new.first_charges:
        return False
    sooner = not old.first_charges or new.first_charges < old.first_charges
    return sooner or new.later_rate_bp < old.later_rate_bp


def _winner_part(terms: AttributionTerms) -> int:
    """Of 10,000, beside one other creator."""
    parts = {SplitRule.NONE: 10_000, SplitRule.EQUAL: 5_000}
    return parts.get(terms.split, terms.split_winner_bp)
