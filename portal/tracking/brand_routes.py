"""Doors for the brand: pause, resume, retire and replace a creator's code, each after a check."""

from flask import Blueprint

blueprint = Blueprint("tracking_brand", __name__, url_prefix="/brand/<brand:brand_id>/codes")
