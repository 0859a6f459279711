"""What the ledger says of a run beside what its rails say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.kernel.money import Money
from portal.payouts.provider import FoundTransfer
from portal.payouts.queries import Sent


def compared(
    currency: str, kept: Mapping[str, Sent], known: Sequence[FoundTransfer]
) -> tuple[int, Money]:
    """(how many transfers match, by how much the two sides differ), in the run's currency.

    The difference is what was recorded less what the rails sent. It is zero only when each
    transfer stands on both sides with its amount: two errors do not cancel out.
    """
    there = {found.provider_ref: found.amount for found in known}
    zero = Money.zero(currency)
    off = [_off(sent, there.get(ref), currency) for ref, sent in kept.items()]
    off += [-_in(amount, currency) for ref, amount in there.items() if ref not in kept]
    difference = Money.total(off, currency)
    wrong = [one for one in off if one]
    if wrong and not difference:
        difference = Money.total((abs(one) for one in wrong), currency)
    matched = sum(there.get(ref) == sent.pays for ref, sent in kept.items())
    return matched, difference if wrong else zero


@dataclass(frozen=True, slots=True)
class Leftover:
    """A transfer that does not stand on both sides with its amount. `payout` is the public id of
    the payout that recorded it, or else of the one the rail says it was for; "" when neither."""

    provider_ref: str
    payout: str
    ours: Money | None
    theirs: Money | None


def leftovers(kept: Mapping[str, Sent], known: Sequence[FoundTransfer]) -> list[Leftover]:
    """Both ways: payouts called sent that the rails do not have, or have with another amount; and
    transfers of the rails that no payout of the run recorded. Sums to what `compared` says."""
    there = {found.provider_ref: found.amount for found in known}
    left = [
        Leftover(ref, sent.payout, sent.pays, there.get(ref))
        for ref, sent in kept.items()
        if there.get(ref) != sent.pays
    ]
    strange = {found.provider_ref: found for found in known if found.provider_ref not in kept}
    left += [Leftover(ref, found.payout, None, found.amount) for ref, found in strange.items()]
    return left


def _off(sent: Sent, there: Money | None, currency: str) -> Money:
    if there is None:
        return sent.amount
    if there == sent.pays:
        return Money.zero(currency)
    if there.currency == sent.pays.currency and sent.pays.minor:
        return sent.amount.scaled(sent.pays.minor - there.minor, sent.pays.minor)
    return sent.amount


def _in(amount: Money, currency: str) -> Money:
    # In another currency nothing says what it was worth: one unit of it counts as one of ours, so
    # that the difference is never zero.
    return Money(amount.minor, currency)
