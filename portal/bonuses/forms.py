"""What a brand types about a bonus."""

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from portal.bonuses import rules, wording
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.kernel import currencies
from portal.kernel.money import Money
from portal.web.forms import AmountInput, HouseForm, SelectChoice


class BonusForm(HouseForm):
    """One goal and what it pays. `currency_code` is set by the door."""

    currency_code = "USD"

    program = SelectField("Program")
    title = StringField(
        "Name", [DataRequired("Give the bonus a name: the creator reads it."), Length(max=120)]
    )
    metric = SelectField(
        "What counts", choices=[SelectChoice(one.value, said) for one, said in
                                wording.METRICS.items()],
    )  # fmt: skip
    threshold = StringField(
        "Goal", [InputRequired("Write what has to be reached."), AmountInput(1, 10**14)]
    )
    amount = StringField("Bonus", [InputRequired("Write an amount."), AmountInput(1)])
    window = SelectField(
        "Counted over", choices=[SelectChoice(one.value, said) for one, said in
                                 wording.WINDOWS.items()],
    )  # fmt: skip
    repeats = BooleanField("Can be earned again in every month, quarter or year")
    hold_days = IntegerField(
        "Days until it is payable",
        [InputRequired("Write 0 to 120."), NumberRange(0, 120, "Choose 0 to 120 days.")],
        default=30,
    )

    def goal(self) -> Goal:
        """The goal that was typed. Raises InvalidInput for pieces that are no whole number."""
        metric, window = Metric(self.metric.data), Window(self.window.data)
        code, typed = self.currency_code, (self.threshold.data or "").replace(",", "")
        return Goal(
            self.title.data or "", metric, rules.threshold_of(typed, metric, code),
            Money(currencies.to_minor(self.amount.data or "", code), code), window,
            bool(self.repeats.data) and window is not Window.LIFETIME, self.hold_days.data or 0,
        )  # fmt: skip
