"""Codes, names of passkeys, a reason."""

from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.factors import rules
from portal.factors.models import NAME_CHARACTERS
from portal.web.forms import HouseForm

REMEMBER = f"Do not ask in this browser for {rules.REMEMBERED.days} days"


class AppCodeForm(HouseForm):
    """Six digits of the app."""

    code = StringField("Code of your app", [DataRequired("Type the six digits from the app.")])

    def validate_code(self, field: StringField) -> None:
        if len(rules.digits_of(field.data or "")) != 6:
            raise ValidationError("A code has six digits, such as 402 917.")


class SecondStepForm(AppCodeForm):
    """Six digits, and whether to ask again soon."""

    remember = BooleanField(REMEMBER)


class RecoveryForm(HouseForm):
    """One of the ten codes."""

    code = StringField(
        "Recovery code", [DataRequired("Type one of your recovery codes."), Length(max=60)]
    )


class PasskeyForm(HouseForm):
    """What the browser brings from a passkey."""

    answer = HiddenField(validators=[Length(max=20_000)])
    remember = HiddenField()


class NewPasskeyForm(HouseForm):
    """A name for a new passkey, and what the browser made."""

    name = StringField(
        "Name of this passkey",
        [
            DataRequired("Give it a name, such as My laptop."),
            Length(max=NAME_CHARACTERS, message=f"At most {NAME_CHARACTERS} characters."),
        ],
        description="So that you know it again, such as My laptop.",
    )
    answer = HiddenField(validators=[Length(max=20_000)])


class ResetForm(HouseForm):
    """Why somebody's factors are taken away."""

    reason = TextAreaField(
        "How you know that it is she who asks",
        [DataRequired("Write how you know that it is she who asks."), Length(max=300)],
    )
