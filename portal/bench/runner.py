"""`portal bench`: run them all, or one by name."""

import json
import os
import platform
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from portal.bench import audit, beside, clicks, dashboards, dispatcher, door, imports, orders, runs
from portal.kernel.errors import NotFound

Measure = Callable[[], Iterator[dict[str, Any]]]
BENCHMARKS: dict[str, Measure] = {
    "redirect": clicks.measure,
    "webhook-door": door.measure,
    "webhook-to-commission": orders.measure,
    "order-files": imports.measure,
    "payout-run": runs.measure,
    "dispatcher": dispatcher.measure,
    "door-beside-run": beside.measure,
    "dashboards": dashboards.measure,
    "audit": audit.measure,
}


def run(name: str | None, *, as_json: bool, stored: int | None = None, full: bool = False) -> None:
    """Run one benchmark or all and print what they find as they find it; `stored` clicks lie in
    the databases that need many, `full` is the size that the goals name. Raises NotFound for an
    unknown name."""
    if name is not None and name not in BENCHMARKS:
        raise NotFound(f"There is no benchmark {name}. There are: {', '.join(BENCHMARKS)}.")
    machine = {"python": platform.python_version(), "cpu": _cpu(), "cores": os.cpu_count()}
    every: dict[str, Measure] = {
        **BENCHMARKS,
        "redirect": partial(clicks.measure, stored or clicks.HISTORY),
        "payout-run": partial(runs.measure, full=full),
        "dispatcher": partial(dispatcher.measure, full=full),
        "dashboards": partial(dashboards.measure, stored, full=full),
        "audit": partial(audit.measure, full=full),
    }
    chosen = {key: measure for key, measure in every.items() if name in (None, key)}
    if as_json:
        found = {key: _together(measure) for key, measure in chosen.items()}
        click.echo(json.dumps({"machine": machine, "benchmarks": found}))
        return
    click.echo(f"Machine: {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}")
    for key, measure in chosen.items():
        click.echo(f"\n{key}")
        for part in measure():  # what was found is printed even when a later part fails
            for label, value in part.items():
                click.echo(f"  {label:<58} {value}")


def _together(measure: Measure) -> dict[str, Any]:
    return {label: value for part in measure() for label, value in part.items()}


def _cpu() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    found = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
    return found or platform.processor() or platform.machine()
