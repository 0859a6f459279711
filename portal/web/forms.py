"""The form every form of ours extends, and fields that several of them have."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, FieldList, FormField, IntegerField
from wtforms.fields.choices import SelectChoice as SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from portal.kernel import currencies
from portal.kernel.counts import people_in
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

PEOPLE = 1_000_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2199


def stripped(value: Any) -> Any:
    """Text without the white space around it; no number where "sNaN" or "Infinity" was typed;
    anything else as it is."""
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    return value.strip() if isinstance(value, str) else value


def within_years(value: Any) -> Any:
    """A day as it is. Raises ValueError for one so far away that no zone can tell its midnight."""
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"Choose a day between {FIRST_YEAR} and {LAST_YEAR}.")
    return value


def _is_plain(name: str) -> bool:
    """Whether every number in a field's name is one that a list of fields can have."""
    numbers = [part for part in name.split("-") if part.isdigit()]
    return all(part.isascii() and len(part) < 5 for part in numbers)


class HouseForm(FlaskForm):
    """Strips white space around every text; labels and errors are full sentences."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            if not issubclass(unbound_field.field_class, FieldList | FormField):
                filters = [stripped, within_years, *unbound_field.kwargs.get("filters", [])]
                unbound_field.kwargs["filters"] = list(dict.fromkeys(filters))
            return unbound_field.bind(form=form, **options)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent, without fields of lists whose number is none ("rates-²-asks")."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None or all(_is_plain(name) for name in sent):
                return sent
            plain = ((name, value) for name, value in sent.items(multi=True) if _is_plain(name))
            return MultiDict(plain)

    def refuse(self, error: InvalidInput) -> None:
        """Show a room's InvalidInput at the field it names (or at the form's head)."""
        field = self._fields.get(error.field)
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]


def bare_amount(typed: str | None) -> str | None:
    """An amount without the currency sign and grouping people put around it."""
    return typed.replace(",", "").lstrip("$€£ ") if isinstance(typed, str) else typed


class DayField(DateField):
    """A day; also from the text that waited while its writer proved who she is."""

    def process_data(self, value: Any) -> None:
        super().process_data(date.fromisoformat(value) if isinstance(value, str) else value)


class CountField(IntegerField):
    """A whole number of people, or nothing, as people write it: "18,400", "12.5k", "1,2 Mio"; shown
    back as the number it was taken for."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(stripped(valuelist[0])) if valuelist else ""
        if not typed:
            self.data = None
            return
        self.data = people_in(typed)
        if self.data is None:
            raise ValueError("Write a number, such as 4,200 or 12.5k.")
        self.raw_data = [f"{self.data:,}"]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms passes it
        if self.data is not None and not 0 <= self.data <= PEOPLE:
            raise ValidationError("This number is too small or too large.")

    @property
    def usable(self) -> int | None:
        """The number when it can be kept."""
        return self.data if self.data is not None and 0 <= self.data <= PEOPLE else None


class AmountInput:
    """Validator: an amount in major units of a currency, within bounds given in minor units."""

    def __init__(self, least_minor: int = 0, most_minor: int = 1_000_000_000) -> None:
        self.least_minor, self.most_minor = least_minor, most_minor

    def __call__(self, form: Any, field: Field) -> None:
        try:
            minor = currencies.to_minor(field.data or "", getattr(form, "currency_code", "USD"))
        except InvalidInput as error:
            raise ValidationError("Write an amount such as 25 or 25.00.") from error
        if not self.least_minor <= minor <= self.most_minor:
            raise ValidationError("This amount is too small or too large.")


def amount_of(field: Field, currency: str) -> Money:
    """The Money a validated amount field holds."""
    return Money(currencies.to_minor(field.data, currency), currency)
