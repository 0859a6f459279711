"""The operator's one form for messages from outside."""

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.web.forms import HouseForm


class IgnoreForm(HouseForm):
    """Why a message is set aside."""

    reason = StringField(
        "Why is it set aside?",
        [DataRequired("Write one sentence."), Length(max=500)],
        description="It stays stored. Everyone who looks later reads this.",
    )
