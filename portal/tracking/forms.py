"""Forms for links and codes."""

import re
from typing import Any

from wtforms import IntegerField, SelectField, StringField, URLField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.web.forms import HouseForm, SelectChoice

CHANNELS = (("", "Anywhere"), ("instagram", "Instagram"), ("tiktok", "TikTok"),
            ("youtube", "YouTube"), ("story", "A story"), ("bio", "My bio"), ("blog", "Blog"),
            ("newsletter", "Newsletter"), ("podcast", "Podcast"))  # fmt: skip


BARE_ADDRESS = re.compile(r"(?i)[a-z0-9-]+(\.[a-z0-9-]+)+([/?#].*)?")


def whole_address(typed: Any) -> Any:
    """An address with the https:// that people leave out; anything else as it is."""
    is_bare = isinstance(typed, str) and BARE_ADDRESS.fullmatch(typed.strip())
    return f"https://{typed.strip()}" if is_bare else typed


class Days(IntegerField):
    """A whole number of days; anything else is told in words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write a whole number of days.") from None


class LinkForm(HouseForm):
    """Where a link leads and what it is called."""

    program = SelectField("Program", choices=[])
    destination = URLField(
        "Where it leads", validators=[InputRequired("Paste the page people should land on.")],
        filters=[whole_address],
    )  # fmt: skip
    label = StringField(
        "Name", validators=[Length(max=40, message="A name has at most 40 characters.")],
        description="It names the link in your list and becomes part of its address.",
    )  # fmt: skip
    channel = SelectField(
        "Where you will post it", choices=[SelectChoice(value, words) for value, words in CHANNELS]
    )
    slug = StringField(
        "Own address", validators=[Length(max=60, message="An address has at most 40 characters.")]
    )
    sub_id = StringField(
        "Sub-id", validators=[Length(max=40, message="A sub-id has at most 40 characters.")]
    )


class EditLinkForm(HouseForm):
    """A link's destination and name; its address stays."""

    destination = URLField(
        "Where it leads", validators=[InputRequired("Paste the page people should land on.")],
        filters=[whole_address],
    )  # fmt: skip
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
    grace_days = Days(
        "Days the old code goes on", default=7,
        validators=[InputRequired("Write a number of days, 0 for none."),
                    NumberRange(0, 30, message="The old code can go on for 0 to 30 days.")],
    )  # fmt: skip
