"""What the editor of tiers asks, and what keeps somebody on one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.kernel import clock, currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs.rate_wording import major
from portal.tiers import wording
from portal.tiers.models import Automation, Metric, Mode, Review, Window
from portal.tiers.rules import MOST_STEPS, Ladder, Step
from portal.web.forms import AmountInput, HouseForm, SelectChoice, amount_of, bare_amount, stripped


def _choices(words: Any) -> list[Any]:
    return [SelectChoice(one.value, said) for one, said in words.items()]


class StepRow(Form):
    """One tier."""

    class Meta:
        csrf = False

    currency_code = "USD"
    number = IntegerField("Number", [Optional()])
    name = StringField("Name", [Length(max=40)], filters=[stripped])
    threshold = StringField(
        "From", [Optional(), AmountInput(0, 10**12)], filters=[stripped, bare_amount]
    )
    rate = DecimalField(
        "Rate", [Optional(), NumberRange(0, 100, "A rate lies between 0 and 100 percent.")],
        places=2, filters=[stripped],
    )  # fmt: skip
    is_gone = BooleanField("Take this tier out")


class LadderForm(HouseForm):
    """The next version of a program's tiers."""

    currency_code = "USD"
    steps = FieldList(FormField(StepRow), max_entries=MOST_STEPS)
    metric = SelectField("What counts", choices=_choices(wording.METRICS))
    window = SelectField("Counted over", choices=_choices(wording.WINDOWS))
    window_days = IntegerField("Days", [Optional(), NumberRange(1, 730, "Between 1 and 730 days.")])
    mode = SelectField("A tier’s rate is for", choices=_choices(wording.MODES))
    automation = SelectField("Who moves", choices=_choices(wording.AUTOMATIONS))
    grace_days = IntegerField(
        "Days of grace before a tier is lost",
        [Optional(), NumberRange(0, 180, "Between 0 and 180 days.")],
    )
    review = SelectField("Moves take effect", choices=_choices(wording.REVIEWS))
    review_days = IntegerField(
        "After days", [Optional(), NumberRange(1, 30, "Between 1 and 30 days.")]
    )
    lock_days = IntegerField(
        "Days until a period is closed",
        [Optional(), NumberRange(0, 180, "Between 0 and 180 days.")],
    )
    effective_on = DateField("Starts on", [Optional()])
    example_before = StringField(
        "Approved before", [Optional(), AmountInput(0)], filters=[bare_amount], default="80.00"
    )
    example_sales = IntegerField(
        "Sales approved before", [Optional(), NumberRange(0, 1_000_000, "Between 0 and 1,000,000.")]
    )
    example_order = StringField(
        "Then an order of", [Optional(), AmountInput(0)], filters=[bare_amount], default="120.00"
    )

    def ladder(self, latest: Ladder | None) -> Ladder:
        """What the form says. Raises InvalidInput for a tier without a name or a beginning."""
        metric = Metric(self.metric.data)
        known = {step.number for step in latest.steps} if latest else set()
        rows = [row.form for row in self.steps if not row.form.is_gone.data]
        steps = [
            self._step(row, metric, known)
            for row in rows
            if row.name.data or row.threshold.data or row.rate.data is not None
        ]
        return Ladder(
            id=0, version=latest.version + 1 if latest else 1, currency=self.currency_code,
            steps=tuple(sorted(steps, key=lambda one: one.threshold)), metric=metric,
            mode=Mode(self.mode.data), window=Window(self.window.data),
            window_days=self.window_days.data or 90, automation=Automation(self.automation.data),
            grace_days=self.grace_days.data or 0, review=Review(self.review.data),
            review_days=self.review_days.data or 3,
            lock_days=45 if self.lock_days.data is None else self.lock_days.data,
        )  # fmt: skip

    def _step(self, row: StepRow, metric: Metric, known: set[int]) -> Step:
        if not row.name.data:
            raise InvalidInput("", "Each tier needs a name.")
        rate = row.rate.data
        number = row.number.data if row.number.data in known else 0
        return Step(
            number or 0,
            row.name.data,
            self._threshold(row, metric),
            None if rate is None else currencies.half_up(rate * 100),
        )

    def _threshold(self, row: StepRow, metric: Metric) -> int:
        typed = row.threshold.data or "0"
        if metric is Metric.NET_SALES:
            return currencies.to_minor(typed, self.currency_code)
        if Decimal(typed) != int(Decimal(typed)):
            raise InvalidInput("", "A number of sales is a whole number.")
        return int(Decimal(typed))

    def starts_at(self, zone: str) -> datetime | None:
        """The first instant of the chosen day; None for at once."""
        day = self.effective_on.data
        if day is None or day == clock.today(zone):
            return None
        return clock.start_of_day(day, zone)

    def example(self) -> tuple[Money, int, Money]:
        """What was approved before, as an amount and a number, and the order after it."""
        before, order = (
            amount_of(field, self.currency_code) if field.data else Money.zero(self.currency_code)
            for field in (self.example_before, self.example_order)
        )
        return before, self.example_sales.data or 0, order


def values_of(latest: Ladder | None) -> dict[str, Any]:
    """The editor's first values: the newest version, or three tiers to begin with."""
    if latest is None or not latest.steps:
        names = ("Bronze", "Silver", "Gold")
        return {
            "steps": [{"name": name} for name in names], "window": Window.ROLLING.value,
            "window_days": 90, "grace_days": 14, "review_days": 3, "lock_days": 45,
            "automation": Automation.PERIODIC.value, "review": Review.LATER.value,
        }  # fmt: skip
    return {
        "steps": [_row(latest, step) for step in latest.steps],
        "metric": latest.metric.value, "window": latest.window.value, "mode": latest.mode.value,
        "window_days": latest.window_days, "automation": latest.automation.value,
        "grace_days": latest.grace_days, "review": latest.review.value,
        "review_days": latest.review_days, "lock_days": latest.lock_days,
    }  # fmt: skip


def _row(latest: Ladder, step: Step) -> dict[str, Any]:
    typed = major(step.threshold, latest.currency) if latest.is_by_amount else str(step.threshold)
    rate = None if step.rate_bp is None else Decimal(step.rate_bp) / 100
    return {"number": step.number, "name": step.name, "threshold": typed or "0", "rate": rate}


class PinForm(HouseForm):
    """Keep somebody on a tier."""

    step = SelectField("Keep on", validators=[InputRequired("Choose one of the tiers.")])
    until = DateField("Until", [InputRequired("Choose a day.")])
    reason = StringField("Why", [InputRequired("Say why."), Length(max=300)])
