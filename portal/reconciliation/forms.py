"""What finance types while reconciling: shape and wording only."""

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.web.forms import HouseForm


class ReportForm(HouseForm):
    """A report of a bank or of PayPal."""

    file = FileField("Report", [FileRequired("Choose a file.")])


class MatchForm(HouseForm):
    """Which payment a row is about."""

    line = SelectField("Payment", validators=[InputRequired("Choose a payment.")])


class ExplainForm(HouseForm):
    """Why something stands alone."""

    reason = TextAreaField(
        "Why",
        [DataRequired("Write why."), Length(max=500, message="Use at most 500 characters.")],
    )
