"""A payout run: calculated, submitted, approved; against a raw aggregate and a loop of objects.

A run pays balances and never touches commissions, so what it costs follows the creators; the two
yardsticks look at every line.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import text

from portal.bench import earned, objects
from portal.bench.earned import Size
from portal.bench.ground import Ground, databases, ground
from portal.identity import commands as identity
from portal.kernel import clock
from portal.ledger import queries as books
from portal.payouts import commands as payouts
from portal.payouts import queries
from portal.payouts.models import PayoutRun
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

SIZE, FULL = Size(5_000, 20), Size(50_000, 20)
HISTORY, FULL_HISTORY = Size(1_000, 20, 1, 1), Size(2_500, 20, 1, 1)
TENFOLD, ROUNDS, SAMPLE = 10, 3, 250
AGGREGATE = """SELECT a.creator_id, e.currency, SUM(e.amount_minor) FROM ledger_entries e
    JOIN ledger_accounts a ON a.id = e.account_id WHERE a.state = 'payable' AND a.brand_id = :brand
    GROUP BY a.creator_id, e.currency"""


def measure(*, full: bool = False) -> Iterator[dict[str, Any]]:
    """Each step on each database, then how much settled history costs; `full`: a million lines
    over 50,000 creators, and half a million settled ones."""
    for label, url in databases().items():
        for part in (_whole(url, FULL if full else SIZE),
                     _history(url, FULL_HISTORY if full else HISTORY)):  # fmt: skip
            for found in part:
                yield {f"{label}, {key}": value for key, value in found.items()}


def _whole(url: str, size: Size) -> Iterator[dict[str, Any]]:
    with ground(url, 1) as laid:
        earned.write(laid, size)
        with unit_of_work():
            second = identity.register(email="second@bench.example", name="Second", password=None)
        raw = median(_timed(lambda: _aggregate(laid)) for _ in range(ROUNDS))
        yield {f"raw aggregate of {size.owed:,} lines, ms": round(raw * 1000)}
        runs = _drafted(laid)
        steps: dict[str, Callable[[PayoutRun], object]] = {
            "calculate": lambda run: payouts.calculate(run.id, by=laid.owner),
            "submit": lambda run: payouts.submit_run(run.id, "", by=laid.owner),
            "approve": lambda run: payouts.approve_run(run.id, run.control_hash, by=second.id),
        }
        spent = {}
        for name, step in steps.items():
            spent[name] = _timed(partial(_each_in_unit, step, runs))
            yield {f"{name}, s (÷ aggregate)": f"{spent[name]:.2f} ({spent[name] / raw:.1f})"}
        ours = sum(spent.values())
        yield _over(laid, runs, size, ours, raw)


def _over(
    laid: Ground, runs: Sequence[PayoutRun], size: Size, ours: float, raw: float
) -> dict[str, Any]:
    found, wrong = [queries.run(run.id) for run in runs], books.violations()
    sample = min(SAMPLE, size.creators)
    loop = objects.pay(laid, found[0], sample) * size.creators / sample
    count = sum(run.payout_count for run in found)
    return {
        f"the whole run of {count:,} payouts, s (÷ aggregate)": f"{ours:.2f} ({ours / raw:.1f})",
        f"loop of objects, s (from {sample:,} of {size.creators:,})": f"{loop:,.0f}",
        "loop of objects ÷ the whole run": f"{loop / ours:.0f}",
        "net, and violations of the books": f"{', '.join(str(run.net) for run in found)}; "
        f"{len(wrong)}",
    }


def _history(url: str, size: Size) -> Iterator[dict[str, Any]]:
    seen = []
    for months in (size.months, size.months * TENFOLD):
        with ground(url, 1) as laid:
            earned.write(laid, Size(size.creators, size.lines, months, size.currencies))
            run = _drafted(laid)[0]
            again = partial(_each_in_unit, _calculate, [run])
            seen.append(median(_timed(again) for _ in range(ROUNDS + 2)))
    once, tenfold = seen
    lines = size.owed * size.months
    yield {
        f"calculate with {lines:,} settled lines and {lines * TENFOLD:,}, s": f"{once:.2f} and "
        f"{tenfold:.2f} ({tenfold / once:.2f})"
    }


def _drafted(laid: Ground) -> list[PayoutRun]:
    with unit_of_work():
        found = db.session.execute(text("SELECT DISTINCT currency FROM bench_places ORDER BY 1"))
        return [
            payouts.draft_run(laid.brand.id, currency, "Bench", clock.now(), by=laid.owner)
            for (currency,) in found.all()
        ]


def _aggregate(laid: Ground) -> None:
    db.session.execute(text(AGGREGATE), {"brand": laid.brand.id}).all()
    end_read()


def _calculate(run: PayoutRun) -> None:
    payouts.calculate(run.id, by=None)


def _each_in_unit(act: Callable[[PayoutRun], object], runs: Sequence[PayoutRun]) -> None:
    for run in runs:
        with unit_of_work():
            act(queries.run(run.id))
        end_read()


def _timed(act: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
