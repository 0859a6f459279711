"""The part of the terms form that says what of an order counts (R2, R10)."""

from dataclasses import asdict
from typing import Any

from wtforms import BooleanField

from portal.programs.rules import PARTS, BaseTerms
from portal.web.forms import HouseForm


class BaseForm(HouseForm):
    """Switches; none of them is the usual: the goods alone, whatever they are paid with."""

    counts_shipping = BooleanField("Shipping counts too")
    counts_tax = BooleanField("Tax counts too")
    counts_tip = BooleanField("Tips count too")
    counts_gift_wrap = BooleanField("Gift wrap counts too")
    excludes_credit = BooleanField("What is paid with gift cards or store credit does not count")

    def base_terms(self) -> BaseTerms:
        """What the switches say."""
        parts = {name: bool(self[f"counts_{name}"].data) for name in PARTS}
        return BaseTerms(**parts, exclude_credit_tender=bool(self.excludes_credit.data))

    @property
    def has_base(self) -> bool:
        """Whether any switch is on: then the page shows them."""
        return self.base_terms() != BaseTerms()


def base_values(terms: BaseTerms) -> dict[str, Any]:
    """The switches of a version."""
    told = asdict(terms)
    values = {f"counts_{name}": told[name] for name in PARTS}
    return values | {"excludes_credit": terms.exclude_credit_tender}
