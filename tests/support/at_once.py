"""Several at the same moment, as the workers and people of one installation are."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask

from portal.kernel.errors import Conflict
from portal.storage.model import db
from tests.support.assignments import do

PATIENCE_SECONDS = 60


def at_once(app: Flask, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of this at the same moment, each in a thread with a connection of its own: what each
    gave, or the Conflict that refused it. Any other error is the test's."""
    ready = threading.Barrier(len(deeds))

    def act(deed: Callable[[], Any]) -> Any:
        with app.app_context():
            ready.wait(PATIENCE_SECONDS)
            try:
                return deed()
            except Conflict as refusal:
                return refusal
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(act, deeds))


def outcomes(app: Flask, deeds: Sequence[Callable[[], Any]]) -> Counter[str]:
    """How often each word was given, or each kind of Conflict refused."""
    return Counter(
        type(one).__name__ if isinstance(one, Conflict) else str(one) for one in at_once(app, deeds)
    )


def done(app: Flask, acts: Mapping[str, Callable[[], Any]]) -> list[str]:
    """Do these at the same moment, each in a unit of its own; the names of those not refused."""
    found = at_once(app, [partial(do, act) for act in acts.values()])
    return [name for name, one in zip(acts, found, strict=True) if not isinstance(one, Conflict)]
