"""Money: an integer of minor units and a currency. Rounds in two methods and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from portal.kernel import currencies, writing

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` minor units (cents, yen, fils) of an ISO 4217 `currency` (R1).

    Adds, subtracts and compares only with Money of the same currency; anything else raises
    TypeError (another type) or ValueError (another currency).
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Money counts whole minor units, not {self.minor!r}.")
        if not currencies.is_code(self.currency):
            raise ValueError(f"{self.currency!r} is not a currency code.")

    @classmethod
    def of(cls, text: str) -> Self:
        """Read "80.00 EUR" (major units, then the code)."""
        amount, currency = text.split()
        return cls(currencies.to_minor(amount, currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def total(cls, parts: Iterable[Money], currency: str) -> Money:
        """The sum; zero of `currency` when there are no parts. Refuses mixed currencies."""
        result = Money(0, currency)
        for part in parts:
            result = result + part
        return result

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def _same(self, other: object) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"Money goes with Money, not with {other!r}.")
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never mixed.")
        return other.minor

    def scaled(self, numerator: int, denominator: int) -> Money:
        """This amount × numerator ÷ denominator, half up, away from zero (R3, R65, R96).

        Raises ZeroDivisionError for a zero denominator, TypeError for anything but integers.
        """
        if type(numerator) is not int or type(denominator) is not int:
            raise TypeError("Shares are whole numbers.")
        product = self.minor * numerator
        sign = -1 if (product < 0) != (denominator < 0) else 1
        top, bottom = abs(product), abs(denominator)
        return Money(sign * ((2 * top + bottom) // (2 * bottom)), self.currency)

    def portion(self, rate_bp: int) -> Money:
        """A rate in basis points of this amount, rounded once (R5): 10 % of 87.45 is 8.75."""
        return self.scaled(rate_bp, BASIS_POINTS)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Shares by largest remainder, ties to the lowest index: they always sum to this (R4).

        Weights are non-negative integers; when all are zero the whole goes by equal parts.
        """
        return [Money(part, self.currency) for part in split_whole(self.minor, weights)]

    def __str__(self) -> str:
        """How an amount is stored and exported: "385660.30 USD"."""
        digits = currencies.exponent(self.currency)
        return f"{currencies.to_major(self.minor, self.currency):.{digits}f} {self.currency}"

    def __format__(self, spec: str) -> str:
        """How an f-string, which people read, writes it: "$385,660.30", as every page does."""
        return format(writing.written(self.minor, self.currency), spec)


def split_whole(whole: int, weights: Sequence[int]) -> list[int]:
    """A whole number as shares by largest remainder, as `Money.split` says it (R4, R50)."""
    if not weights or any(type(w) is not int or w < 0 for w in weights):
        raise ValueError("A split needs at least one weight, none of them negative.")
    shares = list(weights) if any(weights) else [1] * len(weights)
    size, total = abs(whole), sum(shares)
    floors = [size * share // total for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(size * shares[i] % total), i))
    for i in by_remainder[: size - sum(floors)]:
        floors[i] += 1
    return [-part if whole < 0 else part for part in floors]
