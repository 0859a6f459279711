"""A pretended order: a GET form, so that its address is the whole question."""

from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.web.forms import AmountInput, HouseForm, SelectChoice

LINK_CHARACTERS = 500
DAYS = NumberRange(0, 3_650, "Between 0 and 3,650 days.")


class SimulatorForm(HouseForm):
    """Whom an order would belong to. A creator is named by handle, code, link or click."""

    class Meta(HouseForm.Meta):
        csrf = False

    currency_code = "USD"
    amount = StringField("What counts of it", [InputRequired("Write an amount."), AmountInput(0)])
    codes = StringField("Codes typed at checkout", [Length(max=200)])
    customer = SelectField(
        "Customer",
        default="",
        choices=[
            SelectChoice("", "Not known"),
            SelectChoice("new", "New"),
            SelectChoice("returning", "Returning"),
        ],
    )
    clicked = StringField("Whose link was clicked", [Length(max=LINK_CHARACTERS)])
    days = IntegerField("Days before the order", [Optional(), DAYS])
    clicked_too = StringField("And whose link before that", [Length(max=LINK_CHARACTERS)])
    days_too = IntegerField("Its days before the order", [Optional(), DAYS])
    charge = IntegerField(
        "Charge of a subscription", [Optional(), NumberRange(1, 1_000, "Between 1 and 1,000.")]
    )
    brought = StringField("Who brought the subscription", [Length(max=LINK_CHARACTERS)])
