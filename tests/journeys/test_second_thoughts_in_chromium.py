"""What a newcomer tries that is not the story: going back, two browsers, a run that changed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import DESK, PHONE, Demo, Visitor, chromium, demo

pytestmark = [pytest.mark.long, pytest.mark.browser]
RUNS = "/finance/northlight/runs"
STEP_SECONDS = 30
NOTE = "Ask Ada about the pour-over sets."


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("second") / "demo", scale=12) as running:
        yield running


@pytest.fixture
def own_site(chrome: Browser, tmp_path: Path) -> Iterator[Demo]:
    """For who pays all that is payable: the others would find nothing."""
    with demo(tmp_path / "demo", scale=12) as running:
        yield running


@pytest.fixture
def browser_of(chrome: Browser, site: Demo) -> Iterator[Any]:
    """A browser of somebody’s own: `browser_of("Finance, prepares")`."""
    yield from browsers(chrome, site)


@pytest.fixture
def own_browser_of(chrome: Browser, own_site: Demo) -> Iterator[Any]:
    """The same, on a demo of the test's own."""
    yield from browsers(chrome, own_site)


def browsers(chrome: Browser, site: Demo) -> Iterator[Any]:
    opened: list[Visitor] = []

    def opens(role: str, size: Any = DESK) -> Visitor:
        opened.append(Visitor(chrome, site.base_url, size).enters_as(role))
        return opened[-1]

    yield opens
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []


def confirms(person: Visitor) -> Visitor:
    """Prove who she is, by the digits that a demo shows. An app has new ones twice a minute: who
    confirms three times in one waits for them, as a person does."""
    person.sees("Confirm that it is you")
    typed, deadline = "", time.monotonic() + 2 * STEP_SECONDS
    while time.monotonic() < deadline:
        shown = re.search(r"the app shows (\d{3}) (\d{3})", person.words)
        assert shown, person.words
        if shown.group() != typed:
            person.fills("Code of your app", "".join(shown.groups())).presses("Confirm")
            refusals = ("This code is not right", "This code was used already")
            if not any(said in person.words for said in refusals):
                return person
            typed = shown.group()
        person.page.wait_for_timeout(1000)
        person.page.reload()
    raise AssertionError(f"No code worked:\n{person.words}")


def submits(dana: Visitor) -> str:
    """A run over everything payable today, in place of the one that is open; its address."""
    dana.opens(f"{RUNS}/new")
    if "is still open" in dana.words:
        dana.follows("Open ")
        if "Recall" in dana.words:
            dana.presses("Recall")
        dana.follows("Cancel run").presses("Cancel the run").sees("was cancelled").opens(
            f"{RUNS}/new"
        )
    dana.follows("Up to").presses("Calculate").sees("Check and submit")
    run = dana.page.url.split("?")[0]
    dana.follows("Check and submit").presses("Submit $").sees("Somebody else approves it now")
    return run


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_going_back_to_a_refused_form_asks_for_nothing_and_keeps_what_was_typed(browser_of, size):
    dana = browser_of("Finance, prepares", size).opens(f"{RUNS}/new")
    dana.fills("Note", NOTE).fills("Last day", "2031-01-31").presses("Calculate")
    dana.sees("There is something to correct").follows("Cancel").sees("Runs")
    dana.goes_back().sees("What it would pay")
    assert dana.value_of("Note") == NOTE
    dana.page.reload()
    dana.sees("What it would pay").sees_no("There is something to correct")


def test_going_back_to_a_form_that_came_too_late_shows_how_things_stand(browser_of):
    dana, lee = browser_of("Finance, prepares"), browser_of("Finance, approves")
    run = submits(dana)
    dana.opens(run)
    lee.opens(f"{run}/approve").fills("What should be changed", NOTE).presses("Return the run")
    lee.sees("Returned with your comment.")
    dana.presses("Recall").sees("This changed since you opened it").follows("Open it again")
    dana.sees("In review", NOTE).goes_back()
    assert dana.page.url == run
    dana.sees("In review", NOTE)


def test_a_run_that_changed_in_another_browser_is_not_approved(browser_of, site):
    dana, lee = browser_of("Finance, prepares"), browser_of("Finance, approves")
    run, sent = submits(dana), len(site.transfers())
    lee.opens(f"{run}/approve").presses("Approve $")
    confirms(lee).sees("Payments start at once")
    before = lee.page.get_by_role("button", name=re.compile("^Approve ")).inner_text()
    dana.opens(run).presses("Recall").sees("back in review")
    dana.page.get_by_role("link", name=re.compile("^Hold ")).first.click()
    dana.fills("Reason", "Her bank asks first.").presses("Hold").sees("is held out of this run")
    dana.opens(f"{run}/check").presses("Submit $").sees("Somebody else approves it now")
    lee.presses("Approve $").sees(re.compile(r"Totals changed by .\$[\d.,]+\. Review again\."))
    after = lee.page.get_by_role("button", name=re.compile("^Approve ")).inner_text()
    assert before != after
    lee.follows("Runs").goes_back().sees("Payments start at once", "held by finance")
    assert len(site.transfers()) == sent


def test_two_browsers_approve_and_one_payment_leaves_for_each(own_browser_of, own_site):
    dana, lee, other = (
        own_browser_of("Finance, prepares"),
        own_browser_of("Finance, approves"),
        own_browser_of("Finance, approves", PHONE),
    )
    run, sent = submits(dana), len(own_site.transfers())
    for window in (lee, other):
        window.opens(f"{run}/approve").presses("Approve $")
        confirms(window).sees("Payments start at once")
    found = re.search(r"to (\d+) creators?", lee.words)
    assert found, lee.words
    lee.presses("Approve $", twice=True).sees(re.compile("is approved|Before you can close"))
    other.presses("Approve $").sees("This changed since you opened it").follows("Open it again")
    other.opens(f"{run}/result").sees_in_the_end("Before you can close", seconds=60)
    gone = own_site.transfers()[sent:]
    assert len(gone) == len({one["metadata"]["payout"] for one in gone}) == int(found.group(1))
    assert [check for check in own_site.doctor()["checks"] if not check["ok"]] == []
