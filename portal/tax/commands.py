"""Forms, from the first answer to the decision; what a payer decides; who is reminded. Callers
commit. What was paid is recorded by `entry_commands`."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.identity.models import Brand
from portal.jobs.commands import announce, announce_each
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.storage.insert_once import insert_once, insert_rows
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tax import form_rules, queries, rules
from portal.tax.events import TaxFormAsked, TaxFormExpiring, TaxFormRejected
from portal.tax.models import (
    FormKind,
    FormState,
    FormStatus,
    ReminderReason,
    TaxDecision,
    TaxForm,
    TaxReminder,
    TaxRule,
    TaxSettings,
    TinKind,
)
from portal.tax.rules import Policy

ASK_AGAIN = timedelta(days=1)


# ---- a creator's form
def start_form(creator_id: int, kind: FormKind, *, by: int, country: str = "") -> TaxForm:
    """Begin a form, or go on with the one that was begun: what was written stays, also what an
    earlier form said, so that nobody writes her address twice."""
    purpose, now = form_rules.purpose_of(kind), clock.now()
    form = queries.draft_of(creator_id, purpose)
    if form is None:
        answers = _said_before(creator_id)
        form = TaxForm(creator_id=creator_id, purpose=purpose, kind=kind, created_at=now)
        form.status, form.tin_kind, form.doubts = FormStatus.DRAFT, TinKind.MISSING, ""
        form.legal_name = form.answers = form.signed_name = form.tin_last4 = form.country = ""
        form.has_withholding_notice = False
        form.changed_at = now
        db.session.add(form)
    else:
        answers = queries.answers_of(form)
    form.kind, form.changed_at = kind, now
    if country:
        answers["country"] = country
    _write(form, answers)
    db.session.flush()
    audit.note(by, "tax-form.begun", form.id, kind=kind.value)
    return form


def save_draft(form_id: int, answers: Mapping[str, str]) -> TaxForm:
    """Keep what is written so far, right or not. An empty number keeps the one that is there,
    since no page shows it again. Raises Conflict for a form that is signed."""
    form = _draft(form_id)
    kept = queries.answers_of(form)
    number = answers.get("tin") or kept.get("tin", "")
    if answers.get(form_rules.WITHOUT_NUMBER):
        number = ""
    _write(form, {**kept, **answers, "tin": number})
    form.changed_at = clock.now()
    return form


def discard_draft(form_id: int, *, by: int) -> None:
    """Throw a begun form away; a signed one stays as it is."""
    form = _draft(form_id)
    audit.note(by, "tax-form.discarded", form.id, kind=form.kind.value)
    db.session.delete(form)


def sign(form_id: int, signed_name: str, *, by: int) -> TaxForm:
    """Sign and send: it takes the place of the form before. Raises InvalidInput for what is
    missing, wrong, or signed with another name."""
    form = _draft(form_id)
    answers, today = queries.answers_of(form), clock.today("UTC")
    wrong = form_rules.problems_of(form.kind, answers, signed_name, today)
    if wrong:
        raise wrong[0]
    creator, now = creators.creator(form.creator_id), clock.now()
    before = queries.current_forms([form.creator_id]).get((form.creator_id, form.purpose))
    if before is not None:
        before.status, before.changed_at = FormStatus.SUPERSEDED, now
        db.session.flush()
    found = form_rules.doubts_about(
        form.kind, answers, profile_name=creator.name, profile_country=creator.country
    )
    form.status, form.submitted_at, form.changed_at = FormStatus.SUBMITTED, now, now
    form.signed_name = signed_name.strip()
    form.doubts = " ".join(doubt.value for doubt in found)
    form.expires_on = form_rules.expires_on(form.kind, today)
    db.session.flush()
    audit.note(by, "tax-form.signed", form.id, kind=form.kind.value, doubts=form.doubts)
    return form


# ---- a payer's decision
def decide(brand_id: int, form_id: int, *, accept: bool, reason: str = "", by: int) -> TaxDecision:
    """Finance accepts a form, or rejects it with a reason the creator reads. It counts for this
    payer alone. Raises Conflict when the form's state does not permit it."""
    form = lock(TaxForm, form_id)
    state = queries.states_of(brand_id, [form], clock.today("UTC"))[form.id]
    usable = (FormState.CHECKING, FormState.REJECTED) if accept else (
        FormState.CHECKING, FormState.ACCEPTED, FormState.EXPIRING
    )  # fmt: skip
    if form.status is not FormStatus.SUBMITTED or state not in usable:
        raise Conflict(f"This form is {state.value.replace('_', ' ')}, so it stays as it is.")
    if not accept and len(reason.strip()) < 3:
        raise InvalidInput("reason", "Write what is wrong, so that she can correct it.")
    found = queries.decision_of(brand_id, form_id)
    if found is None:
        found = TaxDecision(brand_id=brand_id, form_id=form_id)
        db.session.add(found)
    found.is_accepted, found.reason, found.by_id = accept, reason.strip(), by
    found.at = clock.now()
    db.session.flush()
    audit.note(by, "tax-form.accepted" if accept else "tax-form.rejected", form.id,
               brand_id=brand_id, before=state.value, reason=found.reason)  # fmt: skip
    if not accept:
        announce(TaxFormRejected(found.id, int(found.at.timestamp())))
    return found


def note_viewed(brand_id: int, form_id: int, *, by: int) -> None:
    """Somebody of finance opened a form whole: each time a row of the audit trail (R103)."""
    audit.note(by, "tax-form.viewed", form_id, brand_id=brand_id)


# ---- what a payer decides
def set_policy(brand_id: int, policy: Policy, *, by: int) -> None:
    """When a form is asked for, and what happens without one. Noted with what it was before."""
    before = queries.policy_of(brand_id)
    found = db.session.scalar(select(TaxSettings).where(TaxSettings.brand_id == brand_id))
    if found is None:
        found = TaxSettings(brand_id=brand_id)
        db.session.add(found)
    found.asks, found.on_missing = policy.asks, policy.on_missing
    found.checks_by_hand = policy.checks_by_hand
    found.excludes_processors = policy.excludes_processors
    found.dac7_operator = policy.dac7_operator
    found.changed_by, found.changed_at = by, clock.now()
    db.session.flush()
    audit.note(by, "tax-settings.changed", found.id, brand_id=brand_id,
               before=_policy_facts(before), after=_policy_facts(policy))  # fmt: skip


def enter_rule(
    brand_id: int | None,
    kind: FormKind,
    from_on: date,
    threshold: Money,
    withholding_bp: int,
    *,
    by: int,
    note: str = "",
) -> TaxRule:
    """Enter the figures of a form from a day on: for one payer, or (the operator) for all. They
    are never edited; those entered last for a day win. Raises InvalidInput."""
    rules.check_rule(kind, from_on, threshold, withholding_bp)
    before = rules.figures_on(kind, from_on, queries.entered_figures(brand_id))
    rule = TaxRule(
        brand_id=brand_id, kind=kind, from_on=from_on, currency=threshold.currency,
        threshold_minor=threshold.minor, withholding_bp=withholding_bp, note=note.strip(),
        by_id=by, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(rule)
    db.session.flush()
    audit.note(by, "tax-rule.entered", rule.id, brand_id=brand_id, kind=kind.value,
               from_on=from_on.isoformat(), before=str(before.threshold), after=str(threshold),
               rate_before_bp=before.withholding_bp, rate_bp=withholding_bp)  # fmt: skip
    return rule


# ---- reminding
def ask(brand_id: int, creator_ids: Sequence[int], *, by: int) -> int:
    """Ask these creators for a form by mail, each at most once a day; returns how many."""
    lock(Brand, brand_id)
    now = clock.now()
    known = queries.asked_since(brand_id, now - ASK_AGAIN)
    wanted = sorted(set(creator_ids) - known.keys())
    values = {"brand_id": brand_id, "reason": ReminderReason.ASKED, "at": now}
    rows = [{"creator_id": one, **values} for one in wanted]
    made = insert_rows(TaxReminder, rows, "creator_id")
    announce_each([TaxFormAsked(one) for one in made])
    audit.note_each(by, "tax-form.asked-for", [(one, brand_id, {}) for one in wanted])
    return len(wanted)


def remind_of_lapsing(form: TaxForm, today: date) -> bool:
    """Tell a creator that her form lapses in 60 or 14 days, or has lapsed: each once (R101)."""
    assert form.expires_on is not None, "only a form that lapses"
    due = form_rules.reminder_due(form.expires_on, today)
    if due is None:
        return False
    reason = {60: ReminderReason.EXPIRING_60, 14: ReminderReason.EXPIRING_14,
              0: ReminderReason.EXPIRED}[due]  # fmt: skip
    reminder_id = insert_once(
        TaxReminder, creator_id=form.creator_id, brand_id=None, form_id=form.id, reason=reason,
        at=clock.now(),
    )  # fmt: skip
    if reminder_id is None:
        return False
    announce(TaxFormExpiring(reminder_id))
    return True


# ---- inside
def _draft(form_id: int) -> TaxForm:
    form = lock(TaxForm, form_id)
    if form.status is not FormStatus.DRAFT:
        raise Conflict("This form is signed already. Begin a new one to replace it.")
    return form


def _said_before(creator_id: int) -> dict[str, str]:
    forms = queries.current_forms([creator_id])
    found = next(iter(sorted(forms.values(), key=lambda form: -form.id)), None)
    said = queries.answers_of(found) if found else {}
    return {name: value for name, value in said.items() if name != "notice"}


def _write(form: TaxForm, answers: dict[str, str]) -> None:
    form.answers = json.dumps(answers, sort_keys=True)
    form.legal_name = answers.get("name", "")
    form.country = "US" if form.kind is FormKind.W9 else answers.get("country", "")
    form.tin_kind = form_rules.tin_kind_of(form.kind, answers)
    form.tin_last4 = form_rules.last_four(answers.get("tin", ""))
    form.has_withholding_notice = form.kind is FormKind.W9 and bool(answers.get("notice"))


def _policy_facts(policy: Policy) -> dict[str, object]:
    return {
        "asks": policy.asks.value, "on_missing": policy.on_missing.value,
        "checks_by_hand": policy.checks_by_hand, "dac7_operator": policy.dac7_operator,
        "excludes_processors": policy.excludes_processors,
    }  # fmt: skip
