"""The `portal` command. Thin: each verb calls one room (CONTRACTS.md lists them)."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from portal.kernel.errors import PortalError

DEMO_DATA = Path("var/demo")
SOURCES = ["shopify", "woocommerce", "stripe", "csv"]


class Sentences(click.Group):
    """Errors of ours end with one sentence on stderr and exit status 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PortalError as error:
            click.echo(error.message, err=True)
            ctx.exit(2)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vouch-portal", prog_name="portal")
def main() -> None:
    """Vouch: affiliate and ambassador programs, from the first click to the payout."""


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=DEMO_DATA, show_default=True)
@click.option("--empty", is_flag=True, help="Start without demo data.")
@click.option(
    "--scale", default=60, show_default=True, type=click.IntRange(8, 5_000, clamp=True),
    help="How many ambassadors to make up, 8 to 5,000.",
)  # fmt: skip
def demo(port: int, host: str, data: Path, empty: bool, scale: int) -> None:
    """Everything in one go: database, demo data, Stripe simulator, server, worker."""
    from portal.demo import stage

    stage.run(port=port, host=host, data=data, empty=empty, scale=scale)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, show_default=True)
def serve(port: int, host: str, workers: int) -> None:
    """Run the web server."""
    from portal import serving

    serving.serve(host=host, port=port, workers=workers)


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="A demo's data folder.")
def ingest(data: Path | None) -> None:
    """Take clicks from the spool into the database; `portal serve` starts this by itself."""
    from portal import serving

    serving.ingest(data)


@main.command()
@click.option("--threads", type=click.IntRange(1, 32), default=4, show_default=True)
def work(threads: int) -> None:
    """Run a worker, until SIGTERM; the jobs in hand are finished."""
    from portal import serving

    serving.work(threads=threads)


@main.group()
def db() -> None:
    """The database schema."""


@db.command()
def upgrade() -> None:
    """Bring the schema to this version."""
    from portal import serving

    serving.upgrade()


@main.command()
def assets() -> None:
    """Fetch and build the browser files (htmx, font, icons) from npm."""
    from portal import assets as browser_files

    home = Path(__file__).parent.parent
    browser_files.build(home, home / "static" / "vendor")


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="A demo's data folder.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--settings", "only_settings", is_flag=True, help="List the settings and stop.")
def doctor(data: Path | None, as_json: bool, only_settings: bool) -> None:
    """Hold every invariant against the database. Exit status 0 only when all hold."""
    from portal import doctor as the_doctor

    if only_settings:
        click.echo("\n".join(the_doctor.settings_lines()))
        return
    report = the_doctor.examine(data)
    click.echo(json.dumps(report.as_json()) if as_json else "\n".join(report.lines()))
    sys.exit(0 if report.ok else 1)


@main.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("--data", type=click.Path(path_type=Path), help="A demo's data folder.")
@click.option("--json", "as_json", is_flag=True)
def verify(data: Path | None, as_json: bool) -> None:
    """Hold audit trail and books against their hash chains. Exit status 0 only when all is as it
    was sealed; otherwise the first bad row is named."""
    from portal import serving

    reports = serving.verify_chains(data)
    found = {"ok": all(one.ok for one in reports), "chains": [one.as_json() for one in reports]}
    lines = [line for one in reports for line in one.lines()]
    click.echo(json.dumps(found) if as_json else "\n".join(lines))
    sys.exit(0 if found["ok"] else 1)


@main.group()
def order() -> None:
    """Single orders."""


@order.command()
@click.option("--source", required=True, type=click.Choice(SOURCES))
@click.option("--topic", help="The provider's name for the event; guessed when missing.")
@click.argument("file", type=click.File("rb"))
def preview(source: str, topic: str | None, file: Any) -> None:
    """Say what a payload means, as JSON. Nothing is stored."""
    from portal.integrations.preview import preview as read

    click.echo(json.dumps(read(source, topic, file.read()), ensure_ascii=False))


@main.group()
def orders() -> None:
    """Many orders."""


@orders.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", required=True, help="The brand's slug.")
@click.option("--data", type=click.Path(path_type=Path), help="A demo's data folder.")
@click.option("--dry-run", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
def import_orders(file: Path, brand: str, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Bring in orders and refunds from a CSV file. Repeating it changes nothing."""
    from portal import serving

    report = serving.import_orders(file, brand, data, dry_run=dry_run)
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else report.text())


@main.group()
def secrets() -> None:
    """Secrets in the database."""


@secrets.command()
@click.option("--data", type=click.Path(path_type=Path), help="A demo's data folder.")
def reseal(data: Path | None) -> None:
    """Seal everything again with the first of PORTAL_ENCRYPTION_KEYS. Repeating it does nothing."""
    from portal import serving

    click.echo(f"{serving.reseal(data)} secrets were sealed again with the newest key.")


@main.group()
def factors() -> None:
    """Second factors of people."""


@factors.command("reset")
@click.argument("email")
@click.option("--reason", required=True, help="How you know that it is she. Kept in the trail.")
@click.option("--data", type=click.Path(path_type=Path), help="A demo's data folder.")
def reset_factors(email: str, reason: str, data: Path | None) -> None:
    """Take the second factors of EMAIL, who lost them all and has no other operator to ask. She is
    signed out and told by mail; the audit trail says that it was done on the machine."""
    from portal import serving

    click.echo(serving.reset_factors(email, reason, data))


@main.command("demo-facts")
@click.option("--data", type=click.Path(path_type=Path), default=DEMO_DATA, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def demo_facts(data: Path, as_json: bool) -> None:
    """What a script needs to play shopper or shop in a demo."""
    from portal.demo import facts

    found = facts.of(data)
    click.echo(json.dumps(found) if as_json else json.dumps(found, indent=2))


@main.command("stripe-simulator")
@click.option("--port", default=12111, show_default=True)
def stripe_simulator(port: int) -> None:
    """Run the Stripe-compatible server on loopback."""
    from portal.demo import stripe_simulator as simulator

    simulator.serve(port=port)


@main.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True)
@click.option("--clicks", type=int, help="Stored clicks for `redirect` and `dashboards`.")
@click.option("--full", is_flag=True, help="At the sizes that the goals name: minutes each.")
def bench(name: str | None, as_json: bool, clicks: int | None, full: bool) -> None:
    """Run the benchmarks; each prints ratios and the machine."""
    from portal.bench import runner

    runner.run(name, as_json=as_json, stored=clicks, full=full)


if __name__ == "__main__":
    os.umask(0o077)
    main()
