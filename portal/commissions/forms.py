"""What finance types about a commission."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.web.forms import HouseForm


class ReasonForm(HouseForm):
    """Why a commission is stopped or taken back."""

    reason = TextAreaField(
        "Reason", [DataRequired("Say why: the creator reads it."), Length(max=300)]
    )
