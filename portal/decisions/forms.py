"""What people type about an order: shape and wording only."""

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.decisions.rules import DECLINES, DeclineReason
from portal.web.forms import AmountInput, HouseForm, SelectChoice

NOTE = Length(max=300, message="Use at most 300 characters.")


class CreditForm(HouseForm):
    """Whom it is credited to, and why."""

    seen = HiddenField()  # the version of the decision that stood on the page
    who = RadioField("Credit it to", [InputRequired("Choose who it is credited to.")])
    reason = StringField(
        "Why", [DataRequired("Say why: the reason is kept with the order."), NOTE],
        description="It stays with the order; creators do not read it.",
    )  # fmt: skip


class DeclineForm(HouseForm):
    """Nobody is credited."""

    word = SelectField(
        "Reason for declining",
        [InputRequired("Choose the reason: the creator reads it.")],
        default="",
        choices=[
            SelectChoice("", "Choose one"),
            *(SelectChoice(one.value, DECLINES[one]) for one in DeclineReason),
        ],
    )
    note = StringField("Note to the creators", [NOTE])


class RefusalForm(HouseForm):
    """Finance does not agree."""

    answer = TextAreaField(
        "Why not", [DataRequired("Say why: whoever put it forward reads it."), NOTE]
    )


class RulesForm(HouseForm):
    """Which orders wait for a person, and from where on finance must agree."""

    ask_above = StringField("Orders that count for more than", [Optional(), AmountInput(1)])
    asks_likeness = BooleanField("Orders whose buyer is like the creator")
    finance_above = StringField("Finance must agree above", [Optional(), AmountInput(1)])
