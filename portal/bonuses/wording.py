"""Bonuses put into sentences."""

from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import EVER, Goal
from portal.kernel.money import Money

IN = {
    Window.LIFETIME: "", Window.MONTH: " of a calendar month", Window.QUARTER: " of a quarter",
    Window.YEAR: " of a calendar year",
}  # fmt: skip
FOR_EACH = {
    Window.MONTH: "calendar month", Window.QUARTER: "quarter", Window.YEAR: "calendar year",
}  # fmt: skip
METRICS = {
    Metric.SALES: "Approved sales", Metric.NET: "Approved net sales, in money",
    Metric.LEADS: "Approved leads",
}  # fmt: skip
WINDOWS = {
    Window.LIFETIME: "All her time in the program", Window.MONTH: "A calendar month",
    Window.QUARTER: "A quarter", Window.YEAR: "A calendar year",
}  # fmt: skip


def counted(metric: Metric, value: int, currency: str) -> str:
    """So much of a metric: "500 approved sales"."""
    if metric is Metric.NET:
        return f"{said(Money(value, currency))} of approved net sales"
    what = "sale" if metric is Metric.SALES else "lead"
    return f"{value:,} approved {what}{'' if value == 1 else 's'}"


def said(amount: Money) -> str:
    """An amount in a sentence: "$1,000.00"."""
    return f"{amount}"


def reaching(reached: str, window: Window, *, repeats: bool) -> str:
    """When a goal is reached, told to whoever can: “when you reach 500 approved sales”, with
    `reached` as `counted` says it."""
    each = FOR_EACH.get(window)
    if each is None:
        return f"when you reach {reached}"
    if repeats:
        return f"for each {each} in which you reach {reached}"
    return f"the first time you reach {reached} in a {each}"


def offered(goal: Goal) -> str:
    """What the bonus promises, told to whoever can reach it: “You earn $50.00 when you reach 500
    approved sales, payable at once.”"""
    reached = counted(goal.metric, goal.threshold, goal.amount.currency)
    when = reaching(reached, goal.window, repeats=goal.repeats)
    days = f"{goal.hold_days} day{'' if goal.hold_days == 1 else 's'}"
    later = f"payable {days} later" if goal.hold_days else "payable at once"
    return f"You earn {said(goal.amount)} {when}, {later}."


def sentence(goal: Goal) -> str:
    """What the bonus promises."""
    often = {True: "each time", False: "once"}[goal.repeats]
    reached = counted(goal.metric, goal.threshold, goal.amount.currency)
    later = f", payable {goal.hold_days} days later" if goal.hold_days else ", payable at once"
    within = IN[goal.window]
    return f"Whoever reaches {reached}{within} earns {said(goal.amount)} {often}{later}."


def example(goal: Goal) -> list[str]:
    """The sentence played through, with what it does not do."""
    unit = max(goal.threshold // 10, 1)
    before, beyond = goal.threshold - unit, goal.threshold + unit
    currency, metric = goal.amount.currency, goal.metric
    return [
        f"Ada has {counted(metric, before, currency)}{IN[goal.window]}: nothing yet.",
        f"She reaches {counted(metric, goal.threshold, currency)}: {said(goal.amount)} is hers, "
        + (f"on hold for {goal.hold_days} days." if goal.hold_days else "payable at once."),
        f"At {counted(metric, beyond, currency)} nothing is added"
        + (": the next window counts from zero." if goal.repeats else "."),
        "Returns that bring her below it before the bonus is payable take it back, not later.",
    ]


def of_period(key: str, window: Window) -> str:
    """A window's name: "November 2026"."""
    if key == EVER:
        return "All the time in the program"
    year, month = key.split("-")
    if window is Window.YEAR:
        return year
    if window is Window.QUARTER:
        return f"Quarter {(int(month) + 2) // 3} of {year}"
    return f"{MONTH_NAMES[int(month) - 1]} {year}"


MONTH_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August",
               "September", "October", "November", "December")  # fmt: skip
