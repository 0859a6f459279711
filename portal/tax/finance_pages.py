"""What finance's tax pages show: gathered here, so that the doors stay short."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request, url_for

from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.proposals import queries as proposals
from portal.tax import exports, form_rules, list_queries, queries, rules, wording
from portal.tax.change_commands import CHANGES
from portal.tax.creator_pages import shown_answers
from portal.tax.forms import PolicyForm, RuleForm
from portal.tax.models import FormKind, FormState, Purpose, TaxForm
from portal.tax.rules import Figures
from portal.web.guards import person

MISSING = (FormState.NEEDED, FormState.DRAFT, FormState.REJECTED, FormState.EXPIRED)
STATE_VIEWS = (
    FormState.NEEDED, FormState.CHECKING, FormState.DRAFT, FormState.REJECTED, FormState.EXPIRING,
    FormState.EXPIRED, FormState.ACCEPTED, FormState.NOT_NEEDED,
)  # fmt: skip
WORDS = {FormState.EXPIRING: "Expires soon", FormState.NOT_NEEDED: "Not needed"}
YEAR_WORDS = {"candidates": "To report", "near": "Near the threshold", "review": "To look at",
              "all": "Everybody"}  # fmt: skip


def forms(brand_id: int) -> dict[str, Any]:
    """The list of creators by the state of their form."""
    state, text = _state(), request.args.get("q", "").strip()
    shown = _brand(brand_id)
    book = list_queries.Standings(brand_id, shown["policy"], shown["entered"])
    counts = list_queries.state_counts(brand_id, book)
    here: dict[str, Any] = {"brand_id": brand_id, "q": text or None}
    listed = list_queries.forms(
        brand_id, PageRequest(request.args.get("cursor")), state=state, text=text, standings=book
    )
    every = [{"label": "All", "count": sum(counts.values()), "current": state is None,
              "href": url_for("tax_finance.forms", **here)}]  # fmt: skip
    return {
        **shown, "listed": listed, "kinds": wording.KINDS, "q": text,
        "state": state.value if state else None,
        "views": every + [
            {"label": WORDS.get(one, one.value.capitalize()), "count": counts.get(one, 0),
             "current": one is state, "href": url_for("tax_finance.forms", state=one.value, **here)}
            for one in STATE_VIEWS if counts.get(one) or one in (state, *STATE_VIEWS[:2])
        ],
        "missing": sum(counts.get(one, 0) for one in MISSING), "any": bool(counts),
        "next_href": url_for("tax_finance.forms", state=state, cursor=listed.next_cursor, **here),
        "start_href": url_for("tax_finance.forms", state=state, **here),
    }  # fmt: skip


def _state() -> FormState | None:
    try:
        return FormState(request.args["state"]) if request.args.get("state") else None
    except ValueError:
        return None


def _brand(brand_id: int) -> dict[str, Any]:
    brand, today = identity.brand(brand_id), clock.today("UTC")
    entered = queries.entered_figures(brand_id)
    return {
        "brand": brand, "brand_id": brand_id, "zone": brand.zone, "year": today.year,
        "policy": queries.policy_of(brand_id), "asks": wording.ASKS,
        "on_missing": wording.ON_MISSING,
        "figures": rules.figures_on(FormKind.W9, today, entered),
        "lacks_figure": rules.lacks_figure(today.year, entered), "entered": entered,
        "may_decide": person().may("finance.approver", brand_id),
    }  # fmt: skip


# ---- one creator
def creator(brand_id: int, found: Creator, form: Any, revealed: TaxForm | None) -> dict[str, Any]:
    """One creator's forms with this brand, and what she received. `revealed` is shown whole."""
    shown = _brand(brand_id)
    year = request.args.get("year", shown["year"], type=int)
    signed = queries.current_forms([found.id])
    states = queries.states_of(brand_id, list(signed.values()), clock.today("UTC"))
    totals = queries.year_totals(brand_id, year, [found.id])
    payable = [
        books.balances_of(brand_id, found.id, currency).payable
        for brand, currency in books.currencies_of(found.id) if brand == brand_id
    ]  # fmt: skip
    payees = [rules.Payee(found.id, one) for one in payable if one.minor > 0]
    verdicts = [queries.gate(brand_id, [one]).get(found.id) for one in payees]
    stopped = [payee.amount for payee, verdict in zip(payees, verdicts, strict=True)
               if verdict and verdict.stop]  # fmt: skip
    payer = signed.get((found.id, Purpose.PAYER))
    state = states[payer.id] if payer else (
        FormState.NEEDED if any(verdicts) else FormState.NOT_NEEDED
    )  # fmt: skip
    return {
        **shown, "creator": found, "form": form, "year": year, "state": state,
        "stopped": stopped, "totals": list(totals.values()),
        "entries": queries.entries_of(brand_id, found.id, year), "entry_words": wording.ENTRIES,
        "forms": [_form(brand_id, one, states[one.id], revealed) for one in signed.values()],
        "kinds": wording.KINDS, "is_missing": state in MISSING,
    }  # fmt: skip


def _form(
    brand_id: int, form: TaxForm, state: FormState, revealed: TaxForm | None
) -> dict[str, Any]:
    decision, is_whole = queries.decision_of(brand_id, form.id), form is revealed
    return {
        "form": form, "state": state, "name": wording.KINDS[form.kind],
        "tin": wording.TINS[form.tin_kind], "decision": decision, "is_whole": is_whole,
        "doubts": [wording.DOUBTS[form_rules.Doubt(one)] for one in form.doubts.split()],
        "answers": shown_answers(form, whole=True) if is_whole else [],
        "may_accept": state in (FormState.CHECKING, FormState.REJECTED),
        "may_reject": state in (FormState.CHECKING, FormState.ACCEPTED, FormState.EXPIRING),
        "decider": identity.user(decision.by_id).name if decision and decision.by_id else "",
    }  # fmt: skip


# ---- a year
def year(brand_id: int, wanted: int) -> dict[str, Any]:
    """A year against its thresholds, and its files."""
    shown, years = _brand(brand_id), queries.years_of(brand_id)
    rules.check_year(wanted, clock.today(shown["zone"]), years)
    view = request.args.get("view", "candidates")
    view = view if view in YEAR_WORDS else "candidates"
    figures = rules.figures_on(FormKind.W9, date(wanted, 12, 31), shown["entered"])
    listed, sums = list_queries.year_page(
        brand_id, wanted, PageRequest(request.args.get("cursor")), view, figures, shown["policy"]
    )
    made = exports.exports_of(brand_id, wanted)
    people = identity.users([one.by_id for one in made if one.by_id])
    here: dict[str, Any] = {"brand_id": brand_id, "year": wanted}
    return {
        **shown, "year": wanted, "figures": figures, "listed": listed, "sums": sums, "view": view,
        "lacks_figure": rules.lacks_figure(wanted, shown["entered"]),
        "views": [{"label": words, "count": None, "current": key == view,
                   "href": url_for("tax_finance.year", view=key, **here)}
                  for key, words in YEAR_WORDS.items()],
        "years": [{"label": str(one), "current": one == wanted, "count": None,
                   "href": url_for("tax_finance.year", brand_id=brand_id, year=one)}
                  for one in sorted({*years, wanted, shown["year"]}, reverse=True)],
        "exports": made, "names": {key: one.name for key, one in people.items()},
        "next_href": url_for("tax_finance.year", view=view, cursor=listed.next_cursor, **here),
        "start_href": url_for("tax_finance.year", view=view, **here),
    }  # fmt: skip


# ---- rules
def settings(brand_id: int, policy: PolicyForm, rule: RuleForm) -> dict[str, Any]:
    """What this payer decided, and every dated figure that counts for it."""
    shown = _brand(brand_id)
    return {
        **shown, "form": policy, "rule": rule, **_figures(shown["entered"]),
        "open_changes": proposals.open_of(brand_id, CHANGES), "me": person().id,
        "may_confirm": shown["may_decide"],
    }  # fmt: skip


def shared_figures(rule: RuleForm) -> dict[str, Any]:
    """The operator's figures, for every payer without its own."""
    entered, today = queries.entered_figures(None), clock.today("UTC")
    return {
        "rule": rule, "brand": None, "year": today.year,
        "lacks_figure": rules.lacks_figure(today.year, entered), **_figures(entered),
    }  # fmt: skip


def _figures(entered: Sequence[Figures]) -> dict[str, Any]:
    today, order = clock.today("UTC"), list(FormKind)
    return {
        "kinds": wording.KINDS,
        "all_figures": sorted(
            (*rules.SHIPPED, *entered),
            key=lambda one: (order.index(one.kind), one.from_on, one.row_id),
        ),
        "used": {kind: rules.figures_on(kind, today, entered) for kind in FormKind},
    }


def policy_data(brand_id: int) -> dict[str, Any]:
    """The brand's policy as the form's own values."""
    policy = queries.policy_of(brand_id)
    return {
        "asks": policy.asks.value, "on_missing": policy.on_missing.value,
        "checks_by_hand": policy.checks_by_hand,
        "excludes_processors": policy.excludes_processors, "dac7_operator": policy.dac7_operator,
    }  # fmt: skip


def rate_bp(text: str) -> int:
    """A typed percentage in basis points: its two decimals are exactly those of a currency."""
    return currencies.to_minor(text, "USD")
