"""Forms for links and codes."""

from wtforms import IntegerField, SelectField, StringField, URLField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.web.forms import HouseForm, SelectChoice

CHANNELS = (("", "Anywhere"), ("instagram", "Instagram"), ("tiktok", "TikTok"),
            ("youtube", "YouTube"), ("story", "A story"), ("bio", "My bio"), ("blog", "Blog"),
            ("newsletter", "Newsletter"), ("podcast", "Podcast"))  # fmt: skip


class LinkForm(HouseForm):
    """Where a link leads and what it is called."""

    program = SelectField("Program", choices=[])
    destination = URLField(
        "Where it leads", validators=[InputRequired("Paste the page people should land on.")]
    )
    label = StringField(
        "Name", validators=[Length(max=40, message="A name has at most 40 characters.")],
        description="Only you see it. It also becomes part of the link.",
    )  # fmt: skip
    channel = SelectField(
        "Where you will post it", choices=[SelectChoice(value, words) for value, words in CHANNELS]
    )


class EditLinkForm(HouseForm):
    """A link's destination and name; its address stays."""

    destination = URLField(
        "Where it leads", validators=[InputRequired("Paste the page people should land on.")]
    )
    label = StringField(
        "Name", validators=[Length(max=40, message="A name has at most 40 characters.")]
    )


class ReasonForm(HouseForm):
    """Why a code is paused or retired."""

    reason = StringField(
        "Reason",
        validators=[InputRequired("Say why: it stays in the code’s history."), Length(max=200)],
    )


class ReplaceForm(HouseForm):
    """A new code for the same ambassador."""

    code = StringField(
        "New code", validators=[Optional(), Length(max=20)],
        description="Leave it empty for one made from the name.",
    )  # fmt: skip
    grace_days = IntegerField(
        "Days the old code goes on", default=7,
        validators=[InputRequired("Write a number of days, 0 for none."),
                    NumberRange(0, 30, message="The old code can go on for 0 to 30 days.")],
    )  # fmt: skip
