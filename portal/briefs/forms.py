"""What people type about briefs: shape and wording only."""

import re
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.briefs.models import DeliverableKind, RejectReason
from portal.briefs.offer import CHANNELS, MOST_HOLD_DAYS, MOST_PIECES, BriefText, Deliverable
from portal.briefs.reading import PLATFORM_WORDS
from portal.briefs.submission_commands import CAPTION_CHARACTERS, COMMENT_CHARACTERS
from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.web.forms import AmountInput, HouseForm, SelectChoice, amount_of, bare_amount

ROWS = 3
KINDS = [SelectChoice(kind.value, kind.value.capitalize()) for kind in DeliverableKind]
PLACES = [SelectChoice(c, "Anywhere" if c == "other" else PLATFORM_WORDS[c]) for c in CHANNELS]
REASONS = [SelectChoice(reason.value, reason.value.capitalize()) for reason in RejectReason]
LONG = Length(max=3_000, message="Use at most 3,000 characters.")


class PieceForm(Form):
    """One row of what is to be made; a row without a number is left out."""

    count = IntegerField(
        "How many",
        validators=[Optional(), NumberRange(0, MOST_PIECES, f"Ask for 1 to {MOST_PIECES}.")],
    )
    kind = SelectField("What", choices=KINDS)
    channel = SelectField("Where", choices=PLACES)


BUDGET_HINT = (
    "What all of it may cost. Offers and accepted work reserve their fees; what does not fit is "
    "not sent. Only your team sees it."
)


class BudgetForm(HouseForm):
    """What a brief may cost. `currency_code` is set by the door."""

    currency_code = "USD"

    budget = StringField(
        "Budget", [Optional(), AmountInput(1, 10**12)], filters=[bare_amount],
        description=BUDGET_HINT,
    )  # fmt: skip

    def limit(self) -> Money | None:
        """What was typed; None for no budget."""
        return amount_of(self.budget, self.currency_code) if self.budget.data else None


class BriefForm(BudgetForm):
    """A brief, new or changed. `currency_code` is set by the door before it validates."""

    program_id = SelectField("Program", coerce=int)
    title = StringField(
        "Title", validators=[DataRequired("Give the brief a title."), Length(max=120)]
    )
    goal = TextAreaField("Goal", validators=[LONG], description="What should people do or feel?")
    message = TextAreaField("Message", validators=[LONG], description="What should be said?")
    dos = TextAreaField("Do", validators=[LONG], description="One line each.")
    donts = TextAreaField("Don’t", validators=[LONG], description="One line each.")
    deliverables = FieldList(FormField(PieceForm), min_entries=ROWS, max_entries=10)
    required_tags = StringField(
        "Required tags", validators=[Length(max=200)],
        description="Hashtags and mentions that have to stand in the caption, with spaces between.",
    )  # fmt: skip
    disclosure_line = StringField(
        "Disclosure line", default="#ad", validators=[DataRequired("A brief always discloses.")],
        description="Stands in the first three lines of every caption.",
    )  # fmt: skip
    fee = StringField(
        "Fee for each ambassador",
        validators=[InputRequired("Name the fee for each ambassador."), AmountInput(1)],
    )
    fee_hold_days = IntegerField(
        "Hold the fee for", default=0,
        validators=[InputRequired("Write 0 for no hold."), NumberRange(0, MOST_HOLD_DAYS)],
        description="Days between your approval and the day it can be paid.",
    )  # fmt: skip
    kill_fee = IntegerField(
        "Paid when you cancel", default=0,
        validators=[InputRequired("Write 0 for nothing."),
                    NumberRange(0, 100, "Write 0 to 100 percent.")],
        description="Percent of the fee for accepted work that you call off before it is posted; "
                    "a post that is live is paid whole.",
    )  # fmt: skip
    delivery_days = IntegerField(
        "Days after the product came",
        validators=[Optional(), NumberRange(1, MOST_HOLD_DAYS, "Give at least one day.")],
        description="Where you send something first: a late delivery moves the due day so many "
                    "days behind it.",
    )  # fmt: skip
    auto_approves = BooleanField(
        "Approve what nobody reviewed in three business days",
        description="Only with a valid disclosure; it is noted as approved without review.",
    )
    due_on = DateField("Due on", validators=[InputRequired("Choose the last day for sending.")])
    capacity = IntegerField(
        "Places", validators=[Optional(), NumberRange(1, 100_000, "Offer at least one place.")],
        description="Empty: everyone who is invited.",
    )  # fmt: skip

    def text(self) -> BriefText:
        """What was typed, as the text of a brief."""
        pieces = tuple(
            Deliverable(DeliverableKind(row.kind.data), row.count.data, row.channel.data)
            for row in (entry.form for entry in self.deliverables)
            if row.count.data
        )
        return BriefText(
            title=self.title.data, goal=self.goal.data, message=self.message.data,
            dos=self.dos.data, donts=self.donts.data, deliverables=pieces,
            required_tags=tuple(re.split(r"[\s,]+", self.required_tags.data.strip(", ")))
            if self.required_tags.data.strip(", ") else (),
            disclosure_line=self.disclosure_line.data, fee=amount_of(self.fee, self.currency_code),
            fee_hold_days=self.fee_hold_days.data, due_on=self.due_on.data,
            capacity=self.capacity.data, kill_fee_bp=100 * (self.kill_fee.data or 0),
            delivery_days=self.delivery_days.data, auto_approves=bool(self.auto_approves.data),
        )  # fmt: skip

    def refuse(self, error: InvalidInput) -> None:
        """Show what is wrong with the pieces at their first row."""
        if error.field == "deliverables":
            first = self.deliverables.entries[0].form
            first.count.errors = [error.message]
            self.deliverables.errors = [error.message]
        else:
            super().refuse(error)


def typed(text: BriefText, program_id: int) -> dict[str, Any]:
    """A brief's text as the form shows it."""
    pieces = [
        {"count": d.count, "kind": d.kind.value, "channel": d.channel} for d in text.deliverables
    ]
    return {
        "program_id": program_id, "title": text.title, "goal": text.goal, "message": text.message,
        "dos": text.dos, "donts": text.donts, "deliverables": pieces,
        "required_tags": " ".join(text.required_tags), "disclosure_line": text.disclosure_line,
        "fee": amount_in_digits(text.fee), "fee_hold_days": text.fee_hold_days,
        "due_on": text.due_on, "capacity": text.capacity, "kill_fee": text.kill_fee_bp // 100,
        "delivery_days": text.delivery_days, "auto_approves": text.auto_approves,
    }  # fmt: skip


def amount_in_digits(amount: Money) -> str:
    """An amount as one types it: "120.00"."""
    digits = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{digits}f}"


class ApproveForm(HouseForm):
    """When an approved brief opens."""

    starts_on = DateField(
        "Opens on", validators=[Optional()], description="Empty: now, as soon as you approve."
    )


class DeliveryForm(HouseForm):
    """When the product came."""

    delivered_on = DateField("Delivered on", validators=[InputRequired("Choose the day.")])


class CancelForm(HouseForm):
    """Why accepted work is called off."""

    reason = StringField(
        "Why",
        validators=[DataRequired("Tell the creator why. She reads this sentence."),
                    Length(max=250)],
    )  # fmt: skip


class AcceptForm(HouseForm):
    """The version that was on the page."""

    version = HiddenField(validators=[InputRequired()])


class DeclineForm(HouseForm):
    """Why not; nobody has to say."""

    reason = StringField("Reason", validators=[Length(max=300)])


class SubmissionForm(HouseForm):
    """Caption and live link travel together."""

    caption = TextAreaField("Caption", validators=[Length(max=CAPTION_CHARACTERS)])
    live_url = StringField("Live link", validators=[Length(max=500)])


class CommentForm(HouseForm):
    """Something to say about a version, or an answer."""

    body = TextAreaField(
        "Comment",
        validators=[DataRequired("Write something first."), Length(max=COMMENT_CHARACTERS)],
    )
    quote = StringField("Words of the caption", validators=[Length(max=300)])
    reply_to = HiddenField()


class ChangesForm(HouseForm):
    """What has to change, where no comment says it yet, and by when."""

    wish = TextAreaField("What should change?", validators=[Length(max=COMMENT_CHARACTERS)])
    due_on = DateField("New due day", validators=[Optional()])


class ApprovalForm(HouseForm):
    """Why a version is approved although a check failed."""

    override_reason = TextAreaField("Reason", validators=[Length(max=300)])


class RejectForm(HouseForm):
    """Why a version is turned down for good."""

    reason = RadioField("Reason", choices=REASONS, validators=[InputRequired("Choose the reason.")])
    note = TextAreaField(
        "Note to the creator",
        validators=[DataRequired("Tell the creator why. She reads this sentence."), LONG],
    )
