"""Doors for programs: conversions and refunds."""

from typing import Any

from flask import Blueprint

from portal.api import order_queries, reporting, telling
from portal.api.doors import api_scope, caller
from portal.api.order_shapes import (
    Conversion,
    Conversions,
    ConversionsAsked,
    ConversionTold,
    Refunds,
    RefundsAsked,
    RefundSeen,
    RefundTold,
)

blueprint = Blueprint("api_orders", __name__, url_prefix="/api/v1")


@blueprint.get("/conversions")
@api_scope("orders:read", asks=ConversionsAsked, gives=Conversions)
def list_conversions(brand_id: int, asked: ConversionsAsked) -> Conversions:
    """List conversions, the newest first, from whichever shop they came; with a shop's own key its
    own."""
    return order_queries.conversions(brand_id, asked, caller().connection_id)


@blueprint.post("/conversions")
@api_scope(
    "orders:write", takes=ConversionTold, gives=Conversion, status=201, also=200, tells="conversion"
)
def report_conversion(brand_id: int, told: ConversionTold) -> tuple[Conversion, int]:
    """Report an order, or how it stands now. 201 when it is new, 200 when it was known."""
    order, is_new = reporting.report_order(telling.shop(brand_id), told)
    telling.keep("conversion", order.id)
    return order_queries.conversion(brand_id, order.public_id), 201 if is_new else 200


@blueprint.get("/conversions/<conversion>")
@api_scope("orders:read", gives=Conversion)
def read_conversion(brand_id: int, conversion: str) -> Conversion:
    """Read one conversion: who was credited, why, and what it earned."""
    return order_queries.conversion(brand_id, conversion, caller().connection_id)


@blueprint.get("/refunds")
@api_scope("orders:read", asks=RefundsAsked, gives=Refunds)
def list_refunds(brand_id: int, asked: RefundsAsked) -> Refunds:
    """List refunds, the newest first."""
    return order_queries.refunds(brand_id, asked, caller().connection_id)


@blueprint.post("/refunds")
@api_scope("orders:write", takes=RefundTold, gives=RefundSeen, status=201, tells="refund")
def report_refund(brand_id: int, told: RefundTold) -> Any:
    """Report money given back on an order. What it earned is taken back in the same ratio."""
    connection_id = telling.shop(brand_id)
    telling.keep("refund", reporting.report_refund(connection_id, told))
    return order_queries.refund(connection_id, told.refund_id)
