"""What finance types about exceptions."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.web.forms import HouseForm


class OwnerForm(HouseForm):
    """Who looks after it; empty: nobody yet."""

    owner = SelectField("Owner", choices=[])


class ResolveForm(HouseForm):
    """How it was resolved."""

    note = TextAreaField(
        "How it was resolved",
        [DataRequired("Say how it was resolved."), Length(max=500)],
    )
