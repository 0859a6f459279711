"""What refunds leave of a commission: one target, made from sums and never from steps (R65–R68)."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Self

from portal.kernel.money import BASIS_POINTS, Money
from portal.programs.rate_rules import Basis
from portal.sales.rules import LineBack, Standing


@dataclass(frozen=True, slots=True)
class Goods:
    """A line that was earned on: the shop's id of it ("" where unknown), its part of the base. What
    is no goods, such as shipping that counts, has no pieces: only a percentage looks at it."""

    ref: str
    net_minor: int
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """What one rate gave for the lines at these places."""

    basis: Basis
    amount_minor: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Basket:
    """What a commission was earned on. The lines sum to the base.

    `lost_above_bp`: an amount per order goes once more than this share of its lines' value is
    returned; 0: only when all of it is (R68).
    """

    base: Money
    lines: tuple[Goods, ...]
    parts: tuple[Part, ...]
    lost_above_bp: int = 0

    @classmethod
    def of(
        cls, base: Money, lines: tuple[Goods, ...], parts: tuple[Part, ...], lost_above_bp: int = 0
    ) -> Self:
        """With these lines where they are the base; else with one that is."""
        nets = [line.net_minor for line in lines]
        if lines and min(nets) >= 0 and sum(nets) == base.minor:
            return cls(base, lines, parts, lost_above_bp)
        bare = tuple(Part(part.basis, part.amount_minor, (0,)) for part in parts)
        return cls(base, (Goods("", base.minor),), bare, lost_above_bp)

    @classmethod
    def whole(cls, base: Money, basis: Basis = Basis.PERCENT, lost_above_bp: int = 0) -> Self:
        """One rate over all of it."""
        return cls.of(base, (), (Part(basis, 1, (0,)),), lost_above_bp)


@dataclass(frozen=True, slots=True)
class Left:
    """What refunds leave of an order. `back` is what they took of single lines, by the shop's id;
    what else is missing from `remaining` named no line. `is_gone`: cancelled or charged back whole.
    """

    remaining: Money
    back: Mapping[str, LineBack] = field(default_factory=dict)
    is_gone: bool = False

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """As the order stands now."""
        return cls(standing.remaining, standing.back, standing.is_gone)


def with_lines_gone(left: Left, basket: Basket, whole_now: Money, named: Collection[str]) -> Left:
    """With each line that a newer report of the order does not name any more given back whole: it
    takes what this line earned, not a part of the others (R66). `whole_now` is what counts of the
    order as told now; lines that were put in for others make up for these.
    """
    known = Counter(line.ref for line in basket.lines)
    gone = [
        one for one in basket.lines
        if one.ref and one.pieces and one.net_minor and known[one.ref] == 1
        and one.ref not in named
    ]  # fmt: skip
    shrunk, worth = basket.base - whole_now, sum(one.net_minor for one in gone)
    if shrunk.minor <= 0 or not worth or not named or "" in named:
        return left
    if shrunk.minor >= worth:
        told = [LineBack(Money(one.net_minor, shrunk.currency), one.pieces) for one in gone]
    else:
        told = [LineBack(part) for part in shrunk.split([one.net_minor for one in gone])]
    refs = (one.ref for one in gone)
    return replace(left, back={**left.back, **dict(zip(refs, told, strict=True))})


def target_after_refunds(amount: Money, basket: Basket, left: Left) -> Money:
    """What of `amount` is left (R65): never more than it, never below zero (R73), and exactly
    zero when nothing is left of the order.

    A refund that names its lines takes what these lines earned, whatever their rate (R66), and
    nothing of excluded ones (R67); one that names none is spread over the value of all lines. By
    percent the value left counts; per order all of it until all is returned, or more than the
    terms allow; per line the lines, per piece the pieces that were kept (R68). Rounded once, half
    up, so neither the order of refunds nor their number changes a cent.
    """
    if left.is_gone:
        return Money.zero(amount.currency)
    if basket.base.minor <= 0:
        return amount
    if left.remaining.minor <= 0:
        return Money.zero(amount.currency)
    share = _share_left(basket, left)
    return amount.scaled(share.numerator, share.denominator)


def reversal_for(amount: Money, net: Money, basket: Basket, left: Left) -> Money:
    """How much more must be taken back now (negative: given back). Cumulative: 8.75 over three
    equal refunds is 2.92, 2.91, 2.92 and then exactly 0.00 (R65)."""
    return net - target_after_refunds(amount, basket, left)


# ---- inside
@dataclass(frozen=True, slots=True)
class _Kept:
    """What is left of a line: its value, exactly, and whole pieces."""

    net: int
    worth: Fraction
    pieces: int
    pieces_left: int

    @property
    def stands(self) -> bool:
        return self.worth > 0 and self.pieces_left > 0


def _share_left(basket: Basket, left: Left) -> Fraction:
    whole = sum(part.amount_minor for part in basket.parts)
    if whole <= 0:
        return Fraction(1)
    lines = _lines_left(basket, left)
    kept = sum(
        (
            part.amount_minor * _part_left(part.basis, [lines[one] for one in part.lines], basket)
            for part in basket.parts
        ),
        Fraction(0),
    )
    return min(max(Fraction(kept, whole), Fraction(0)), Fraction(1))


def _lines_left(basket: Basket, left: Left) -> list[_Kept]:
    """Each line less what was told of it, then less its part of what named no line."""
    known = Counter(line.ref for line in basket.lines if line.ref)
    told = [left.back.get(line.ref) if known[line.ref] == 1 else None for line in basket.lines]
    own = [
        min(max(back.worth.minor, 0), line.net_minor) if back else 0
        for line, back in zip(basket.lines, told, strict=True)
    ]
    standing = basket.base.minor - sum(own)
    given = basket.base.minor - min(left.remaining.minor, basket.base.minor)
    more = min(max(given - sum(own), 0), standing)
    shrunk = Fraction(standing - more, standing) if standing else Fraction(0)
    return [
        _kept(line, (line.net_minor - took) * shrunk, back.pieces if back else 0)
        for line, took, back in zip(basket.lines, own, told, strict=True)
    ]


def _kept(line: Goods, worth: Fraction, pieces_told: int) -> _Kept:
    """A piece counts as returned when the shop says so, or its whole price went back."""
    paid_for = (line.net_minor - worth) * line.pieces // line.net_minor if line.net_minor else 0
    gone = min(max(pieces_told, int(paid_for)), line.pieces)
    return _Kept(line.net_minor, worth, line.pieces, line.pieces - gone)


def _part_left(basis: Basis, lines: list[_Kept], basket: Basket) -> Fraction:
    """How much of what a rate gave is left, from nothing to all of it."""
    paid = [line for line in lines if line.net > 0]
    value = sum(line.net for line in paid)
    worth = sum((line.worth for line in paid), Fraction(0))
    if not value or basis is Basis.EXCLUDED:
        return Fraction(1)  # what cost nothing cannot be given back; nor does it earn by percent
    goods = [line for line in paid if line.pieces]
    if goods and basis is Basis.ORDER:
        value = sum(line.net for line in goods)
        worth = sum((line.worth for line in goods), Fraction(0))
    if basis in (Basis.LINE, Basis.UNIT) and not goods:
        return Fraction(1)
    if basis is Basis.LINE:
        return Fraction(sum(line.stands for line in goods), len(goods))
    if basis is Basis.UNIT:
        return Fraction(sum(line.pieces_left for line in goods), sum(line.pieces for line in goods))
    if basis is Basis.ORDER:
        allowed = basket.lost_above_bp or BASIS_POINTS
        is_lost = not worth or (value - worth) * BASIS_POINTS > allowed * value
        return Fraction(int(not is_lost))
    return Fraction(worth, value)
