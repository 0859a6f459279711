"""Ladders in words: what counts, what each tier takes and pays, what happened to a standing."""

from collections.abc import Callable, Mapping

from portal.kernel.money import Money
from portal.programs.rate_wording import percent
from portal.tiers.models import Automation, Metric, Mode, MoveKind, Review, Window
from portal.tiers.rules import Ladder, Step

METRICS: Mapping[Metric, str] = {
    Metric.NET_SALES: "What approved sales come to",
    Metric.SALES: "How many sales were approved",
}
MODES: Mapping[Mode, str] = {
    Mode.WHOLE_ORDER: "The whole order",
    Mode.MARGINAL: "The part of an order above the threshold",
    Mode.RETROACTIVE: "Every sale of the period, once it is reached",
}
WINDOWS: Mapping[Window, str] = {
    Window.ROLLING: "The last days",
    Window.MONTH: "A calendar month",
    Window.QUARTER: "A calendar quarter",
    Window.LIFETIME: "All time",
}
AUTOMATIONS: Mapping[Automation, str] = {
    Automation.LIFETIME: "Up only: a tier once reached stays",
    Automation.PERIODIC: "Up and down, as the figures say",
}
REVIEWS: Mapping[Review, str] = {
    Review.AT_ONCE: "At once, by itself",
    Review.LATER: "By itself after some days, or when you approve",
    Review.PERSON: "Only when you approve",
}
OFFERED: Mapping[Window, Callable[[Ladder], str]] = {
    Window.ROLLING: lambda ladder: f"in {ladder.window_days} days",
    Window.MONTH: lambda _: "in a calendar month",
    Window.QUARTER: lambda _: "in a calendar quarter",
    Window.LIFETIME: lambda _: "in all",
}
KINDS: Mapping[MoveKind, str] = {
    MoveKind.UP: "Up",
    MoveKind.DOWN: "Down",
    MoveKind.WARNED: "Warned",
    MoveKind.RECOVERED: "Safe again",
    MoveKind.PINNED: "Kept by the brand",
    MoveKind.UNPINNED: "Kept no longer",
}


def amount(ladder: Ladder, figure: int) -> str:
    """A figure as it is counted: “$1,000.00” or “12 sales”."""
    if ladder.is_by_amount:
        return f"{Money(figure, ladder.currency)}"
    return sales(figure)


def sales(many: int) -> str:
    """A number of sales: “12 sales”."""
    return f"{many:,} sale{'' if many == 1 else 's'}"


def counts(ladder: Ladder) -> str:
    """What counts, as a sentence for creators."""
    what = "Sales" if ladder.is_by_amount else "The number of sales"
    if ladder.counts_purchases:
        period = "month" if ladder.window is Window.MONTH else "quarter"
        return f"{what} of the calendar {period}, once they are approved, less refunds."
    when = {
        Window.ROLLING: f"in the last {ladder.window_days} days",
        Window.MONTH: "in this calendar month or the last",
        Window.QUARTER: "in this calendar quarter or the last",
        Window.LIFETIME: "since you joined",
    }
    return f"{what} approved {when[ladder.window]}, less refunds."


def pays(step: Step) -> str:
    """What a tier pays."""
    return percent(step.rate_bp) if step.rate_bp is not None else "the rates of the terms"


def offer(ladder: Ladder) -> str:
    """The whole ladder as what a creator is offered: “10%, rising to 15% from $2,000.00 of
    approved sales in 90 days.” Tiers that pay as the one below are left out."""
    said, before = [], ladder.first
    for step in ladder.steps[1:]:
        if step.rate_bp is not None and step.rate_bp != before.rate_bp:
            said.append(f"{pays(step)} from {amount(ladder, step.threshold)}")
            before = step
    if not said:
        return ""
    first = pays(ladder.first) if ladder.first.rate_bp is not None else "The usual rate"
    what = " of approved sales" if ladder.is_by_amount else ""
    return f"{first}, rising to {', then '.join(said)}{what} {OFFERED[ladder.window](ladder)}."


def rate_meaning(ladder: Ladder) -> str:
    """What a tier's rate is for, as a sentence."""
    if ladder.mode is Mode.WHOLE_ORDER:
        return "A tier’s rate is for the whole order, also for the one that reaches it."
    if ladder.mode is Mode.MARGINAL:
        return "Each part of an order earns by the tier it falls into."
    period = "month" if ladder.window is Window.MONTH else "quarter"
    return f"A tier’s rate is for every sale of the {period}: the difference is added afterwards."


def leaving(ladder: Ladder) -> str:
    """When a tier is lost, as a sentence."""
    if ladder.automation is Automation.LIFETIME:
        return "A tier once reached stays."
    if not ladder.grace_days:
        return "A tier is lost on the day its figure is no longer met."
    days = f"{ladder.grace_days} day{'' if ladder.grace_days == 1 else 's'}"
    return f"Below a tier’s figure it is kept for {days} more: enough to get it back."


def ladder_in_words(ladder: Ladder) -> list[str]:
    """A whole ladder, in the order it is explained."""
    steps = [
        f"{step.name} from {amount(ladder, step.threshold)}: {pays(step)}."
        if step.threshold
        else f"{step.name}, from the start: {pays(step)}."
        for step in ladder.steps
    ]
    return [*steps, counts(ladder), rate_meaning(ladder), leaving(ladder)]
