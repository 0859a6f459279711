"""The points that sales give beside their commission, as terms say it (R100). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money, split_whole

MOST_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class PointsRate:
    """So many `points` for each order that earns, or for each full `per_minor` of its base, in
    minor units of the terms' currency; 0: for each order. No points: sales give none."""

    points: int = 0
    per_minor: int = 0

    def given_for(self, base_minor: int) -> int:
        """The points of one order: 2 for each full 1.00 of 87.45 are 174."""
        return self.points * (base_minor // self.per_minor if self.per_minor else 1)

    def shared_for(self, base_minor: int, weights: Sequence[int]) -> list[int]:
        """The points of one order whose commission is shared by these weights: parts by largest
        remainder that make the whole, as the money is shared (R50)."""
        return split_whole(self.given_for(base_minor), weights)

    def left_for(self, base_minor: int, earned: Money, left: Money) -> int:
        """The points of one order that earned so much, returns taken off in the ratio in which
        they took of it (R65); none where it earned nothing."""
        return left_of(self.given_for(base_minor), earned, left)

    def sentence(self, currency: str) -> str:
        """What sales give: “Each approved order gives 10 points.”; "" for none."""
        if not self.points:
            return ""
        what = f"{self.points:,} point{'' if self.points == 1 else 's'}"
        if not self.per_minor:
            return f"Each approved order gives {what}."
        return f"Approved orders give {what} for each full {Money(self.per_minor, currency)}."

    def plain(self) -> list[int]:
        """As JSON values."""
        return [self.points, self.per_minor]

    @classmethod
    def of(cls, plain: list[int]) -> Self:
        """Back from `plain`."""
        return cls(*plain)


NO_POINTS = PointsRate()


def left_of(points: int, earned: Money, left: Money) -> int:
    """What is left of points given beside `earned`, of which `left` is left (R65), rounded down."""
    return points * left.minor // earned.minor if earned.minor > 0 else 0


def check_points(rate: PointsRate) -> None:
    """Raises InvalidInput for points that cannot be."""
    if not 0 <= rate.points <= MOST_POINTS:
        raise InvalidInput("points", f"Give 1 to {MOST_POINTS:,} points, or leave it empty.")
    if rate.per_minor < 0 or (rate.per_minor and not rate.points):
        raise InvalidInput("points", "Write how many points, or leave both fields empty.")


def losses_of_points(old: PointsRate, new: PointsRate) -> list[str]:
    """What new terms take of the points that sales give, in sentences (R17)."""
    if not old.points:
        return []
    if not new.points:
        return ["Sales give no points any more."]
    if bool(old.per_minor) != bool(new.per_minor):
        return ["Points are counted another way."]
    if new.points * (old.per_minor or 1) < old.points * (new.per_minor or 1):
        return ["Sales give fewer points."]
    return []
