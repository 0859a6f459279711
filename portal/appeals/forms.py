"""What people type about appeals: shape and wording only."""

from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.appeals.models import AppealStatus, RejectReason
from portal.web.forms import AmountInput, HouseForm, SelectChoice

LONG = Length(max=3_000, message="Use at most 3,000 characters.")
LINK = Length(max=2_000, message="This link is too long.")
WHAT = "Write what happened, in your own words."


class AppealForm(HouseForm):
    """An objection. `currency_code` is set by the door before it validates."""

    currency_code = "USD"

    body = TextAreaField("What happened", [DataRequired(WHAT), LONG])
    link = StringField("Link to something that shows it", [Optional(), LINK])
    amount = StringField("How much is missing", [Optional(), AmountInput(1)])


class MissingSaleForm(AppealForm):
    """An order that should have been hers: its number and its day (R63)."""

    program = SelectField("Program", choices=[])
    number = StringField(
        "Order number", [DataRequired("Write the order’s number as the shop shows it."),
                         Length(max=100, message="An order number has at most 100 characters.")]
    )  # fmt: skip
    on = DateField("Day of the order", [InputRequired("Write the day, such as 2026-11-03.")])


class MessageForm(HouseForm):
    """One thing said in an appeal."""

    body = TextAreaField("Your message", [DataRequired("Write a message first."), LONG])
    link = StringField("Link", [Optional(), LINK])


class DecisionForm(HouseForm):
    """The brand's decision. The amount is read where a part, or no known whole, is decided."""

    currency_code = "USD"

    outcome = RadioField(
        "Decision", [InputRequired("Choose the decision.")],
        choices=[
            SelectChoice(AppealStatus.UPHELD.value, "In full"),
            SelectChoice(AppealStatus.PARTLY_UPHELD.value, "In part"),
            SelectChoice(AppealStatus.REJECTED.value, "Keep what was decided"),
        ],
    )  # fmt: skip
    amount = StringField("Amount", [Optional(), AmountInput(1)])
    reason = SelectField(
        "Reason for keeping it",
        choices=[
            SelectChoice("", "Choose one"),
            *(SelectChoice(one.value, one.value[:1].upper() + one.value[1:])
              for one in RejectReason),
        ],
    )  # fmt: skip
    answer = TextAreaField(
        "Answer to the creator", [DataRequired("Say why: the creator reads it."), LONG]
    )


class OwnerForm(HouseForm):
    """Who answers an appeal from now on."""

    owner = SelectField("Hand over to", choices=[])


class RefusalForm(HouseForm):
    """Why finance does not agree."""

    answer = TextAreaField(
        "Why not", [DataRequired("Say why: the creator reads it."), LONG]
    )  # fmt: skip


class RulesForm(HouseForm):
    """How a brand handles appeals from now on."""

    currency_code = "USD"

    open_days = IntegerField(
        "Days to object",
        [InputRequired("Write a number of days."), NumberRange(1, 730, "Choose 1 to 730 days.")],
    )
    answer_days = IntegerField(
        "Working days to answer",
        [InputRequired("Write a number of days."), NumberRange(1, 20, "Choose 1 to 20 days.")],
    )
    limit = StringField(
        "Above this amount, finance must agree",
        [InputRequired("Write an amount, 0 for always."), AmountInput()],
    )
