"""The application page, the code, and the brand's decision."""

from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    Form,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from portal.applications.models import Application, DeclineReason
from portal.applications.rules import (
    ANSWER_CHARACTERS,
    DECLINE_REASONS,
    REAPPLY_WORDS,
    ChannelFacts,
    Draft,
)
from portal.creators.models import Platform
from portal.creators.rules import PLATFORM_NAMES, channel_in
from portal.identity.rules import email_of, typed_code
from portal.kernel.errors import InvalidInput
from portal.programs.models import Program
from portal.web.formatting import country_choices
from portal.web.forms import CountField, HouseForm, SelectChoice, stripped

BLANK_ROWS = 3


def is_address(_form: Form, field: Any) -> None:
    """Validator: what identity takes as an e-mail address."""
    try:
        email_of(field.data or "")
    except InvalidInput as error:
        raise ValidationError(error.message) from error


class ChannelForm(Form):
    """One place where somebody posts. A pasted profile address fills in the platform."""

    class Meta:
        csrf = False

    where = StringField("Profile link or handle", [Length(max=400)])
    platform = SelectField(
        "Platform",
        default="",
        choices=[
            SelectChoice("", "As in the link"),
            *(SelectChoice(one.value, PLATFORM_NAMES[one]) for one in Platform),
        ],
    )
    followers = CountField("Followers")
    likes = CountField("Likes per post")
    comments = CountField("Comments per post")

    is_needed = False  # the first row, when nothing stands in any

    @property
    def is_blank(self) -> bool:
        """Nothing was typed in this row."""
        return not (self.where.data or self.followers.data)

    @property
    def chosen(self) -> str:
        """The platform chosen, "" for none that we know."""
        known = self.platform.data in list(Platform)
        return str(self.platform.data) if known else ""

    def facts(self) -> ChannelFacts:
        """What the row says, whether it can be used or not."""
        platform, handle, url = channel_in(stripped(self.where.data or ""), self.chosen)
        return ChannelFacts(
            platform or Platform.OTHER.value, handle, url, self.followers.usable or 0,
            self.likes.usable, self.comments.usable,
        )  # fmt: skip

    def validate_where(self, field: StringField) -> None:
        if self.is_needed:
            raise ValidationError("Add at least one place where you post.")
        if self.is_blank:
            return
        platform, handle, _ = channel_in(stripped(field.data or ""), self.chosen)
        if not handle:
            raise ValidationError("Write your handle, or paste the link to your profile.")
        if not platform:
            raise ValidationError("We do not know this address. Choose the platform beside it.")

    def validate_followers(self, field: CountField) -> None:
        if not self.is_blank and field.data is None and not field.errors:
            raise ValidationError("Write how many followers you have there, such as 4,200.")


class ApplyForm(HouseForm):
    """The whole application, on one page."""

    name = StringField("Name", [DataRequired("Write your name."), Length(max=120)])
    email = EmailField(
        "E-mail",
        [DataRequired("Write your e-mail address."),
         is_address, Length(max=254)],
    )  # fmt: skip
    country = SelectField(
        "Country",
        [DataRequired("Choose the country you live in.")],
        choices=[SelectChoice(*one) for one in country_choices()],
    )
    is_adult = BooleanField("I am 18 or older")
    channels = FieldList(FormField(ChannelForm), min_entries=BLANK_ROWS, max_entries=8)
    answers = FieldList(TextAreaField("Answer", [Length(max=ANSWER_CHARACTERS)]), max_entries=6)
    has_consented = BooleanField(
        "The brand may read this application and keep it to decide",
        [InputRequired("Tick this to let the brand read your application.")],
    )

    invite = StringField("Invitation code", [Length(max=20)])

    def draft(self, program: Program) -> Draft:
        """What has been typed, complete or not."""
        rows = [row.form for row in self.channels if not row.form.is_blank]
        typed = [entry.data or "" for entry in self.answers]
        answers = [typed[at] if at < len(typed) else "" for at in range(len(program.questions))]
        return Draft(
            email=self.email.data or "",
            name=self.name.data or "",
            country=self.country.data or "",
            is_adult=bool(self.is_adult.data),
            has_consented=bool(self.has_consented.data),
            channels=tuple(row.facts() for row in rows),
            invite=self.invite.data or "",
            answers=tuple(zip(program.questions, answers, strict=True)),
        )

    def validate(self, extra_validators: Any = None) -> bool:
        self.channels[0].form.is_needed = all(row.form.is_blank for row in self.channels)
        return bool(super().validate(extra_validators))


def typed_in(application: Application) -> dict[str, Any]:
    """A draft as the form's own values."""
    return {
        "name": application.name,
        "email": application.email,
        "country": application.country,
        "is_adult": application.is_adult,
        "has_consented": application.has_consented,
        "invite": application.invite,
        "answers": [answer["answer"] for answer in application.answers],
        "channels": [channel_row(ChannelFacts(**channel)) for channel in application.channels],
    }


def channel_row(channel: ChannelFacts) -> dict[str, Any]:
    """One channel as a row of the form."""
    return {
        "where": channel.url or channel.handle,
        "platform": channel.platform,
        "followers": channel.followers or None,
        "likes": channel.likes_per_post,
        "comments": channel.comments_per_post,
    }


class CodeForm(HouseForm):
    """Six digits from a mail."""

    code = StringField("Code", [DataRequired("Type the six digits from our e-mail.")])

    def validate_code(self, field: StringField) -> None:
        digits = typed_code(field.data or "")
        if len(digits) != 6 or not digits.isdecimal():
            raise ValidationError("A code has six digits, such as 402 917.")


REASON_WANTED = "Choose one of the reasons."


class DecisionForm(HouseForm):
    """Approve, or decline with a reason; each is one button."""

    note = TextAreaField("Note to the creator", [Length(max=500)])
    code = StringField("Code", [Length(max=20)])
    reapply = SelectField(
        "May apply again",
        choices=[SelectChoice(key, words) for key, words in REAPPLY_WORDS.items()],
        default="30",
    )
    reason = StringField("Reason", [Optional(), AnyOf(list(DeclineReason), REASON_WANTED)])


class AskForm(HouseForm):
    """One more question to the creator. It stands inside the form that approves, so the browser
    must not require it; the command does."""

    question = TextAreaField("Your question", [Length(max=500)])


class BulkForm(HouseForm):
    """One decision about many; approve or decline is the button's value."""

    reason = SelectField(
        "Reason for declining",
        default="",
        choices=[
            SelectChoice("", "Choose one"),
            *(SelectChoice(one.value, DECLINE_REASONS[one]) for one in DeclineReason),
        ],
    )
    reapply = SelectField(
        "May apply again",
        default="30",
        choices=[SelectChoice(key, words.capitalize()) for key, words in REAPPLY_WORDS.items()],
    )
    note = TextAreaField("Note to each of them", [Length(max=500)])


class AnswerForm(HouseForm):
    """What she answers."""

    answer = TextAreaField(
        "Your answer", [DataRequired("Write an answer first."), Length(max=ANSWER_CHARACTERS)]
    )


class StepForm(HouseForm):
    """Why a membership is paused or ended."""

    reason = StringField("Reason", [Length(max=300)])


class AcceptForm(HouseForm):
    """The agreement's tick box: never ticked beforehand."""

    accepted = BooleanField(
        "I have read the terms and accept them",
        [InputRequired("Tick the box to accept the terms.")],
    )
