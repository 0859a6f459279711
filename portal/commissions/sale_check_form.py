"""What a creator says of the order she misses."""

from datetime import date, timedelta
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.commissions.sale_check_queries import Asked
from portal.kernel import clock
from portal.kernel.money import Money
from portal.web.forms import AmountInput, HouseForm, amount_of

FIRST_DAY = date(2000, 1, 1)
TOO_LITTLE = "Write the order number with its day or its amount, or else the day and the amount."


class SaleCheckForm(HouseForm):
    """Number and (day or amount), or day and amount."""

    currency_code = "USD"
    program = SelectField("Program", [InputRequired("Choose a program.")])
    number = StringField("Order number", [Length(max=60)])
    on = DateField("Day of the order", [Optional()])
    amount = StringField("Amount", [Optional(), AmountInput(1)])

    def validate_on(self, field: DateField) -> None:
        """A day on which somebody can have bought something, wherever she is."""
        if field.data and not FIRST_DAY <= field.data <= clock.today("UTC") + timedelta(days=1):
            raise ValidationError("Write the day on which the order was placed.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides the fields: enough must be said that only somebody who knows the order can."""
        is_valid = super().validate(extra_validators)
        said = bool(self.number.data), bool(self.on.data), bool(self.amount.data)
        if sum(said) < 2:
            self.number.errors = [*self.number.errors, TOO_LITTLE]
            return False
        return bool(is_valid)

    def asked(self) -> Asked:
        """What was said."""
        amount = amount_of(self.amount, self.currency_code) if self.amount.data else None
        return Asked(self.number.data or "", self.on.data, amount)


def kept(asked: Asked) -> dict[str, Any]:
    """What was said, as it is kept with the question."""
    return {
        "number": asked.number,
        "on": asked.on.isoformat() if asked.on else None,
        "minor": asked.amount.minor if asked.amount else None,
        "currency": asked.amount.currency if asked.amount else None,
    }


def read(plain: dict[str, Any]) -> Asked:
    """Back from `kept`."""
    amount = Money(plain["minor"], plain["currency"]) if plain["minor"] is not None else None
    return Asked(plain["number"], date.fromisoformat(plain["on"]) if plain["on"] else None, amount)
