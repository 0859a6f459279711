"""What a brief may cost (R95): what is promised and spent never exceeds its budget. Pure."""

from dataclasses import dataclass, replace

from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Budget:
    """Where a brief's money stands, all in one currency.

    `limit` None: no budget, nothing is refused. `work` are the fees of accepted work, `spent` what
    is owed for good: fees of approved work and what cancelling cost. `offers` is how many offers
    wait for an answer, each for `fee`; `places` how many can still be accepted (None: all).
    """

    limit: Money | None
    fee: Money
    work: Money
    spent: Money
    offers: int = 0
    places: int | None = None

    @property
    def full(self) -> Money:
        """All that may fall due: spent, accepted, and a fee for each offer that has a place."""
        open_offers = self.offers if self.places is None else min(self.offers, max(self.places, 0))
        return self.spent + self.work + self.fee.scaled(open_offers, 1)

    @property
    def promised(self) -> Money:
        """What offers and accepted work reserve. A place that cancelled work gave back is offered
        again only as far as the budget reaches: `check_acceptance` holds that."""
        free = self.full - self.spent
        if self.limit is None or self.full <= self.limit:
            return free
        room = self.limit - self.spent - self.work
        covered = max(room.minor, 0) // self.fee.minor
        return self.work + self.fee.scaled(covered, 1)

    @property
    def left(self) -> Money | None:
        """What of the budget is neither promised nor spent; None without one."""
        return None if self.limit is None else self.limit - self.promised - self.spent

    @property
    def figures(self) -> str:
        """ "Budget $2,000.00: $1,800.00 promised, $150.00 spent"."""
        said = f"{self.promised} promised, {self.spent} spent"
        return f"Budget {self.limit}: {said}" if self.limit else f"No budget: {said}"


def shortfall(now: Budget, more: int) -> str:
    """Why so many more offers cannot be sent, with the figures; "" when they can (R95)."""
    then = replace(now, offers=now.offers + more)
    if now.limit is None or then.full <= now.limit:
        return ""
    needed = then.full - now.spent - now.promised
    offer = "this offer needs" if more == 1 else f"these {more:,} offers need"
    return f"{now.figures}; {offer} {needed}. Raise the budget, or offer fewer places."


def check_offers(now: Budget, more: int) -> None:
    """R95: raises Conflict with the figures when the budget does not reach for these offers."""
    refusal = shortfall(now, more)
    if refusal:
        raise Conflict(refusal)


def check_acceptance(now: Budget) -> None:
    """Raises Conflict when an offer's place came back and the budget covers it no more."""
    if now.limit is not None and now.spent + now.work + now.fee > now.limit:
        raise Conflict("The budget of this brief is used up, so nobody can accept at the moment.")


def check_change(before: Budget, after: Budget) -> None:
    """Raises InvalidInput when a changed brief, or another fee for accepted work, promises more
    than the budget. What was promised already may stay as it is."""
    if after.limit is not None and after.full > after.limit and after.full > before.full:
        needed = after.full - before.spent - before.promised
        raise InvalidInput("fee", f"{before.figures}; this change needs {needed} more.")


def check_owed(now: Budget, more: Money) -> None:
    """Raises Conflict when an amount beside what was promised does not fit any more."""
    if now.limit is not None and now.spent + now.promised + more > now.limit:
        raise Conflict(f"{now.figures}; this needs {more}. Raise the budget of the brief first.")


def check_limit(now: Budget, limit: Money | None) -> None:
    """Raises InvalidInput for a budget under what is promised and spent by now."""
    bound = now.promised + now.spent
    if limit is not None and limit < bound:
        raise InvalidInput(
            "budget",
            f"{now.promised} are promised and {now.spent} spent. "
            f"Write at least {bound}, or leave it empty for no budget.",
        )
