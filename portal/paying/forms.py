"""What finance types about how a brand pays: shape and wording only."""

from wtforms import DateField, DecimalField, SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.creators.models import Rail
from portal.paying.models import FeeBearer, Schedule
from portal.web.forms import AmountInput, HouseForm, SelectChoice

SCHEDULES = {
    Schedule.MONTHLY: "Once a month, on the program’s pay day",
    Schedule.TWICE_A_MONTH: "Twice a month, on the 1st and the 15th",
    Schedule.NET_7: "7 days after the end of the month",
    Schedule.NET_15: "15 days after the end of the month",
    Schedule.NET_30: "30 days after the end of the month",
    Schedule.NET_45: "45 days after the end of the month",
    Schedule.NET_60: "60 days after the end of the month",
    Schedule.NET_90: "90 days after the end of the month",
}
WAYS = {
    Rail.STRIPE: "Stripe, to connected accounts",
    Rail.SEPA: "Bank transfer (SEPA), by a file for your bank",
    Rail.PAYPAL: "PayPal, by a file for its upload",
    Rail.CREDIT: "Store credit",
    Rail.MANUAL: "By hand, as agreed",
}
PERCENT = NumberRange(0, 100, "Write a percentage between 0 and 100.")


class ScheduleForm(HouseForm):
    """When the brand pays."""

    schedule = SelectField(
        "The brand pays", choices=[SelectChoice(*one) for one in SCHEDULES.items()]
    )


class WaysForm(HouseForm):
    """Which ways, what they cost, who bears it."""

    ways = SelectMultipleField(
        "Ways you offer",
        choices=[SelectChoice(rail.value, words) for rail, words in WAYS.items()],
        validators=[DataRequired("Offer at least one way.")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    stripe_fee = DecimalField("Stripe takes", [Optional(), PERCENT], places=2)
    paypal_fee = DecimalField("PayPal takes", [Optional(), PERCENT], places=2)
    bearer = SelectField(
        "Fees are borne by",
        choices=[SelectChoice(FeeBearer.BRAND.value, "The brand"),
                 SelectChoice(FeeBearer.CREATOR.value, "The creator")],
    )  # fmt: skip
    uplift = DecimalField("Store credit is worth more by", [Optional(), PERCENT], places=2)


class PayerForm(HouseForm):
    """The account that bank files draw on."""

    name = StringField("Account holder", [DataRequired("Write the holder."), Length(max=70)])
    iban = StringField("IBAN", [DataRequired("Write the IBAN."), Length(max=60)])
    bic = StringField("BIC", [Length(max=20)])


class LimitForm(HouseForm):
    """Above what a run needs a second approver."""

    currency = StringField("Currency", [InputRequired("Write a currency."), Length(3, 3)])
    amount = StringField(
        "Second approver above", [InputRequired("Write an amount."), AmountInput()]
    )


class RateForm(HouseForm):
    """A rate of exchange, with its day and its source."""

    currency = StringField("One", [InputRequired("Write a currency."), Length(3, 3)])
    target = StringField("Is worth, in", [InputRequired("Write a currency."), Length(3, 3)])
    rate = StringField("Rate", [InputRequired("Write the rate.")])
    from_on = DateField("From", [InputRequired("Choose a day.")])
    source = StringField("Published by", [DataRequired("Write the source."), Length(max=120)])
