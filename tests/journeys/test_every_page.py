"""Every page a person can reach by links: whole, quiet, narrow enough, and without barriers.

Each role walks its own area of one demo. A page must answer 200, have one h1, fit 390 and 320 px,
let the browser's console stay empty (our policy included), and pass axe in light and dark.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.chromium import DESK, PHONE, Demo, Visitor, chromium, demo
from tests.support.crawl import Walk

pytestmark = [pytest.mark.long, pytest.mark.browser]
BRAND, FINANCE = "/brand/northlight", "/finance/northlight"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("pages") / "demo", scale=8) as running:
        yield running


@pytest.fixture
def visitor(chrome: Browser, site: Demo) -> Iterator[Visitor]:
    with Visitor(chrome, site.base_url, PHONE) as opened:
        yield opened


def test_outside(visitor):
    starts = ("/", "/sign-in", "/sign-up", "/p/northlight", "/demo/outbox", "/demo/shop")
    walk = Walk(visitor, ("/p", "/sign-in", "/sign-up", "/demo")).goes(*starts)
    assert (walk.wrong, len(walk.seen) >= 10) == ([], True)


def test_the_creators_pages(visitor):
    walk = Walk(visitor.enters_as("Creator"), ("/creator",)).goes("/creator", "/account")
    assert (walk.wrong, len(walk.seen) >= 20) == ([], True)


def test_the_brands_pages(visitor):
    walk = Walk(visitor.enters_as("Brand manager"), (BRAND,)).goes(f"{BRAND}/")
    assert (walk.wrong, len(walk.seen) >= 40) == ([], True)


def test_the_queue_by_key_leaves_the_console_silent(chrome, site):
    with Visitor(chrome, site.base_url, DESK, reduced_motion="no-preference") as mona:
        mona.enters_as("Brand manager").opens(f"{BRAND}/applications")
        name, count = mona.page.locator(".person h2"), ".sidebar .nav__count--applications"
        waiting = int(mona.page.locator(count).inner_text())

        def steps(*keys: str) -> None:
            for key in keys:
                before, tries = name.inner_text(), 0
                while name.inner_text() == before and tries < 10:  # busy pages hear no key
                    mona.types(key).page.wait_for_timeout(600)
                    tries += 1
                expect(name).not_to_have_text(before)

        # As if she had dragged the field's corner: htmx would copy the style to the next one.
        mona.page.evaluate("document.querySelector('#note').style.height = '200px'")
        steps("j", "j", "k", "a")
        mona.sees("approved.", "Undo").types("d")
        steps("1")
        mona.sees("declined.").types("u").sees("is back in the queue")
        mona.goes_back().goes_back().page.go_forward()
        steps("j")
        mona.opens(f"{BRAND}/").goes_back()
        left = int(mona.page.locator(count).inner_text())
        assert (mona.complaints, left) == ([], waiting - 1)


def test_the_preparers_pages(visitor):
    walk = Walk(visitor.enters_as("Finance, prepares"), (FINANCE,)).goes(f"{FINANCE}/")
    assert (walk.wrong, len(walk.seen) >= 20) == ([], True)


def test_the_approvers_pages(visitor, chrome, site):
    with Visitor(chrome, site.base_url, PHONE) as dana:
        dana.enters_as("Finance, prepares").follows("All runs").follows("November")
        dana.follows("Check and submit").presses("Submit $").sees("Somebody else approves it now")
        run_url = dana.page.url.split("?")[0]
        visitor.enters_as("Finance, approves")
        walk = Walk(visitor, (f"{FINANCE}/runs",), 12).goes(f"{run_url}/approve", f"{FINANCE}/runs")
        dana.opens(run_url).presses("Recall").sees("The run is back in review.")
    assert (walk.wrong, len(walk.seen) >= 8) == ([], True)


def test_the_operators_pages(visitor):
    walk = Walk(visitor.enters_as("Operator"), ("/operator",)).goes("/operator")
    assert (walk.wrong, len(walk.seen) >= 6) == ([], True)
