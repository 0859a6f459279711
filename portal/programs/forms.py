"""What the program page and the program's settings ask."""

from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from portal.kernel import currencies
from portal.programs.models import Program
from portal.web.formatting import country_choices
from portal.web.forms import AmountInput, HouseForm, SelectChoice, bare_amount


class CalculatorForm(HouseForm):
    """Orders a month and an average order: a GET form, so it carries no token."""

    class Meta(HouseForm.Meta):
        csrf = False

    currency_code = "USD"
    sales = IntegerField(
        "Orders a month",
        [
            InputRequired("Write a number of orders."),
            NumberRange(0, 10_000, "Between 0 and 10,000."),
        ],
    )
    aov = StringField(
        "Average order",
        [InputRequired("Write an average order."), AmountInput(0, 100_000_00)],
        filters=[bare_amount],
    )


class AgreementForm(HouseForm):
    """The next version of what ambassadors accept."""

    text = TextAreaField("Agreement", [DataRequired("Write the agreement."), Length(max=60_000)])
    summary = TextAreaField("In short", [Length(max=2_000)])


class PageForm(HouseForm):
    """What the program page says and asks."""

    name = StringField("Program name", [DataRequired("Write a name."), Length(max=120)])
    pitch = StringField("Pitch, one short line", [Length(max=200)])
    description = TextAreaField("What it is about", [Length(max=2_000)])
    discount = DecimalField(
        "Followers get, in percent",
        [InputRequired("Write a percentage."), NumberRange(0, 100, "Between 0 and 100 percent.")],
        places=2,
    )
    pay_day = IntegerField(
        "Pay day of the month",
        [InputRequired("Write a day."), NumberRange(1, 28, "Between 1 and 28.")],
    )
    answer_days = IntegerField(
        "You answer within, in days",
        [InputRequired("Write a number of days."), NumberRange(1, 60, "Between 1 and 60 days.")],
    )
    min_followers = IntegerField(
        "Followers needed on one channel",
        [InputRequired("Write a number, 0 for none."), NumberRange(0, 100_000_000, "Too many.")],
    )
    min_engagement = DecimalField(
        "Engagement needed, in percent",
        [Optional(), NumberRange(0, 100, "Between 0 and 100 percent.")],
        places=2,
    )
    requires_adult = BooleanField("Only people aged 18 or older")
    countries = SelectMultipleField(
        "Open to creators in",
        choices=[SelectChoice(*one) for one in country_choices() if one[0]],
    )
    questions = TextAreaField("Questions, one on each line", [Length(max=1_500)])

    def values(self) -> dict[str, Any]:
        """What was typed, as `commands.change_page` takes it."""
        lines = (self.questions.data or "").splitlines()
        return {
            "name": self.name.data,
            "pitch": self.pitch.data or "",
            "description": self.description.data or "",
            "discount_bp": currencies.half_up((self.discount.data or Decimal(0)) * 100),
            "pay_day": self.pay_day.data,
            "answer_days": self.answer_days.data,
            "min_followers": self.min_followers.data,
            "min_engagement_bp": currencies.half_up((self.min_engagement.data or Decimal(0)) * 100),
            "requires_adult": bool(self.requires_adult.data),
            "countries": list(self.countries.data or []),
            "questions": [line.strip() for line in lines if line.strip()],
        }


def page_values(program: Program) -> dict[str, Any]:
    """A program as the form's own values."""
    return {
        "name": program.name,
        "pitch": program.pitch,
        "description": program.description,
        "discount": Decimal(program.discount_bp) / 100,
        "pay_day": program.pay_day,
        "answer_days": program.answer_days,
        "min_followers": program.min_followers,
        "min_engagement": Decimal(program.min_engagement_bp) / 100,
        "requires_adult": program.requires_adult,
        "countries": program.countries,
        "questions": "\n".join(program.questions),
    }


class NewProgramForm(HouseForm):
    """A brand's first program."""

    name = StringField("Program name", [DataRequired("Write a name."), Length(max=120)])
    slug = StringField(
        "Address",
        [
            Optional(),
            Length(max=48),
            Regexp(r"[a-z0-9][a-z0-9-]*$", 0, "Use small letters, numbers and dashes."),
        ],
    )
