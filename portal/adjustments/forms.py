"""What finance types about adjustments: shape and wording only."""

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.adjustments.models import CHOSEN
from portal.web.forms import AmountInput, HouseForm, SelectChoice

NOTE = Length(max=500, message="Use at most 500 characters.")


class AdjustmentForm(HouseForm):
    """A new adjustment. `currency_code` is set by the door before it validates."""

    currency_code = "USD"

    key = HiddenField()
    commission = HiddenField()
    creator = SelectField("Creator", [InputRequired("Choose the creator.")], choices=[])
    way = RadioField(
        "Which way", [InputRequired("Choose which way.")], default="up",
        choices=[SelectChoice("up", "Add to what she is owed"),
                 SelectChoice("down", "Take from what she is owed")],
    )  # fmt: skip
    currency = SelectField("Currency", choices=[])
    amount = StringField("Amount", [InputRequired("Write an amount."), AmountInput(1)])
    reason = SelectField(
        "Reason", [InputRequired("Choose the reason.")],
        choices=[SelectChoice("", "Choose one"),
                 *(SelectChoice(one.value, one.value.capitalize()) for one in CHOSEN)],
    )  # fmt: skip
    note = TextAreaField(
        "Note to the creator", [DataRequired("Say why: the creator reads it."), NOTE]
    )
    order = StringField("Order number", [Optional(), Length(max=100)])
    period = SelectField("Belongs to", choices=[])
    file = FileField("File")


class ReasonForm(HouseForm):
    """Why an adjustment is not posted."""

    reason = TextAreaField("Why not", [DataRequired("Say why: its proposer reads it."), NOTE])


class NoteForm(HouseForm):
    """Why something is taken back or given up."""

    note = TextAreaField(
        "Note to the creator", [DataRequired("Say why: the creator reads it."), NOTE]
    )
