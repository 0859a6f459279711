"""Forms of the API settings."""

from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.api import rules
from portal.web.forms import HouseForm, SelectChoice


class KeyForm(HouseForm):
    """A key to create: what it is for, and what it may do."""

    name = StringField(
        "Name",
        [
            DataRequired("Give the key a name."),
            Length(max=rules.NAME_CHARACTERS, message="At most 60 characters."),
        ],
        description="What will use it, such as “Checkout” or “Monthly report”.",
    )
    scopes = SelectMultipleField(
        "What it may do",
        choices=[SelectChoice(scope, words) for scope, words in rules.SCOPES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def validate_scopes(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError("Choose what the key may do.")


class RotateForm(HouseForm):
    """When the old key stops, once there is a new one."""

    overlap_hours = RadioField(
        "The old key stops",
        choices=[SelectChoice(str(hours), words) for hours, words in rules.OVERLAPS.items()],
        default="24",
    )
