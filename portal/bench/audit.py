"""The sealed audit trail: sealing and verifying a chain of many rows, by the worker's own jobs."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import text

from portal.bench.ground import Ground, databases, ground
from portal.bench.history import NUMBERS, as_kept
from portal.bench.memory import forget_peak, peak
from portal.chain import checkpoints, jobs, queries
from portal.chain.rules import AUDIT
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

ROWS, FULL, SLICE = 100_000, 1_000_000, 250_000
ENTRIES = """INSERT INTO audit_entries (at, actor_id, brand_id, act, subject_kind, subject_id,
        facts) {numbers}
    SELECT :at, i % 40, i % 7, 'commission.earned', 'commission', i,
        CAST('{{"order": "B-' || i || '", "amount_minor": ' || (900 + i % 5000) ||
            ', "currency": "USD"}}' AS {json})
    FROM n"""


def measure(*, full: bool = False) -> Iterator[dict[str, Any]]:
    """Rows a second, and memory, on each database; `full`: a million rows."""
    rows = FULL if full else ROWS
    for label, url in databases().items():
        with ground(url, 1) as laid, laid.app.app_context():
            _write(rows)
            for name, act in (("sealing", _seal), ("verifying", _verify)):
                yield {f"{label}, {key}": found for key, found in _step(name, act, laid).items()}


def _write(rows: int) -> None:
    dialect = db.engine.dialect.name
    json = "TEXT" if dialect == "sqlite" else "JSON"
    entries = text(ENTRIES.format(numbers=NUMBERS[dialect], json=json))
    for start in range(0, rows, SLICE):
        with unit_of_work():
            part = {"start": start, "stop": min(start + SLICE, rows), "at": as_kept(clock.now())}
            db.session.execute(entries, part)
    end_read()


def _step(name: str, act: Callable[[Ground], int], laid: Ground) -> dict[str, Any]:
    before, started = forget_peak(), time.perf_counter()
    rows = act(laid)
    spent = time.perf_counter() - started
    return {
        f"{name} {rows:,} rows, a second": f"{rows / spent:,.0f} ({spent:.1f} s)",
        f"{name}, largest memory, MB (before)": f"{peak()} ({before})",
    }


def _seal(laid: Ground) -> int:
    while queries.waiting_for_seal(AUDIT):
        end_read()
        jobs.seal_new(laid.settings.data)
    head = queries.head_of(AUDIT)
    assert head is not None
    return head.row_count


def _verify(laid: Ground) -> int:
    report = queries.verified(AUDIT, checkpoints.kept(laid.settings.data, AUDIT))
    if not report.ok or report.waiting:
        raise RuntimeError("\n".join(report.lines()))
    return report.rows
