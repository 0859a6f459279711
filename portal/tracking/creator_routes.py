"""Doors for the creator: make a link, rename it or lead it elsewhere, pause and resume it."""

from flask import Blueprint

blueprint = Blueprint("tracking_creator", __name__, url_prefix="/creator/links")
