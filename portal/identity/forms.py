"""Sign-in, invitation and team forms."""

from wtforms import EmailField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.identity import rules
from portal.identity.models import EMAIL_CHARACTERS, NAME_CHARACTERS, Capability
from portal.kernel.errors import InvalidInput
from portal.web.forms import HouseForm, SelectChoice

ROLE_WORDS = {
    Capability.VIEWER: "Viewer: reads the brand’s pages",
    Capability.REVIEWER: "Reviewer: decides applications and content",
    Capability.MANAGER: "Manager: also briefs, codes, links and rates",
    Capability.OWNER: "Owner: also the team, terms and the program",
    Capability.PREPARER: "Finance preparer: makes payout runs",
    Capability.APPROVER: "Finance approver: releases payout runs",
}
ROLE_NAMES = {role: words.partition(":")[0] for role, words in ROLE_WORDS.items()}


class EmailShape:
    """Validator: what `rules.email_of` accepts."""

    def __call__(self, _form: HouseForm, field: EmailField) -> None:
        try:
            field.data = rules.email_of(field.data or "")
        except InvalidInput as error:
            raise ValidationError(error.message) from error


def _email() -> EmailField:
    return EmailField(
        "E-mail address",
        [DataRequired("Write your e-mail address."), Length(max=EMAIL_CHARACTERS), EmailShape()],
    )


class SignInForm(HouseForm):
    """The address a code is sent to."""

    email = _email()


class PasswordSignInForm(HouseForm):
    """Address and password."""

    email = _email()
    password = PasswordField("Password", [DataRequired("Write your password.")])


class SignUpForm(HouseForm):
    """Name and address of a new account."""

    name = StringField(
        "Your name",
        [DataRequired("Write your name."), Length(max=NAME_CHARACTERS)],
    )
    email = _email()


class CodeForm(HouseForm):
    """Six digits from a mail."""

    code = StringField("Code", [DataRequired("Type the six digits from our e-mail.")])

    def validate_code(self, field: StringField) -> None:
        digits = rules.typed_code(field.data or "")
        if len(digits) != 6 or not digits.isdecimal():
            raise ValidationError("A code has six digits, such as 402 917.")


class ConfirmForm(HouseForm):
    """The password once more."""

    password = PasswordField("Password", [DataRequired("Write your password.")])


class NewPasswordForm(HouseForm):
    """A new password."""

    password = PasswordField(
        "New password",
        [DataRequired("Write a new password.")],
        description=f"At least {rules.PASSWORD_LEAST} characters. A few words are best.",
    )


class AcceptForm(HouseForm):
    """What an invited person without an account adds."""

    name = StringField("Your name", [DataRequired("Write your name."), Length(max=NAME_CHARACTERS)])


def _roles() -> SelectMultipleField:
    return SelectMultipleField(
        "Roles",
        choices=[SelectChoice(role.value, words) for role, words in ROLE_WORDS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class InviteForm(HouseForm):
    """Whom to invite, and as what."""

    email = _email()
    capabilities = _roles()

    def validate_capabilities(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError("Choose at least one role.")


class RolesForm(HouseForm):
    """A team member's roles; none of them takes her out of the team."""

    capabilities = _roles()
