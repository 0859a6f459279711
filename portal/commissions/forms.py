"""What finance types about a commission."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.commissions.models import VoidCode
from portal.commissions.wording import CODES
from portal.web.forms import HouseForm, SelectChoice


class ReasonForm(HouseForm):
    """Why a commission is stopped or taken back."""

    reason = TextAreaField(
        "Reason", [DataRequired("Say why: the creator reads it."), Length(max=300)]
    )


class VoidForm(ReasonForm):
    """Why a commission is taken back for good: a code for the books, a note for the creator."""

    code = SelectField(
        "Code of the reason", [DataRequired("Choose the reason code.")],
        choices=[SelectChoice("", "Choose one"),
                 *(SelectChoice(one.value, CODES[one]) for one in VoidCode)],
    )  # fmt: skip
