"""What finance types about limits and codes."""

from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.limits.rules import MEANINGS
from portal.web.forms import AmountInput, HouseForm


class LimitsForm(HouseForm):
    """Limits that somebody else has to agree to. `currency_code` is set by the door."""

    currency_code = "USD"

    clawback_days = IntegerField(
        "Days after a payment in which a refund is taken back",
        [InputRequired("Write a number of days."), NumberRange(0, 730, "Choose 0 to 730 days.")],
    )
    adjustment_limit = StringField(
        "Adjustments above this amount need a second person",
        [InputRequired("Write an amount, 0 for always."), AmountInput()],
    )
    review_above = StringField(
        "Commissions above this amount wait for a person when their hold ends",
        [Optional(), AmountInput()],
    )


def _code(meaning: str) -> StringField:
    return StringField(
        meaning, [DataRequired("Write a code."), Length(max=20, message="At most 20 characters.")]
    )


class CodesForm(HouseForm):
    """The general-ledger code of every kind of account."""

    def codes(self) -> dict[str, str]:
        """What was typed, by kind of account."""
        fields: dict[str, Any] = self._fields
        return {kind: fields[kind.replace("-", "_")].data or "" for kind in MEANINGS}


for kind, meaning in MEANINGS.items():
    setattr(CodesForm, kind.replace("-", "_"), _code(meaning))
