"""What finance types about a payee: shape and wording only."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.web.forms import HouseForm


class ShareForm(HouseForm):
    """Why creators may be paid to one account."""

    shared_reason = TextAreaField(
        "Why they may share it",
        validators=[
            DataRequired("Write a reason."),
            Length(max=1_000, message="Use at most 1,000 characters."),
        ],
    )


class HoldForm(HouseForm):
    """Why no run may pay her."""

    reason = TextAreaField(
        "Reason for holding",
        validators=[
            DataRequired("Write a reason: the creator reads it on her payouts page."),
            Length(max=1_000, message="Use at most 1,000 characters."),
        ],
    )
