"""Forms of the webhook settings."""

from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.forms import HouseForm, SelectChoice
from portal.webhooks import rules

SPANS = {
    1: "The last hour",
    24: "The last 24 hours",
    168: "The last 7 days",
    720: "The last 30 days",
}


class EndpointForm(HouseForm):
    """An address to be told at, and what it wants to hear."""

    url = StringField(
        "Address",
        [DataRequired("Write the address we should call."), Length(max=rules.URL_CHARACTERS)],
        description="Begins with https://. We send a POST with JSON.",
    )
    label = StringField(
        "Name",
        [Length(max=80, message="At most 80 characters.")],
        description="For you to tell it.",
    )
    types = SelectMultipleField(
        "Events",
        choices=[SelectChoice(kind, f"{words} ({kind})") for kind, words in rules.TYPES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="None chosen: all of them, also those that come later.",
    )


class ReplayForm(HouseForm):
    """What to send again."""

    hours = RadioField(
        "Since",
        choices=[SelectChoice(str(hours), words) for hours, words in SPANS.items()],
        default="24",
    )
    which = RadioField(
        "What",
        choices=[
            SelectChoice("failed", "What failed"),
            SelectChoice("all", "Everything it listens to"),
        ],
        default="failed",
    )
