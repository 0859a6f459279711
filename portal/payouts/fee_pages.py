"""What a run's pages say of fees, and of the rails that tell no balance."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.kernel.money import Money
from portal.paying.models import FeeBearer
from portal.payouts import wording
from portal.payouts.fee_queries import TAKEN, RailSum, by_rail
from portal.payouts.models import PayoutRun
from portal.web.formatting import money


@dataclass(frozen=True, slots=True)
class Fees:
    """What the rails take for a run, who bears it, and which of them have not told theirs."""

    total: Money
    bearer: str
    untold: Sequence[str]

    @property
    def is_shown(self) -> bool:
        """There is a fee, or there may be one."""
        return bool(self.total or self.untold)

    @property
    def before(self) -> str:
        """The words beside the figure while the run is to be sent."""
        told = [f"{' and '.join(self.untold)}: known after sending"] if self.untold else []
        return ", ".join([self.bearer, *told] if self.total else told)

    @property
    def after(self) -> str:
        """The words beside the figure once it was sent."""
        told = [f"{' and '.join(self.untold)} told none"] if self.untold else []
        return ", ".join([self.bearer, *told] if self.total else told)


def fees_of(run: PayoutRun, sums: Sequence[RailSum] | None = None) -> Fees:
    """Of what a run pays now, in these sums; else of all that it paid."""
    sums = by_rail(run, TAKEN) if sums is None else sums
    rails = {one.rail: Money.zero(run.currency) for one in sums}
    borne = {bearer: Money.zero(run.currency) for bearer in FeeBearer}
    for one in sums:
        rails[one.rail] += one.fee
        borne[one.bearer] += one.fee
    untold = [words for rail, words in wording.TELL_LATER.items() if rails.get(rail) is not None
              and not rails[rail]]  # fmt: skip
    return Fees(
        Money.total(borne.values(), run.currency),
        _bearer(borne[FeeBearer.BRAND], borne[FeeBearer.CREATOR]),
        untold,
    )


@dataclass(frozen=True, slots=True)
class Other:
    """What goes by one rail that tells no balance, and what becomes of it."""

    label: str
    what: str
    amount: Money


def others_of(sums: Sequence[RailSum]) -> list[Other]:
    """What goes by rails that tell no balance, each in its own words."""
    found: dict[str, list[Money]] = {}
    for one in sums:
        found.setdefault(one.rail, []).append(one.amount)
    return [
        Other(label, what, Money.total(found[rail], found[rail][0].currency))
        for rail, (label, what) in wording.OTHER_RAILS.items()
        if rail in found
    ]


def _bearer(by_brand: Money, by_creators: Money) -> str:
    if by_brand and by_creators:
        return f"brand {money(by_brand)}, creators {money(by_creators)}"
    return "borne by the creators" if by_creators else "borne by the brand"
