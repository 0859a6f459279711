"""Between the terms form and the terms: its values, what it proposes, what that would change."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.programs import losses, queries, rules, wording
from portal.programs.credit_form import credit_values
from portal.programs.forms import TermsForm
from portal.programs.models import ClickRule, CodePolicy, CommissionKind, CommissionTerms, Program
from portal.programs.rules import AttributionTerms, TermsFacts
from portal.web.forms import amount_of


def values_of(latest: CommissionTerms | None) -> dict[str, Any]:
    """The form's first values: the newest version's, or what most programs begin with."""
    if latest is None:
        return {"kind": "percent", "rate": 10, "hold_days": 30, "window_days": 30,
                "code_policy": "always", "click_rule": "last_click",
                **credit_values(AttributionTerms(stand_down=True), "USD")}  # fmt: skip
    return {
        "kind": latest.kind.value,
        "rate": currencies.to_major(latest.rate_bp, "USD"),
        "flat": str(currencies.to_major(latest.flat_minor, latest.currency)) if latest.flat else "",
        "hold_days": latest.hold_days,
        "window_days": latest.window_days,
        "code_policy": latest.code_policy.value,
        "click_rule": latest.click_rule.value,
        **credit_values(AttributionTerms.of(latest.attribution), latest.currency),
    }


def proposal(form: TermsForm, program: Program) -> dict[str, Any]:
    """What the form asks for, as the arguments of `commands.publish_terms`.

    A date is the brand's midnight; none, or today, is at once.
    """
    kind, currency = CommissionKind(form.kind.data), form.currency_code
    is_flat = kind is CommissionKind.FLAT
    return {
        "kind": kind,
        "rate_bp": 0 if is_flat else currencies.half_up((form.rate.data or Decimal(0)) * 100),
        "flat": amount_of(form.flat, currency) if is_flat and form.flat.data else None,
        "currency": currency,
        "hold_days": form.hold_days.data,
        "window_days": form.window_days.data,
        "code_policy": CodePolicy(form.code_policy.data),
        "click_rule": ClickRule(form.click_rule.data),
        "attribution": form.credit_terms(),
        "effective_at": _start(form, identity.brand(program.brand_id).zone),
        "summary": form.summary.data or "",
    }


def consequences(
    proposed: dict[str, Any], latest: CommissionTerms | None, program: Program
) -> dict[str, Any]:
    """What the check page shows. Raises Conflict with the earliest date where notice is missing."""
    facts = _facts(proposed, latest.version + 1 if latest else 1)
    rules.check_figures(facts)
    old = queries.facts_of(latest) if latest else None
    now = clock.now()
    starts = proposed["effective_at"] or now
    lost = losses.worse_for_creators(old, facts, starts) if old else []
    if latest and starts < latest.effective_at:
        raise Conflict(f"Version {latest.version} starts later than this. Choose a later date.")
    earliest = losses.earliest_start(lost, program.notice_days, now)
    if starts < earliest:
        zone = identity.brand(program.brand_id).zone
        first = earliest.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        raise Conflict(
            f"{' '.join(lost)} Ambassadors need {program.notice_days} days’ notice of that: "
            f"choose {first:%-d %B %Y} or later."
        )
    return {"old": old, "new": facts, "losses": lost, "starts": starts,
            "changed": wording.changed_choices(old, facts),
            "is_now": proposed["effective_at"] is None}  # fmt: skip


def _start(form: TermsForm, zone: str) -> datetime | None:
    day = form.effective_on.data
    if day is None or day == clock.today(zone):
        return None
    return clock.start_of_day(day, zone)


def _facts(proposed: dict[str, Any], version: int) -> TermsFacts:
    flat = proposed["flat"] or Money.zero(proposed["currency"])
    return TermsFacts(
        id=0, version=version, kind=proposed["kind"], rate_bp=proposed["rate_bp"], flat=flat,
        hold_days=proposed["hold_days"], window_days=proposed["window_days"],
        code_policy=proposed["code_policy"], click_rule=proposed["click_rule"],
        pay_on_zero_base=False, attribution=proposed["attribution"],
    )  # fmt: skip
