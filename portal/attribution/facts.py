"""The facts a decision is made from, and their plain form, which is stored beside it.

`rules.credit_for` reads nothing else, so a stored decision can be made again without the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.ambassadors.models import MembershipStatus
from portal.programs.models import ClickRule, CodePolicy
from portal.programs.rules import AttributionTerms
from portal.tracking.models import CodeStatus

Plain = dict[str, Any]
FORM = 2  # of the stored facts; 1 kept only the order's own and asked the database for the rest
USUAL = AttributionTerms()


class TouchKind(StrEnum):
    """How a creator had a part in an order: her code, a click on her link, a subscription she
    brought, a customer she brought, or a person's decision."""

    CODE = "code"
    CLICK = "click"
    RENEWAL = "renewal"
    BINDING = "binding"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as a decision needs it.

    `unknown_codes`: (as typed, the brand's code it is like). `is_new_customer` is None when the
    shop names no customer (R19). `charges_before` counts the successful charges of the same
    subscription before this one (R45). `chosen` is the ambassador a person decided for, `declined`
    the word of why a person declined it. `ask_above_minor` and `asks_likeness` are the brand's wish
    to decide itself; 0 asks about no amount.
    """

    placed_at: datetime
    recorded_at: datetime
    is_paid: bool
    is_cancelled: bool = False
    is_test: bool = False
    unknown_codes: tuple[tuple[str, str | None], ...] = ()
    base_minor: int = 0
    currency: str = ""
    is_new_customer: bool | None = None
    is_duplicate: bool = False
    charges_before: int = 0
    chosen: int | None = None
    declined: str = ""
    ask_above_minor: int = 0
    asks_likeness: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """One creator's part in an order, with how things stood at order time.

    `at` is when a click happened, since when a code exists, or when the subscription or customer
    was brought. `membership_since` is when its status then had begun (for the days of grace).
    `evidence` says what the buyer shares with the creator (R51). `status` and `discount_bp` are a
    code's; `stands_down` says why a click cannot displace an earlier one (R56).
    """

    kind: TouchKind
    touch_id: int
    ambassador_id: int
    program_id: int
    at: datetime
    membership: MembershipStatus | None
    member_since: datetime | None = None
    membership_since: datetime | None = None
    evidence: tuple[str, ...] = ()
    code: str = ""
    status: CodeStatus | None = None
    discount_bp: int = 0
    stands_down: str = ""


@dataclass(frozen=True, slots=True)
class ProgramTerms:
    """What a program's terms at order time say about credit (R15)."""

    id: int
    version: int
    window_days: int
    code_policy: CodePolicy
    click_rule: ClickRule
    more: AttributionTerms = USUAL
    currency: str = ""  # what `more.minimum_minor` is in


Policy = Mapping[int, ProgramTerms]  # program id → its terms at order time


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one decision reads. `kept`: the terms of ambassadors who keep another version
    than the program's at order time, by their row id (R17)."""

    order: OrderFacts
    touches: tuple[Touch, ...]
    policy: Policy
    kept: Policy = field(default_factory=dict)

    def plain(self) -> Plain:
        """As JSON values; what is as usual is left out."""
        return {
            "form": FORM,
            "order": _plain(self.order),
            "touches": [_plain(touch) for touch in self.touches],
            "policy": {str(program): _plain(terms) for program, terms in self.policy.items()},
        } | (
            {"kept": {str(who): _plain(terms) for who, terms in self.kept.items()}}
            if self.kept
            else {}
        )


def facts_from(plain: Mapping[str, Any]) -> Facts | None:
    """Back from `Facts.plain`; None for facts stored in another form."""
    if plain.get("form") != FORM:
        return None
    return Facts(
        _order_from(plain["order"]),
        tuple(_touch_from(touch) for touch in plain["touches"]),
        {int(program): _terms_from(terms) for program, terms in plain["policy"].items()},
        {int(who): _terms_from(terms) for who, terms in plain.get("kept", {}).items()},
    )


def _plain(row: Any) -> Plain:
    found = {}
    for one in fields(row):
        value = getattr(row, one.name)
        if one.default is MISSING or value != one.default:
            found[one.name] = _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, AttributionTerms):
        return value.plain()
    if isinstance(value, tuple):
        return [list(part) if isinstance(part, tuple) else part for part in value]
    return value


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _order_from(plain: Mapping[str, Any]) -> OrderFacts:
    given = dict(plain)
    for name in ("placed_at", "recorded_at"):
        given[name] = datetime.fromisoformat(given[name])
    given["unknown_codes"] = tuple((pair[0], pair[1]) for pair in given.get("unknown_codes", ()))
    return OrderFacts(**given)


def _touch_from(plain: Mapping[str, Any]) -> Touch:
    given = dict(plain)
    status, membership = given.get("status"), given.get("membership")
    return Touch(
        **given
        | {
            "kind": TouchKind(given["kind"]),
            "at": datetime.fromisoformat(given["at"]),
            "membership": MembershipStatus(membership) if membership else None,
            "member_since": _moment(given.get("member_since")),
            "membership_since": _moment(given.get("membership_since")),
            "evidence": tuple(given.get("evidence", ())),
            "status": CodeStatus(status) if status else None,
        }
    )


def _terms_from(plain: Mapping[str, Any]) -> ProgramTerms:
    given = dict(plain)
    return ProgramTerms(
        **given
        | {
            "code_policy": CodePolicy(given["code_policy"]),
            "click_rule": ClickRule(given["click_rule"]),
            "more": AttributionTerms.of(given.get("more")),
        }
    )
