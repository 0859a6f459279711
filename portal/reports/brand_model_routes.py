"""Doors for the brand: what other models would have paid, on a page and as a file."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import currencies
from portal.kernel.money import Money
from portal.reports import model_queries, periods
from portal.reports.periods import Span
from portal.web import csv_files
from portal.web.guards import opens_to
from portal.web.reply import reply

blueprint = Blueprint("reports_models", __name__, url_prefix="/brand/<brand:brand_id>/models")
HEAD = ["Ambassador", "Currency", "Paid", "First touch", "Last touch", "Linear",
        "Position 40/20/40", "Time decay"]  # fmt: skip


@blueprint.get("")
@opens_to("brand.viewer")
def models(brand_id: int) -> ResponseReturnValue:
    """Per creator: what was paid, and what each model would have paid, over a period."""
    span = _span(brand_id)
    found, shared = model_queries.compare(brand_id, span)
    return reply(
        "reports/brand/models.html", brand_id=brand_id, comparisons=found, shared=shared,
        span=span, words=periods.WORDS, most=model_queries.MOST,
        columns=dict(zip(model_queries.COLUMNS, HEAD[2:], strict=True)),
    )  # fmt: skip


@blueprint.get("/models.csv")
@opens_to("brand.viewer")
def models_csv(brand_id: int) -> Response:
    """The same as a file, with every creator."""
    span = _span(brand_id)
    found, _ = model_queries.compare(brand_id, span, shown=None)
    lines = (
        [line.name, one.currency, *(_digits(line.amounts[c]) for c in model_queries.COLUMNS)]
        for one in found
        for line in one.lines
    )
    return csv_files.answer(f"models-{span.first}-{span.last}", HEAD, lines)


def _span(brand_id: int) -> Span:
    days = request.args.get("days", 30, type=int)
    return periods.until_today(days, identity.brand(brand_id).zone)


def _digits(amount: Money) -> str:
    places = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{places}f}"
