"""What creators and finance type about tax: shape and wording only. What a form lacks is said by
`form_rules.problems_of`, so that a draft may be as incomplete as it likes."""

from typing import Self

from wtforms import (
    BooleanField,
    DateField,
    Field,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from portal.tax import wording
from portal.tax.form_rules import Who
from portal.tax.models import FormKind, OnMissing, TinKind
from portal.web.formatting import country_choices
from portal.web.forms import AmountInput, HouseForm, SelectChoice

TEXT = Length(max=120, message="Use at most 120 characters.")
YES = "y"


def _countries(label: str) -> SelectField:
    return SelectField(
        label, choices=[SelectChoice(*one) for one in country_choices()], validate_choice=False
    )


class StartForm(HouseForm):
    """The two or three questions that lead to the form."""

    us = RadioField(
        "Are you taxed in the United States?", [InputRequired("Choose yes or no.")],
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
    )  # fmt: skip
    who = RadioField(
        "Who is paid?", [InputRequired("Choose one.")],
        choices=[SelectChoice(Who.PERSON.value, "Me, as a person"),
                 SelectChoice(Who.COMPANY.value, "My company")],
    )  # fmt: skip
    country = _countries("Where are you taxed?")


class AnswersForm(HouseForm):
    """What every form asks, and the signature."""

    name = StringField("Name", [TEXT])
    street = StringField("Street and number", [TEXT])
    city = StringField("City", [TEXT])
    tin = StringField("Number", [Length(max=30, message="Use at most 30 characters.")])
    signed_name = StringField("Your full name, as your signature", [TEXT])

    def answers(self) -> dict[str, str]:
        """What was typed, as text; a box that is ticked is "y", and an unknown choice nothing."""
        skipped = ("csrf_token", "signed_name")
        return {f.name: _text_of(f) for f in self if f.name not in skipped}


class W9Form(AnswersForm):
    """Request for the number of a US person."""

    business = StringField("Business name", [TEXT])
    classification = SelectField(
        "Taxed as", validate_choice=False,
        choices=[SelectChoice("", "Choose one"),
                 *(SelectChoice(*one) for one in wording.CLASSIFICATIONS.items())],
    )  # fmt: skip
    region = StringField("State", [TEXT])
    postcode = StringField("ZIP code", [TEXT])
    tin_kind = RadioField(
        "Which number do you have?", validate_choice=False,
        choices=[SelectChoice(one.value, wording.TINS[one])
                 for one in (TinKind.SSN, TinKind.ITIN, TinKind.EIN)],
    )  # fmt: skip
    notice = BooleanField("The IRS has told me that I am subject to backup withholding")


class W8benForm(AnswersForm):
    """Foreign status of a person."""

    citizenship = _countries("Citizenship")
    country = _countries("Where you are taxed")
    region = StringField("State or region", [TEXT])
    postcode = StringField("Postcode", [TEXT])
    born_on = StringField("Born on", [TEXT])
    no_tin = BooleanField("My country gave me no tax number")


class W8beneForm(AnswersForm):
    """Foreign status of a company."""

    classification = SelectField(
        "Kind of company", validate_choice=False,
        choices=[SelectChoice("", "Choose one"),
                 *(SelectChoice(*one) for one in wording.ENTITIES.items())],
    )  # fmt: skip
    country = _countries("Where it is taxed")
    region = StringField("State or region", [TEXT])
    postcode = StringField("Postcode", [TEXT])
    no_tin = BooleanField("It has no tax number")


class Dac7Form(AnswersForm):
    """What a platform reports of a seller in the EU."""

    country = _countries("Where you are taxed")
    region = StringField("Region", [TEXT])
    postcode = StringField("Postcode", [TEXT])
    born_on = StringField("Born or founded on", [TEXT])
    tin_kind = RadioField(
        "Which number do you have?", validate_choice=False,
        choices=[SelectChoice(TinKind.FOREIGN.value, "Tax number of a person"),
                 SelectChoice(TinKind.VAT.value, "VAT number")],
    )  # fmt: skip
    no_tin = BooleanField("My country gave me no tax number")


OF_KIND: dict[FormKind, type[AnswersForm]] = {
    FormKind.W9: W9Form,
    FormKind.W8BEN: W8benForm,
    FormKind.W8BENE: W8beneForm,
    FormKind.DAC7: Dac7Form,
}


class RejectForm(HouseForm):
    """Why a form cannot be used; the creator reads it."""

    reason = TextAreaField(
        "What is wrong", [DataRequired("Write what is wrong, so that she can correct it."),
                          Length(max=300, message="Use at most 300 characters.")]
    )  # fmt: skip


class PolicyForm(HouseForm):
    """When a form is asked for, and what happens without one."""

    asks = RadioField(
        "A form is asked for",
        choices=[SelectChoice(one.value, words) for one, words in wording.ASKS.items()],
    )
    on_missing = RadioField(
        "Without a form",
        choices=[SelectChoice(one.value, wording.ON_MISSING[one]) for one in OnMissing],
    )
    checks_by_hand = BooleanField("Look at every form before it counts")
    excludes_processors = BooleanField("Leave out what a processor reports itself")
    dac7_operator = BooleanField("We are a platform that reports sellers under DAC7")


class RuleForm(HouseForm):
    """The figures of a form from a day on."""

    currency_code = "USD"

    kind = SelectField("Form", choices=[SelectChoice(k.value, w) for k, w in wording.KINDS.items()])
    from_on = DateField("From", [InputRequired("Write the day, such as 2027-01-01.")])
    threshold = StringField("Threshold", [DataRequired("Write the amount."), AmountInput(0)])
    rate = StringField(
        "Withholding, percent",
        [DataRequired("Write the rate, such as 24."),
         Regexp(r"^\d{1,3}([.]\d{1,2})?$", message="Write a number such as 24 or 24.5.")],
    )  # fmt: skip
    note = StringField("Where it comes from", [Optional(), Length(max=300)])

    def in_currency_of_kind(self) -> Self:
        """Read the threshold in the currency the form reports in."""
        self.currency_code = "EUR" if self.kind.data == FormKind.DAC7 else "USD"
        return self


def _text_of(field: Field) -> str:
    if isinstance(field, BooleanField):
        return YES if field.data else ""
    text = field.data if isinstance(field.data, str) else ""
    if isinstance(field, RadioField | SelectField):
        return text if text in {choice.value for choice in field.choices} else ""
    return text
