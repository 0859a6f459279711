"""What the simulator remembers: tables of Stripe's objects by id, and the platform's balance."""

import contextlib
import secrets
import string
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.demo.stripe_simulator.journal import Journal, Step
from portal.demo.stripe_simulator.refusals import JSON
from portal.kernel import clock

FRESH_BALANCE = {"usd": 1_000_000, "eur": 1_000_000}
"""Minor units that a fresh simulator holds, per currency."""

_LETTERS = string.ascii_letters + string.digits


def unix_now() -> int:
    """The wall clock in Unix seconds. Stripe does not travel in time with the demo."""
    return int(clock.wall().timestamp())


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(length))


@dataclass(frozen=True)
class Cause:
    """The call behind a change; an event names it."""

    request_id: str | None = None
    key: str | None = None


class Store:
    """The tables. Rows are replaced, never changed in place, and only inside `change()`.

    One change is whole or not there at all: in memory (an exception takes it back) and in the
    state file (one line). `heard` is told every new event, after its change is kept.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.heard: Callable[[JSON], None] = lambda _: None
        self.cause = Cause()
        self._journal = Journal(file)
        self._tables: dict[str, dict[str, Any]] = {}
        self._steps: list[Step] = []
        self._undo: list[Step] = []
        self._open = False
        for step in self._journal.read():
            self._apply(step)
        if not self._tables:
            self._fill()
        self._journal.rewrite(self._all_steps())

    # -------------------------------------------------------------- looking
    def get(self, table: str, id_: str) -> Any:
        """The row, or None."""
        return self._tables.get(table, {}).get(id_)

    def rows(self, table: str) -> list[Any]:
        """All rows, oldest first."""
        with self.lock:
            return list(self._tables.get(table, {}).values())

    def table(self, table: str) -> dict[str, Any]:
        with self.lock:
            return dict(self._tables.get(table, {}))

    def balance(self, currency: str) -> int:
        """Available minor units of the platform in that currency."""
        return int(self.get("balance", currency) or 0)

    # -------------------------------------------------------------- changing
    @contextlib.contextmanager
    def change(self, cause: Cause | None = None) -> Iterator[None]:
        """Everything put inside is kept together. Changes do not nest."""
        with self.lock:
            assert not self._open, "changes do not nest"
            self.cause, self._steps, self._undo, self._open = cause or Cause(), [], [], True
            try:
                yield
            except BaseException:
                for step in reversed(self._undo):
                    self._apply(step)
                raise
            finally:
                self._open = False
            self._journal.append(self._steps)
            fresh = [
                now[2]
                for now, before in zip(self._steps, self._undo, strict=True)
                if now[0] == "events" and before[2] is None
            ]
        for event in fresh:
            self.heard(event)

    def put(self, table: str, id_: str, value: Any) -> None:
        """Add or replace a row; None takes it out."""
        assert self._open, "rows are put inside change()"
        self._undo.append((table, id_, self.get(table, id_)))
        self._steps.append((table, id_, value))
        self._apply((table, id_, value))

    def reset(self) -> None:
        """Forget everything; the fresh balance is back."""
        with self.lock:
            self._tables.clear()
            self._fill()
            self._journal.rewrite(self._all_steps())

    def close(self) -> None:
        with self.lock:
            self._journal.close()

    def _fill(self) -> None:
        for currency, amount_minor in FRESH_BALANCE.items():
            self._apply(("balance", currency, amount_minor))

    def _apply(self, step: Step) -> None:
        table, id_, value = step
        rows = self._tables.setdefault(table, {})
        if value is None:
            rows.pop(id_, None)
        else:
            rows[id_] = value

    def _all_steps(self) -> Iterator[Step]:
        for table, rows in self._tables.items():
            for id_, value in rows.items():
                yield table, id_, value
