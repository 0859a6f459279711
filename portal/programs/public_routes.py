"""Doors for everybody: the program page, its colours, its terms."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.kernel import clock
from portal.programs import beside_queries, queries, rules
from portal.programs.forms import CalculatorForm
from portal.programs.models import CommissionKind
from portal.programs.queries import Offer
from portal.web import tenant
from portal.web.formatting import countries, money, percent
from portal.web.forms import amount_of
from portal.web.guards import PUBLIC, opens_to
from portal.web.reply import reply

blueprint = Blueprint("programs_public", __name__, url_prefix="/p/<slug>")


@blueprint.get("")
@opens_to(PUBLIC)
def program(slug: str) -> ResponseReturnValue:
    """The offer, before any story; the calculator answers the same address."""
    offer = _offer(slug)
    return reply(
        "programs/public/program.html",
        "programs/public/_calculator.html",
        offer=offer,
        beside=beside_queries.sentences_of(offer.program.id, False),
        is_signed_in=current_user.is_authenticated,
        **_calculated(offer),
    )


@blueprint.get("/theme.css")
@opens_to(PUBLIC)
def theme(slug: str) -> ResponseReturnValue:
    """The brand's colour."""
    return tenant.stylesheet(queries.offer_at(slug).brand.colour)


@blueprint.get("/terms")
@opens_to(PUBLIC)
def terms(slug: str) -> ResponseReturnValue:
    """The agreement in force, and the figures that go with it."""
    offer = _offer(slug)
    return _terms_page(offer, offer.agreement)


@blueprint.get("/terms/<int:version>")
@opens_to(PUBLIC)
def terms_version(slug: str, version: int) -> ResponseReturnValue:
    """One version, superseded or not: what was accepted stays readable."""
    offer = _offer(slug)
    return _terms_page(offer, queries.agreement(offer.program.id, version))


def cards() -> list[dict[str, str]]:
    """Open programs for the start page: href, name, brand, pitch and the offer in few words."""
    offers = [queries.offer_at(one.slug) for one in queries.open_programs()]
    return [
        {
            "href": url_for("programs_public.program", slug=one.program.slug),
            "name": one.program.name,
            "brand": one.brand.name,
            "pitch": one.program.pitch,
            "facts": _facts(one),
        }
        for one in offers
    ]


def _facts(offer: Offer) -> str:
    terms = offer.terms
    is_share = terms.kind is CommissionKind.PERCENT
    earns = (
        f"{percent(terms.rate_bp)} of each sale" if is_share else f"{money(terms.flat)} an order"
    )
    earns += f" and {money(terms.click_pay)} a click" if terms.click_pay else ""
    return f"{earns}, {countries(offer.program.countries)}, paid {offer.paid}"


def _terms_page(offer: Offer, shown: Any) -> ResponseReturnValue:
    return reply(
        "programs/public/terms.html",
        offer=offer,
        shown=shown,
        agreements=queries.agreements_of(offer.program.id),
        versions=queries.versions_of(offer.program.id),
        now=clock.now(),
    )


def _offer(slug: str) -> Offer:
    offer = queries.offer_at(slug)
    g.tenant = {"name": offer.brand.name, "theme_css": url_for(".theme", slug=slug)}
    return offer


def _calculated(offer: Offer) -> dict[str, Any]:
    typed = request.args if {"sales", "aov"} & set(request.args) else None
    form = CalculatorForm(formdata=typed, sales=20, aov="45.00")
    form.currency_code = offer.terms.currency
    if typed is not None and not form.validate():
        return {"form": form, "earned": None}
    average = amount_of(form.aov, offer.terms.currency)
    facts = queries.facts_of(offer.terms)
    return {"form": form, "earned": rules.example_earnings(facts, form.sales.data, average)}
