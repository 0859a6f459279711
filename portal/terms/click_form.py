"""The part of the terms form that says what a click earns."""

from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange, Optional

from portal.kernel import currencies
from portal.programs.rate_wording import major
from portal.programs.rules import ClickTerms
from portal.web.forms import AmountInput, HouseForm, bare_amount

MOST_CLICKS = NumberRange(1, 1_000_000, "Between 1 and 1,000,000 clicks.")


class ClickForm(HouseForm):
    """Left empty, clicks earn nothing: only what they lead to does."""

    currency_code = "USD"
    click_amount = StringField("A click earns", [Optional(), AmountInput(1)], filters=[bare_amount])
    click_most = IntegerField("Clicks of a creator a day", [Optional(), MOST_CLICKS])
    click_budget = StringField(
        "For all clicks, a month", [Optional(), AmountInput(1)], filters=[bare_amount]
    )
    example_clicks = IntegerField(
        "Clicks on a day", [Optional(), NumberRange(0, 1_000_000, "Between 0 and 1,000,000.")]
    )

    def click_terms(self) -> ClickTerms:
        """What the fields say."""
        each, budget = self.click_amount, self.click_budget
        return ClickTerms(self._in_minor(each), self.click_most.data or 0, self._in_minor(budget))

    @property
    def has_clicks(self) -> bool:
        """Whether anything is typed or refused: then the page shows the fields."""
        fields = (self.click_amount, self.click_most, self.click_budget, self.example_clicks)
        return any(field.data or field.errors for field in fields)

    def _in_minor(self, field: StringField) -> int:
        return currencies.to_minor(field.data, self.currency_code) if field.data else 0


def click_values(terms: ClickTerms, currency: str) -> dict[str, Any]:
    """The fields of a version."""
    return {
        "click_amount": major(terms.each_minor, currency),
        "click_most": terms.most_a_day or None,
        "click_budget": major(terms.budget_minor, currency),
        "example_clicks": min(134, terms.most_a_day) if terms else None,
    }
