"""What finance and creators type about payouts: shape and wording only."""

from typing import Any

from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.payouts.models import REFERENCE_CHARACTERS
from portal.web.forms import DayField, HouseForm

LONG = Length(max=1_000, message="Use at most 1,000 characters.")


class NewRunForm(HouseForm):
    """Which balances, and up to when."""

    currency = SelectField("Currency")
    cutoff = DateField(
        "Last day",
        validators=[InputRequired("Choose the last day that this run pays.")],
    )
    note = TextAreaField("Note", validators=[LONG])


class HoldForm(HouseForm):
    """Why a payout is kept out of a run."""

    reason = TextAreaField("Reason for holding", validators=[DataRequired("Write a reason."), LONG])


class RollOverForm(HouseForm):
    """Why a payout is left to the next run."""

    rolled_reason = TextAreaField(
        "Reason for the creator", validators=[DataRequired("Write a reason."), LONG]
    )


class ManyForm(HouseForm):
    """How many payouts the page spoke of: others are not decided about."""

    shown = HiddenField(validators=[InputRequired()])

    @property
    def count(self) -> int:
        """That number; what no page says is −1."""
        told = self.shown.data or ""
        return int(told) if told.isdecimal() and told.isascii() and len(told) < 10 else -1


class SubmitForm(HouseForm):
    """What the approver should know, and the figures that the preparer read."""

    note = TextAreaField("Note to the approver", validators=[LONG])
    pay_on = DateField("Pay date", validators=[InputRequired("Choose the day it is sent on.")])
    payout_count = HiddenField(validators=[InputRequired()])
    net_minor = HiddenField(validators=[InputRequired()])

    @property
    def shown(self) -> tuple[int, int]:
        """(payouts, net in minor units) of the page; what no page says is (−1, 0)."""
        told = (self.payout_count.data or "", self.net_minor.data or "")
        if not all(one.isdecimal() and one.isascii() and len(one) < 16 for one in told):
            return -1, 0
        return int(told[0]), int(told[1])


class StopForm(HouseForm):
    """Why an operator stops all sending."""

    reason = TextAreaField("Reason", validators=[DataRequired("Write a reason."), LONG])


class ApproveForm(HouseForm):
    """What the page showed: the approval is bound to it."""

    control_hash = HiddenField(validators=[InputRequired()])
    net_minor = HiddenField(validators=[InputRequired()])


class ReturnForm(HouseForm):
    """What the preparer should change."""

    comment = TextAreaField(
        "What should be changed", validators=[DataRequired("Write what should be changed."), LONG]
    )


class OutsideForm(HouseForm):
    """How a payout went another way."""

    reference = StringField(
        "Reference of the payment",
        validators=[
            DataRequired("Write the reference, so that the payment can be found again."),
            Length(max=REFERENCE_CHARACTERS, message="Use at most 120 characters."),
        ],
    )
    on = DayField("Paid on", validators=[InputRequired("Choose the day on which it was paid.")])
    paid_note = TextAreaField("Note", validators=[LONG])

    @property
    def told(self) -> dict[str, Any]:
        """As `commands.mark_outside` wants to know it."""
        return {"reference": self.reference.data, "on": self.on.data, "note": self.paid_note.data}
