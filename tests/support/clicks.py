"""Take in what the click path has written: an ingester for one moment."""

from contextlib import suppress

from flask import Flask, current_app

from portal.storage.model import db
from portal.tracking.ingester import Ingester


def ingest() -> int:
    """Everything in the app's spool goes into the database; returns how many lines."""
    taken = Ingester(current_app.extensions["portal.clicks"].spool.folder).catch_up()
    db.session.remove()
    return taken


def forget(app: Flask) -> None:
    """Leave nothing of a test's clicks to the next: no line, no remembered link, no last id."""
    clicks = app.extensions["portal.clicks"]
    clicks.memory.forget()
    clicks.spool.close()
    for path in clicks.spool.folder.glob("*"):
        with suppress(FileNotFoundError):
            path.unlink()
