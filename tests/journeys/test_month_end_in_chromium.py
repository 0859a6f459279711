"""A month end over 5,000 creators in a real browser, with everything going wrong in the middle.

Real server, worker and Stripe simulator. While it is sent the worker is killed, the provider's
balance falls short, twelve destinations refuse, and an order is refunded whose commission is in
the run. It ends at a difference of 0.00 and is closed; every press is counted (UX 2.3).
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.jobs.registry import registry
from portal.kernel.money import Money
from tests.support.chromium import DESK, Visitor, chromium
from tests.support.month_end import PASSWORD, REFUSED, Installation, month_end

pytestmark = [pytest.mark.long, pytest.mark.browser]
CREATORS = 5_000
MOST_TO_PREPARE, MOST_TO_APPROVE = 12, 4
ENOUGH, TOO_LITTLE = 100_000_000, 50_000  # minor units
MENDED = 5
PATIENCE_SECONDS = 900


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the processes live in real time, and so does this test."""


@pytest.fixture
def chrome() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def glow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for name in ("subscribers", "reactions", "functions", "schedule"):
        monkeypatch.setattr(registry, name, getattr(registry, name))
    memory = Path("/dev/shm")  # what a disk would take to keep each commit is not what is tried
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        with month_end(Path(folder), CREATORS) as made:
            made.starts_worker()
            yield made


class Accountant(Visitor):
    """A visitor whose presses are counted, and whose pages are timed."""

    clicks = 0

    def follows(self, link: str) -> Accountant:
        self.clicks += 1
        super().follows(link)
        return self

    def presses(self, button: str, *, twice: bool = False) -> Accountant:
        self.clicks += 1
        super().presses(button, twice=twice)
        return self

    def signs_in(self, glow: Installation, email: str) -> Accountant:
        self.opens("/sign-in/password?next=/finance/glow/runs")
        self.fills("E-mail address", email).fills("Password", PASSWORD).presses("Sign in")
        self.sees("One more step").fills("Code", glow.code_for(email)).presses("Sign in")
        self.sees("No runs yet").clicks = 0
        return self


def test_a_month_end_over_five_thousand_creators(
    chrome: Browser, glow: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    finn, faye = (Accountant(chrome, glow.base_url, DESK) for _ in range(2))
    finn.signs_in(glow, "finn@example.com")
    faye.signs_in(glow, "faye@example.com")
    run = prepares(finn, glow)
    approves(faye, glow, run)
    has_a_bad_day(faye, glow)
    mends_what_failed(finn, glow, run)
    closes(finn, glow)
    with capsys.disabled():
        print(f"\nprepared in {finn.clicks} clicks, approved in {faye.clicks}")  # noqa: T201
    assert finn.clicks <= MOST_TO_PREPARE
    assert faye.clicks <= MOST_TO_APPROVE
    assert finn.complaints + faye.complaints == []
    paid_once(glow)


def prepares(finn: Accountant, glow: Installation) -> str:
    loses_nothing_on_the_way_back(finn)
    finn.follows("New run").sees(f"{glow.creators:,} creators").presses("Calculate")
    finn.sees("Check and submit", f"{glow.ready:,}", within_seconds=60)
    finn.sees("No payout account", "Account restricted", "Below minimum", "Negative balance")
    run = finn.page.url.partition("?")[0]
    finn.follows("Check and submit").sees("What leaves", "What stays").presses("Submit $")
    finn.sees("Submitted. Somebody else approves it now.", within_seconds=60)
    finn.opens(f"{run}/approve").sees("You prepared this run, so someone else must approve it")
    return run


def loses_nothing_on_the_way_back(finn: Accountant) -> None:
    """A form that was refused, and the back button: what was typed stands there still."""
    finn.opens("/finance/glow/runs").follows("New run")
    finn.fills("Note", "Ask Ada about the pour-over sets.").fills("Last day", "2031-01-31")
    finn.presses("Calculate").sees("There is something to correct", "the future cannot be paid yet")
    assert finn.value_of("Note") == "Ask Ada about the pour-over sets."
    finn.goes_back().sees("What it would pay")
    assert finn.value_of("Note") == "Ask Ada about the pour-over sets."
    finn.opens("/finance/glow/runs").clicks = 0


def approves(faye: Accountant, glow: Installation, run: str) -> None:
    faye.opens(f"{run}/approve").sees("Recomputed from the ledger", "Sample of 1")
    faye.sees(re.compile(r"Short by \$[\d,]+\.30: top up first")).presses("Approve $")
    faye.sees(re.compile(r"balance is short by \$[\d,]+\.30\. Top it up, then approve\."))
    glow.simulator.holds(ENOUGH)
    faye.sees(re.compile(rf"Approve \$[\d,.]+ to {glow.ready:,} creators")).presses("Approve $")
    faye.sees("is approved.", f"of {glow.ready:,}")


def has_a_bad_day(faye: Accountant, glow: Installation) -> None:
    """The worker dies, the buyer is refunded, and somebody empties the provider's balance."""
    waits_until(lambda: glow.sent() >= glow.ready // 16, faye)
    glow.kills_worker()
    glow.refunds(Money.of("480.00 USD"))
    before = glow.sent()
    waits_until(lambda: done_of(faye) >= before, faye)  # the page has seen it all
    assert glow.sent() == before  # and nobody sends
    glow.starts_worker()
    waits_until(lambda: glow.sent() >= glow.ready * 7 // 8, faye)
    glow.simulator.holds(TOO_LITTLE)
    waits_until(lambda: "/result" in faye.page.url, faye)
    faye.sees(
        "Before you can close", "Account cannot receive transfers", "Provider balance too low"
    )


def mends_what_failed(finn: Accountant, glow: Installation, run: str) -> None:
    glow.simulator.holds(ENOUGH)
    refused = [
        account for account, one in glow.simulator.state()["accounts"].items()
        if one["metadata"].get("simulate")
    ]  # fmt: skip
    assert len(refused) == REFUSED
    glow.mends_accounts(refused[:MENDED])
    finn.opens(f"{run}/result").sees("can be sent again now").presses("Retry ")
    waits_until(lambda: "/result" in finn.page.url, finn)
    finn.sees("Failed", "7 can be sent again now").presses("Leave to the next run")
    finn.sees("7 left to the next run. The money is payable already.")


def closes(finn: Accountant, glow: Installation) -> None:
    finn.sees(
        f"{glow.ready - REFUSED + MENDED:,} transfers match, difference $0.00", within_seconds=90
    )
    finn.presses("Publish ").sees("are out.")
    with finn.page.expect_download() as journal:
        finn.presses("Export")
    debit, credit = columns_of(journal.value.path())
    assert debit == credit > 0
    finn.presses("Close run").sees("is closed.")


def paid_once(glow: Installation) -> None:
    """The simulator, the books and the creators tell the same story."""
    state = glow.simulator.state()
    by_payout = Counter(one["metadata"]["payout"] for one in state["transfers"])
    assert set(by_payout.values()) == {1}
    assert len(by_payout) == glow.ready - REFUSED + MENDED
    assert glow.doctor() == []


def done_of(person: Accountant) -> int:
    found = re.search(r"([\d,]+) of [\d,]+", person.words)
    return int(found.group(1).replace(",", "")) if found else 0


def waits_until(is_so: Any, person: Accountant) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, person.words
        person.page.wait_for_timeout(500)


def columns_of(file: Path) -> tuple[int, int]:
    """Debits and credits of a journal, in cents."""
    import csv

    with file.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(  # type: ignore[return-value]
        sum(int(row[side].replace(".", "")) for row in rows if row[side])
        for side in ("debit", "credit")
    )
