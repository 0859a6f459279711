"""What the editor of terms asks."""

from wtforms import DateField, DecimalField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rules import WORDS, HoldBasis
from portal.terms.base_form import BaseForm
from portal.terms.click_form import ClickForm
from portal.terms.example_form import ExampleForm
from portal.terms.rate_form import RatesForm
from portal.web.forms import AmountInput, SelectChoice, bare_amount


class TermsForm(ExampleForm, RatesForm, BaseForm, ClickForm):
    """The next version of the commission terms."""

    kind = RadioField(
        "What a sale earns",
        choices=[
            SelectChoice(CommissionKind.PERCENT.value, "A share of the sale"),
            SelectChoice(CommissionKind.FLAT.value, "A fixed amount"),
        ],
        validators=[InputRequired("Choose one.")],
    )
    rate = DecimalField(
        "Rate", [Optional(), NumberRange(0, 100, "A rate lies between 0.01 and 100 percent.")],
        places=2,
    )  # fmt: skip
    flat = StringField("Amount", [Optional(), AmountInput(1)], filters=[bare_amount])
    hold_days = IntegerField(
        "Return window, in days",
        [InputRequired("Write a number of days."), NumberRange(0, 120, "Between 0 and 120 days.")],
    )
    hold_basis = SelectField(
        "Counted",
        choices=[SelectChoice(one.value, words.capitalize()) for one, words in WORDS.items()],
        default=HoldBasis.ORDER.value,
    )
    hold_months = IntegerField(
        "Whole months before the days", [Optional(), NumberRange(0, 3, "Between 0 and 3 months.")]
    )
    window_days = IntegerField(
        "A link counts for, in days",
        [InputRequired("Write a number of days."), NumberRange(1, 365, "Between 1 and 365 days.")],
    )
    code_policy = SelectField(
        "When a code and a link disagree",
        choices=[
            SelectChoice(CodePolicy.ALWAYS.value, "The code decides"),
            SelectChoice(
                CodePolicy.IF_INVOLVED.value, "The code decides if its owner was clicked too"
            ),
            SelectChoice(CodePolicy.IF_WINNER.value, "The code counts only with its owner’s click"),
            SelectChoice(CodePolicy.NEVER.value, "The link decides"),
        ],
    )
    click_rule = SelectField(
        "When several links were clicked",
        choices=[
            SelectChoice(ClickRule.LAST_CLICK.value, "The last one counts"),
            SelectChoice(ClickRule.FIRST_CLICK.value, "The first one counts"),
        ],
    )
    effective_on = DateField("Starts on", [Optional()])
    summary = StringField("What changes, in one sentence", [Length(max=300)])
    months = SelectField(
        "Orders of the last",
        choices=[
            SelectChoice("1", "month"),
            SelectChoice("3", "3 months"),
            SelectChoice("6", "6 months"),
            SelectChoice("12", "12 months"),
        ],
        default="3",
    )
