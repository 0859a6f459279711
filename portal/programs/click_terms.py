"""What a click earns beside sales: an amount, a limit for a day, a budget for a month."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

MOST_MINOR = 10_000_000
MOST_A_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class ClickTerms:
    """Amounts in minor units of the terms' currency; the usual is that clicks earn nothing.

    `most_a_day`: so many clicks of one creator earn on one day. `budget_minor`: what the clicks of
    the whole program earn in one calendar month, 0 for no such limit.
    """

    each_minor: int = 0
    most_a_day: int = 0
    budget_minor: int = 0

    def __bool__(self) -> bool:
        return self.each_minor > 0

    def plain(self) -> dict[str, Any]:
        """What differs from the usual, as JSON values."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Self:
        """Back from `plain`."""
        return cls(**dict(plain or {}))


NO_CLICKS = ClickTerms()


def check_clicks(terms: ClickTerms) -> None:
    """Raises InvalidInput for pay that cannot be: a limit without an amount, an amount without a
    limit for the day, since without one a script could earn without end."""
    if not 0 <= terms.each_minor <= MOST_MINOR:
        raise InvalidInput("click_amount", "This amount is too small or too large.")
    if terms.budget_minor < 0:
        raise InvalidInput("click_budget", "A budget cannot be negative.")
    if not terms and (terms.most_a_day or terms.budget_minor):
        raise InvalidInput("click_amount", "Write what a click earns, or leave its limits empty.")
    if terms and not 1 <= terms.most_a_day <= MOST_A_DAY:
        raise InvalidInput("click_most", "Write how many clicks of a creator earn on one day.")


def losses_of_clicks(old: ClickTerms, new: ClickTerms, *, other_currency: bool) -> list[str]:
    """What clicks earn no longer, one sentence each (R17)."""
    if not old:
        return []
    if not new:
        return ["Clicks no longer earn."]
    losses = []
    if other_currency:
        losses.append("Clicks earn in another currency.")
    elif new.each_minor < old.each_minor:
        losses.append("The amount per click goes down.")
    if new.most_a_day < old.most_a_day:
        losses.append("Fewer clicks of a day earn.")
    if new.budget_minor and (not old.budget_minor or new.budget_minor < old.budget_minor):
        losses.append("The budget for clicks is smaller.")
    return losses


def click_sentences(terms: ClickTerms, currency: str) -> list[str]:
    """What creators and the brand read about it; nothing where clicks earn nothing."""
    if not terms:
        return []
    said = (
        f"Each click of a person earns {Money(terms.each_minor, currency)}: "
        f"at most {terms.most_a_day:,} clicks a day"
    )
    if terms.budget_minor:
        said += f", and at most {Money(terms.budget_minor, currency)} a month in the whole program"
    return [f"{said}."]
