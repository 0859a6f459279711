"""What of an order counts beside its goods, and what of it paid with credit does not (R2, R10)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

PARTS: Mapping[str, str] = {
    "shipping": "shipping", "tax": "tax", "tip": "tips", "gift_wrap": "gift wrap",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BaseTerms:
    """The parts that count as the goods do, each one a switch; the usual is none of them.

    `exclude_credit_tender`: of what counts, the share that was paid with gift cards or store
    credit drops out.
    """

    shipping: bool = False
    tax: bool = False
    tip: bool = False
    gift_wrap: bool = False
    exclude_credit_tender: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that count, in one order."""
        return tuple(name for name in PARTS if getattr(self, name))

    def plain(self) -> dict[str, Any]:
        """What differs from the usual, as JSON values."""
        return {name: True for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Self:
        """Back from `plain`."""
        return cls(**dict(plain or {}))


GOODS_ONLY = BaseTerms()


def losses_of_base(old: BaseTerms, new: BaseTerms) -> list[str]:
    """What counts no longer, one sentence each (R17)."""
    gone = [PARTS[name] for name in old.parts if name not in new.parts]
    losses = [f"{_listed(gone).capitalize()} no longer count."] if gone else []
    if new.exclude_credit_tender and not old.exclude_credit_tender:
        losses.append("What is paid with gift cards or store credit no longer counts.")
    return losses


def base_choices(terms: BaseTerms) -> dict[str, str]:
    """Both choices, label → words."""
    counted = [PARTS[name] for name in terms.parts]
    return {
        "Counted beside the goods": _listed(counted) if counted else "nothing",
        "Paid with gift cards or store credit": (
            "does not count" if terms.exclude_credit_tender else "counts like money"
        ),
    }


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
