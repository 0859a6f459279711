"""What a creator says of herself."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.creators.models import Platform
from portal.creators.rules import HANDLE_MOST, PLATFORM_NAMES, ZONES
from portal.web.formatting import country_choices
from portal.web.forms import CountField, HouseForm, SelectChoice


class ProfileForm(HouseForm):
    """Name, handle, and where she lives."""

    name = StringField("Name", [DataRequired("Write your name."), Length(max=120)])
    handle = StringField("Handle", [DataRequired("Write a handle."), Length(max=HANDLE_MOST + 1)])
    bio = TextAreaField("About you", [Length(max=500)])
    country = SelectField("Country", choices=[SelectChoice(*one) for one in country_choices()])
    zone = SelectField(
        "Time zone",
        choices=[SelectChoice(zone, zone.replace("_", " ")) for zone in ("UTC", *ZONES)],
    )


class ChannelForm(HouseForm):
    """One more place where she posts."""

    where = StringField(
        "Profile link or handle", [DataRequired("Paste the link, or write @you."), Length(max=400)]
    )
    platform = SelectField(
        "Platform",
        choices=[
            SelectChoice("", "As in the link"),
            *(SelectChoice(one.value, PLATFORM_NAMES[one]) for one in Platform),
        ],
    )
    followers = CountField("Followers", [InputRequired("Write a number, such as 4,200 or 12k.")])
    likes = CountField("Likes per post", [Optional()])
    comments = CountField("Comments per post", [Optional()])


def profile_of(creator: Any) -> dict[str, Any]:
    """A creator as the form's own values."""
    return {
        "name": creator.name,
        "handle": creator.handle,
        "bio": creator.bio,
        "country": creator.country,
        "zone": creator.zone,
    }
