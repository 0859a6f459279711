"""The pretended order beside the rates: typed lines, and what is known of who bought."""

from wtforms import DateField, FieldList, Form, FormField, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from portal.web.forms import AmountInput, HouseForm, SelectChoice, bare_amount, stripped

ROWS = 3


class ExampleRow(Form):
    """One line of it."""

    class Meta:
        csrf = False

    currency_code = "USD"
    what = StringField("Category, tag, id or SKU", [Length(max=200)], filters=[stripped])
    amount = StringField(
        "What it comes to", [Optional(), AmountInput(0)], filters=[stripped, bare_amount]
    )
    pieces = IntegerField("Pieces", [Optional(), NumberRange(1, 10_000, "Between 1 and 10,000.")])


class ExampleForm(HouseForm):
    """An order that nobody placed."""

    example = FieldList(FormField(ExampleRow), min_entries=ROWS, max_entries=10)
    example_customer = SelectField(
        "The customer is",
        choices=[
            SelectChoice("new", "new"),
            SelectChoice("returning", "returning"),
            SelectChoice("", "not known"),
        ],
        default="new",
    )
    example_handle = StringField("Brought by", [Length(max=60)])
    example_code = StringField("By the code", [Length(max=40)])
    example_on = DateField("Bought on", [Optional()])
