"""The part of the terms form that says who is credited beyond codes and clicks (R19–R56)."""

from decimal import Decimal
from typing import Any

from wtforms import DecimalField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from portal.kernel import currencies
from portal.programs.models import (
    BindingRule,
    BindingYields,
    CustomerRule,
    RenewalRule,
    SplitRule,
)
from portal.programs.rules import AttributionTerms
from portal.web.forms import AmountInput, HouseForm, SelectChoice, amount_of, bare_amount

YES, NO = "yes", "no"
RATE_WANTED = "Write what later charges earn, 0 for nothing."
PERCENT = NumberRange(0, 100, "Between 0 and 100 percent.")


class CreditForm(HouseForm):
    """Choices with plain words; what is left empty is as usual: no limit, no minimum."""

    currency_code = "USD"
    customers = SelectField(
        "Whose purchases earn",
        choices=[
            SelectChoice(CustomerRule.ALL.value, "Every customer’s"),
            SelectChoice(CustomerRule.NEW_ONLY.value, "New customers’ only"),
        ],
    )
    minimum = StringField("Smallest order that counts", [Optional(), AmountInput(0)],
                          filters=[bare_amount])  # fmt: skip
    stand_down = SelectField(
        "Clicks during the checkout",
        choices=[
            SelectChoice(NO, "They count like any other click"),
            SelectChoice(YES, "They cannot replace another creator’s earlier click"),
        ],
    )
    grace_days = IntegerField(
        "Days that orders count after a membership ends",
        [Optional(), NumberRange(0, 30, "Between 0 and 30 days.")],
    )
    binding = SelectField(
        "A customer’s later orders",
        choices=[
            SelectChoice(BindingRule.NONE.value, "Each order is judged by itself"),
            SelectChoice(BindingRule.FIRST_PARTNER.value, "They stay with the first creator"),
            SelectChoice(BindingRule.LAST_PARTNER.value, "They stay with the latest creator"),
        ],
    )
    binding_days = IntegerField(
        "For so many days", [Optional(), NumberRange(1, 3650, "Between 1 and 3,650 days.")]
    )
    binding_restarts = SelectField(
        "Counted from",
        choices=[
            SelectChoice(NO, "The first order"),
            SelectChoice(YES, "The latest order"),
        ],
    )
    binding_yields = SelectField(
        "What takes such an order away",
        choices=[
            SelectChoice(BindingYields.TO_CODES.value, "Another creator’s code"),
            SelectChoice(BindingYields.TO_TOUCHES.value, "Another creator’s code or click"),
            SelectChoice(BindingYields.TO_NOTHING.value, "Nothing"),
        ],
    )
    renewals = SelectField(
        "Further charges of a subscription",
        choices=[
            SelectChoice(RenewalRule.JUDGED.value, "Each charge is judged by itself"),
            SelectChoice(RenewalRule.FOLLOW.value, "They stay with whoever brought the first"),
        ],
    )
    renewal_charges = IntegerField(
        "At most so many charges", [Optional(), NumberRange(0, 1000, "Between 0 and 1,000.")]
    )
    renewal_months = IntegerField(
        "At most so many months", [Optional(), NumberRange(0, 240, "Between 0 and 240 months.")]
    )
    first_charges = IntegerField(
        "Charges at the full rate", [Optional(), NumberRange(0, 1000, "Between 0 and 1,000.")]
    )
    later_rate = DecimalField("Rate after that", [Optional(), PERCENT], places=2)
    split = SelectField(
        "When several creators had a part",
        choices=[
            SelectChoice(SplitRule.NONE.value, "One gets the whole commission"),
            SelectChoice(SplitRule.EQUAL.value, "They share it equally"),
            SelectChoice(SplitRule.WEIGHTED.value, "The credited one gets a fixed part"),
        ],
    )
    split_winner = DecimalField("The credited one’s part", [Optional(), PERCENT], places=2)

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides the fields: a rate left out would mean nothing at all."""
        is_valid = super().validate(extra_validators)
        if self.first_charges.data and self.later_rate.data is None:
            self.later_rate.errors = [*self.later_rate.errors, RATE_WANTED]
            return False
        return bool(is_valid)

    def credit_terms(self) -> AttributionTerms:
        """What was chosen. What only matters under another choice is left as usual."""
        usual, minimum = AttributionTerms(), self.minimum.data
        binding, renewals = BindingRule(self.binding.data), RenewalRule(self.renewals.data)
        split, first = SplitRule(self.split.data), self.first_charges.data or 0
        keeps, follows = binding is not BindingRule.NONE, renewals is RenewalRule.FOLLOW
        return AttributionTerms(
            customers=CustomerRule(self.customers.data),
            minimum_minor=amount_of(self.minimum, self.currency_code).minor if minimum else 0,
            grace_days=self.grace_days.data or 0,
            stand_down=self.stand_down.data == YES,
            binding=binding,
            binding_days=(self.binding_days.data if keeps else None) or usual.binding_days,
            binding_restarts=keeps and self.binding_restarts.data == YES,
            binding_yields=(
                BindingYields(self.binding_yields.data) if keeps else usual.binding_yields
            ),
            renewals=renewals,
            renewal_charges=(self.renewal_charges.data or 0) if follows else 0,
            renewal_months=(self.renewal_months.data or 0) if follows else 0,
            first_charges=first,
            later_rate_bp=_basis_points(self.later_rate.data) if first else 0,
            split=split,
            split_winner_bp=(
                usual.split_winner_bp
                if split is not SplitRule.WEIGHTED or self.split_winner.data is None
                else _basis_points(self.split_winner.data)
            ),
        )  # fmt: skip


def credit_values(terms: AttributionTerms, currency: str) -> dict[str, Any]:
    """The form's first values, of choices made before."""
    minimum = terms.minimum_minor
    return {
        "customers": terms.customers.value,
        "minimum": str(currencies.to_major(minimum, currency)) if minimum else "",
        "stand_down": YES if terms.stand_down else NO,
        "grace_days": terms.grace_days or None,
        "binding": terms.binding.value,
        "binding_days": terms.binding_days,
        "binding_restarts": YES if terms.binding_restarts else NO,
        "binding_yields": terms.binding_yields.value,
        "renewals": terms.renewals.value,
        "renewal_charges": terms.renewal_charges or None,
        "renewal_months": terms.renewal_months or None,
        "first_charges": terms.first_charges or None,
        "later_rate": _percent(terms.later_rate_bp) if terms.first_charges else None,
        "split": terms.split.value,
        "split_winner": _percent(terms.split_winner_bp),
    }


def _basis_points(percent: Decimal | None) -> int:
    return currencies.half_up((percent or Decimal(0)) * 100)


def _percent(rate_bp: int) -> Decimal:
    return Decimal(rate_bp) / 100
