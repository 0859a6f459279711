"""Doors for the creator: her codes and links with what they bring."""

from flask import Blueprint

blueprint = Blueprint("reports_links", __name__, url_prefix="/creator/links")
