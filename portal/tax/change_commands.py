"""Put changes of a payer's tax rules forward; `take_effect` puts a confirmed one into force.

Callers commit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.kernel.money import Money
from portal.proposals import commands as proposals
from portal.proposals.models import Proposal
from portal.tax import commands, queries, rules
from portal.tax.models import Asks, FormKind, OnMissing
from portal.tax.rules import Policy
from portal.tax.wording import ASKS, KINDS, ON_MISSING

CHANGES = ("tax-policy", "tax-figures")
YES_NO = {True: "yes", False: "no"}


def put_forward_policy(brand_id: int, policy: Policy, *, by: int) -> Proposal:
    """Propose when a form is asked for, and what happens without one. The defaults may be proposed
    as they are: to confirm them. Raises InvalidInput for what is in force already."""
    held = queries.policy_of(brand_id)
    facts = {
        "asks": policy.asks.value, "on_missing": policy.on_missing.value,
        "checks_by_hand": policy.checks_by_hand, "dac7_operator": policy.dac7_operator,
        "excludes_processors": policy.excludes_processors,
    }  # fmt: skip
    lines = [
        ("A form is asked for", ASKS[held.asks], ASKS[policy.asks]),
        ("Without a form", ON_MISSING[held.on_missing], ON_MISSING[policy.on_missing]),
        ("Every form is looked at", YES_NO[held.checks_by_hand], YES_NO[policy.checks_by_hand]),
        ("Processors’ payments are left out", YES_NO[held.excludes_processors],
         YES_NO[policy.excludes_processors]),
        ("Reports under DAC7", YES_NO[held.dac7_operator], YES_NO[policy.dac7_operator]),
        ("Confirmed by finance", YES_NO[not held.is_default], "yes"),
    ]  # fmt: skip
    return proposals.put_forward(brand_id, "tax-policy", facts, lines, by=by)


def put_forward_figures(
    brand_id: int, kind: FormKind, from_on: date, threshold: Money, withholding_bp: int,
    *, by: int, note: str = "",
) -> Proposal:  # fmt: skip
    """Propose a payer's own figures of a form from a day on. Raises InvalidInput for figures that
    cannot be, or that hold on that day already."""
    rules.check_rule(kind, from_on, threshold, withholding_bp)
    held = rules.figures_on(kind, from_on, queries.entered_figures(brand_id))
    facts = {
        "kind": kind.value, "from_on": from_on.isoformat(), "currency": threshold.currency,
        "threshold_minor": threshold.minor, "withholding_bp": withholding_bp, "note": note.strip(),
    }  # fmt: skip
    lines = [
        (f"Threshold of {KINDS[kind]} from {from_on.isoformat()}", f"{held.threshold}",
         f"{threshold}"),
        ("Withheld without a form", _percent(held.withholding_bp), _percent(withholding_bp)),
    ]  # fmt: skip
    return proposals.put_forward(brand_id, "tax-figures", facts, lines, by=by)


def take_effect(change: Proposal, facts: Mapping[str, Any]) -> None:
    """Put a decided change into force; noted as done by the second person, or by the first where
    it waited instead."""
    by = change.decided_by or change.proposed_by
    if change.kind == "tax-policy":
        commands.set_policy(change.brand_id, _policy(facts), by=by)
        return
    commands.enter_rule(
        change.brand_id, FormKind(facts["kind"]), date.fromisoformat(facts["from_on"]),
        Money(facts["threshold_minor"], facts["currency"]), facts["withholding_bp"],
        by=by, note=facts["note"],
    )  # fmt: skip


def _policy(facts: Mapping[str, Any]) -> Policy:
    return Policy(
        Asks(facts["asks"]), OnMissing(facts["on_missing"]), facts["checks_by_hand"],
        facts["excludes_processors"], facts["dac7_operator"], is_default=False,
    )  # fmt: skip


def _percent(rate_bp: int) -> str:
    return f"{rate_bp // 100}.{rate_bp % 100:02}".rstrip("0").rstrip(".") + "%"
