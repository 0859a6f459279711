"""Vouch: brands run affiliate and ambassador programs with creators, and pay them to the cent."""

from typing import Any


def __getattr__(name: str) -> Any:
    # Re-exported lazily: `portal order preview` and the simulator need no Flask and no database.
    if name == "create_app":
        from portal.app import create_app

        return create_app
    raise AttributeError(name)
