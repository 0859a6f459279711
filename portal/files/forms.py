"""What finance types about a payment file: shape and wording only."""

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.web.forms import HouseForm

LONG = Length(max=500, message="Use at most 500 characters.")


class GiveUpForm(HouseForm):
    """Why a file is not carried out."""

    reason = TextAreaField("Why it is given up", [DataRequired("Write why."), LONG])


class ConfirmForm(HouseForm):
    """What the statement calls the payment."""

    proof = StringField(
        "Reference on the statement",
        [DataRequired("Write the reference, so that it can be found again."), Length(max=120)],
    )


class RefuseForm(HouseForm):
    """Why a payment did not go, or came back."""

    reason = TextAreaField("What the bank or PayPal said", [DataRequired("Write why."), LONG])
