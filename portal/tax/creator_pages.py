"""What a creator's tax pages show: gathered here, so that the doors stay short."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.tax import form_rules, queries, rules, wording
from portal.tax.forms import OF_KIND, AnswersForm
from portal.tax.models import Asks, FormKind, FormState, FormStatus, Purpose, TaxForm
from portal.tax.rules import Payee, Stop, YearTotal

# The state that needs her most stands for all brands.
URGENCY = (
    FormState.REJECTED, FormState.EXPIRED, FormState.NEEDED, FormState.CHECKING,
    FormState.EXPIRING, FormState.ACCEPTED, FormState.NOT_NEEDED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WithBrand:
    """How things stand with one payer in one currency: what waits for a form, if anything."""

    brand: str
    payable: Money
    state: FormState
    stop: Stop | None
    withheld: Money
    reason: str
    total: YearTotal
    threshold: Money | None


def overview(creator_id: int) -> dict[str, Any]:
    """The form she gave, what it blocks now, and the year's totals by brand."""
    creator, today = creators.creator(creator_id), clock.today("UTC")
    forms = queries.forms_of(creator_id)
    form = _signed(forms, Purpose.PAYER)
    seller = _signed(forms, Purpose.PLATFORM)
    rows = [
        _with_brand(creator_id, brand_id, currency, form, today)
        for brand_id, currency in books.currencies_of(creator_id)
    ]
    state = _worst([row.state for row in rows], form)
    return {
        "creator": creator, "zone": creator.zone, "year": today.year, "form_": form,
        "draft": _draft(forms, Purpose.PAYER), "state": state,
        "state_words": wording.STATES[state], "rows": rows,
        "blocked": [row for row in rows if row.stop is not None],
        "kinds": wording.KINDS, "who": wording.WHO, "tins": wording.TINS,
        "earlier": [one for one in forms if one.status is FormStatus.SUPERSEDED],
        "seller": seller, "seller_draft": _draft(forms, Purpose.PLATFORM),
        "asks_seller": creator.country in rules.EU and _has_platform(creator_id),
    }  # fmt: skip


def _with_brand(
    creator_id: int, brand_id: int, currency: str, form: TaxForm | None, today: date
) -> WithBrand:
    payable = books.balances_of(brand_id, creator_id, currency).payable
    payee = Payee(creator_id, payable)
    verdict = queries.gate(brand_id, [payee] if payable.minor > 0 else []).get(creator_id)
    decided = queries.decision_of(brand_id, form.id) if form else None
    policy = queries.policy_of(brand_id)
    if form is not None:
        state = queries.states_of(brand_id, [form], today, policy)[form.id]
    else:
        state = FormState.NEEDED if verdict else FormState.NOT_NEEDED
    totals = queries.year_totals(brand_id, today.year, [creator_id])
    figures_ = rules.figures_on(
        form.kind if form else FormKind.W9, today, queries.entered_figures(brand_id)
    )
    asks = policy.asks is Asks.THRESHOLD and figures_.threshold.currency == currency
    nothing = Money.zero(currency)
    return WithBrand(
        identity.brand(brand_id).name, payable, state, verdict.stop if verdict else None,
        verdict.withheld if verdict else nothing,
        decided.reason if decided and not decided.is_accepted else "",
        totals.get((creator_id, currency), queries.no_total(creator_id, currency)),
        figures_.threshold if asks and figures_.threshold else None,
    )  # fmt: skip


def _worst(states: list[FormState], form: TaxForm | None) -> FormState:
    if not states:
        return FormState.ACCEPTED if form else FormState.NOT_NEEDED
    return min(states, key=URGENCY.index)


def _signed(forms: Any, purpose: Purpose) -> TaxForm | None:
    found = (f for f in forms if f.purpose is purpose and f.status is FormStatus.SUBMITTED)
    return next(found, None)


def _draft(forms: Any, purpose: Purpose) -> TaxForm | None:
    return next((f for f in forms if f.purpose is purpose and f.status is FormStatus.DRAFT), None)


def _has_platform(creator_id: int) -> bool:
    brands = {brand_id for brand_id, _ in books.currencies_of(creator_id)}
    return any(queries.policy_of(brand_id).dac7_operator for brand_id in brands)


# ---- the form itself
def empty_form(form: TaxForm) -> AnswersForm:
    """The page's form, filled with the draft; the number is never shown again (R103)."""
    answers = queries.answers_of(form)
    known = {name: value for name, value in answers.items() if name != "tin"}
    if form.kind is FormKind.W9 and not known.get("tin_kind"):
        known["tin_kind"] = "ssn"
    return OF_KIND[form.kind](data=known)


def refused(form: TaxForm, typed: AnswersForm, today: date) -> AnswersForm:
    """The form again, with a sentence at every field that stands in the way of the signature."""
    for wrong in _problems(form, typed, today):
        typed.refuse(wrong)
    typed.tin.data = ""
    return typed


def _problems(form: TaxForm, typed: AnswersForm, today: date) -> list[InvalidInput]:
    answers: Mapping[str, str] = queries.answers_of(form)
    return form_rules.problems_of(form.kind, answers, typed.signed_name.data or "", today)


def form_page(form: TaxForm, fields: AnswersForm) -> dict[str, Any]:
    """One form: to be filled in, or as it was signed."""
    creator = creators.creator(form.creator_id)
    return {
        "creator": creator, "zone": creator.zone, "form": fields, "form_": form,
        "name": wording.KINDS[form.kind], "who": wording.WHO[form.kind], "kind": form.kind.value,
        "tins": wording.TINS, "today": clock.today(creator.zone),
        "answers": shown_answers(form), "is_open": form.status is FormStatus.DRAFT,
    }  # fmt: skip


def shown_answers(form: TaxForm, *, whole: bool = False) -> list[tuple[str, str]]:
    """(label, text) of what stands in a form; of the number the last four, unless `whole`."""
    answers = queries.answers_of(form)
    words = {**wording.CLASSIFICATIONS, **wording.ENTITIES, "y": "Yes"}
    shown = []
    for name, label in wording.ANSWERS.items():
        value = answers.get(name, "")
        if name == "tin" and value:
            number = value if whole else f"••{form.tin_last4}"
            shown.append((wording.TINS[form.tin_kind], number))
        elif value and name != "tin_kind":
            shown.append((label, words.get(value, value)))
    return shown
