"""Doors for the brand: its creators' codes, what each brings, and what happened to it."""

from flask import Blueprint

blueprint = Blueprint("reports_codes", __name__, url_prefix="/brand/<brand:brand_id>/codes")
