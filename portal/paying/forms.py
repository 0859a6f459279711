"""What finance types about how a brand pays: shape and wording only."""

from wtforms import DateField, DecimalField, SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from portal.paying.wording import BEARERS, SCHEDULES, WAYS
from portal.web.forms import AmountInput, HouseForm, SelectChoice

PERCENT = NumberRange(0, 100, "Write a percentage between 0 and 100.")
CODE = (
    DataRequired("Write a currency code such as USD."),
    Regexp(r"[A-Za-z]{3}$", 0, "A currency code has three letters, such as USD."),
)


class ScheduleForm(HouseForm):
    """When the brand pays."""

    schedule = SelectField(
        "The brand pays", choices=[SelectChoice(*one) for one in SCHEDULES.items()]
    )


class WaysForm(HouseForm):
    """Which ways, what they cost, who bears it. `currency_code` is set by the door."""

    currency_code = "USD"

    ways = SelectMultipleField(
        "Ways you offer",
        choices=[SelectChoice(rail.value, words) for rail, words in WAYS.items()],
        validators=[DataRequired("Offer at least one way.")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    stripe_fee = DecimalField("Stripe takes", [Optional(), PERCENT], places=2)
    stripe_fixed = StringField("and for each payout", [Optional(), AmountInput()])
    paypal_fee = DecimalField("PayPal takes", [Optional(), PERCENT], places=2)
    paypal_fixed = StringField("and for each PayPal payout", [Optional(), AmountInput()])
    bearer = SelectField(
        "Fees are borne by",
        choices=[SelectChoice(bearer.value, words) for bearer, words in BEARERS.items()],
    )
    uplift = DecimalField("Store credit is worth more by", [Optional(), PERCENT], places=2)


class PayerForm(HouseForm):
    """The account that bank files draw on."""

    name = StringField("Account holder", [DataRequired("Write the holder."), Length(max=70)])
    iban = StringField("IBAN", [DataRequired("Write the IBAN."), Length(max=60)])
    bic = StringField("BIC", [Length(max=20)])


class LimitForm(HouseForm):
    """Above what a run needs a second approver."""

    currency = StringField("Currency", CODE)
    amount = StringField(
        "Second approver above", [InputRequired("Write an amount."), AmountInput()]
    )


class MinimumForm(HouseForm):
    """The least that is paid out at once. `currency_code` is set by the door."""

    currency_code = "USD"
    currency = StringField("Currency", CODE)
    amount = StringField("Minimum payout", [InputRequired("Write an amount."), AmountInput(0)])


class RateForm(HouseForm):
    """A rate of exchange, with its day and its source."""

    currency = StringField("One", [InputRequired("Write a currency."), Length(3, 3)])
    target = StringField("Is worth, in", [InputRequired("Write a currency."), Length(3, 3)])
    rate = StringField("Rate", [InputRequired("Write the rate.")])
    from_on = DateField("From", [InputRequired("Choose a day.")])
    source = StringField("Published by", [DataRequired("Write the source."), Length(max=120)])
