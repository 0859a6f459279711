"""Doors for programs: reports."""

from flask import Blueprint

from portal.api import report_queries
from portal.api.doors import api_scope
from portal.api.people_shapes import ClicksReport, EarningsReport, ReportAsked

blueprint = Blueprint("api_reports", __name__, url_prefix="/api/v1/reports")


@blueprint.get("/clicks")
@api_scope("reports:read", asks=ReportAsked, gives=ClicksReport)
def report_clicks(brand_id: int, asked: ReportAsked) -> ClicksReport:
    """Count clicks per link."""
    return report_queries.clicks(brand_id, asked)


@blueprint.get("/earnings")
@api_scope("reports:read", asks=ReportAsked, gives=EarningsReport)
def report_earnings(brand_id: int, asked: ReportAsked) -> EarningsReport:
    """Sum up earnings per ambassador and currency."""
    return report_queries.earnings(brand_id, asked)
