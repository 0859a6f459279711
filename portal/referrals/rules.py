"""What recruiting earns, and what of it is left."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.kernel.errors import InvalidInput
from portal.kernel.money import BASIS_POINTS, Money
from portal.referrals.models import Basis

MOST_LEVELS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What recruiting pays: a share per level in basis points, the recruiter's first, and an
    amount for the recruit's first approved sale (R80), held for so many days."""

    basis: Basis
    levels: tuple[int, ...]
    first_sale: Money
    hold_days: int = 30

    @property
    def pays(self) -> bool:
        """Whether recruiting pays anything at all."""
        return any(self.levels) or bool(self.first_sale)


def overrides_for(counted: Money, earned: Money, plan: Plan) -> list[Money]:
    """What each level earns by a sale on which the recruit earned `earned` of `counted` (R79,
    R81). Beside it, never of it (R82); nothing where she earned nothing."""
    of = counted if plan.basis is Basis.SIMPLE else earned
    if not earned:
        return []
    return [of.portion(rate_bp) for rate_bp in plan.levels]


def left_of(share: Money, earned: Money, net: Money) -> Money:
    """What is left of a share when `net` is left of what the recruit earned: the same ratio,
    rounded once, from sums; so the order of refunds does not matter (R65, R75)."""
    if earned.minor <= 0:
        return Money.zero(share.currency)
    return share.scaled(min(max(net.minor, 0), earned.minor), earned.minor)


def check(plan: Plan) -> None:
    """Raises InvalidInput, at the field concerned, for a plan that cannot be."""
    if len(plan.levels) > MOST_LEVELS:
        raise InvalidInput("second", "At most two levels are paid.")
    for name, rate_bp in zip(("first", "second"), plan.levels, strict=False):
        if not 0 <= rate_bp <= BASIS_POINTS:
            raise InvalidInput(name, "A share is between 0% and 100%.")
    if plan.first_sale.minor < 0:
        raise InvalidInput("first_sale", "Write 0 for none.")
    if not 0 <= plan.hold_days <= 120:
        raise InvalidInput("hold_days", "Choose 0 to 120 days.")


def takes_something(new: Plan, old: Plan | None) -> bool:
    """Whether anybody would earn less than before, so that it needs notice (R17)."""
    if old is None:
        return False
    pairs = zip((*new.levels, 0, 0), (*old.levels, 0, 0), strict=False)
    less = any(now < before for now, before in pairs)
    is_narrower = old.basis is Basis.SIMPLE and new.basis is Basis.DYNAMIC and any(old.levels)
    is_other = new.first_sale.currency != old.first_sale.currency
    return less or is_narrower or is_other or new.first_sale < old.first_sale


def is_cycle(child: int, parent: int, parents: Mapping[int, int]) -> bool:
    """Whether `child` stands above `parent` already, or is she (R82)."""
    seen, above = {child}, parent
    while above not in seen:
        seen.add(above)
        if above not in parents:
            return False
        above = parents[above]
    return True
