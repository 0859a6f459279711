"""The whole story in a real browser, as its people walk it: on a phone, at a desk, without a script.

One demo serves every test of this file; each story brings its own applicant, so that their order
does not matter.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import DESK, PHONE, Demo, Visitor, chromium, demo
from tests.support.crawl import barriers

pytestmark = pytest.mark.browser
FINANCE = "/finance/northlight"
PASSWORD = "demo-demo-demo"
TOLD = re.compile("is approved|This changed since you opened it|Before you can close")
OVER = re.compile("Every payout has its end|Before you can close")


@dataclass(frozen=True)
class Way:
    """How one story is walked, and who applies in it."""

    name: str
    email: str
    size: dict[str, int]
    has_script: bool = True
    by_keys: bool = False
    has_passkey: bool = False  # its approver proves herself by a passkey, the others by an app
    is_examined: bool = False  # its pages that no link leads to are shown to axe as well

    @property
    def code(self) -> str:
        return f"{self.name.split()[0].upper()}15"


WAYS = {
    "phone": Way("Ida Example", "ida@applicant.example", PHONE, is_examined=True),
    "desk": Way("Ben Example", "ben@applicant.example", DESK, by_keys=True, has_passkey=True),
    "plain": Way("Cleo Example", "cleo@applicant.example", PHONE, has_script=False),
}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("story") / "demo", scale=8) as running:
        yield running


@pytest.fixture
def somebody(chrome: Browser, site: Demo) -> Iterator[Any]:
    """A new window: `somebody()` at a phone, `somebody(way)` as that way has it."""
    opened: list[Visitor] = []

    def opens(way: Way = WAYS["phone"], **options: Any) -> Visitor:
        options.setdefault("java_script_enabled", way.has_script)
        opened.append(Visitor(chrome, site.base_url, way.size, **options))
        return opened[-1]

    yield opens
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []


def examine(person: Visitor, way: Way) -> None:
    if way.is_examined:
        assert barriers(person.page) == [], person.page.url
        person.page.set_viewport_size(way.size)


def digits_in(letter: str) -> str:
    found = re.search(r"\b(\d{3}) ?(\d{3})\b", letter)
    assert found, letter
    return "".join(found.groups())


# ---- the story
@pytest.mark.parametrize("way", [
    pytest.param(way, id=name, marks=[] if name == "desk" else pytest.mark.long)
    for name, way in WAYS.items()
])  # fmt: skip
def test_one_order_end_to_end(way, somebody, site):
    creator, shopper = somebody(way), somebody(way)
    applies(creator, way)
    approves(somebody(way), way)
    link = accepts(creator, way)
    sets_up_payouts(creator)
    buys(shopper, link, way)
    sees_the_sale(creator, way)
    refunds_half(shopper)
    creator.opens("/creator/earnings").sees_in_the_end("−$42.84")
    shopper.opens("/").presses("+ 30 days").sees("The portal’s clock is now 30 days later")
    creator.opens("/creator").sees_in_the_end("Payable to you $42.84")
    sent_before = len(site.transfers())
    run_url, count = submits_a_run(somebody(way), way)
    approves_the_run(somebody(way), run_url, way)
    creator.opens("/creator/payouts").sees_in_the_end("Paid").follows("Up to").sees("Trace id")
    sent = {one["id"]: one["amount"] for one in site.transfers()[sent_before:]}
    trace = re.search(r"Trace id (\w+)", creator.sees("$42.84").words).group(1)
    assert (len(sent), sent[trace]) == (count, 4284)
    assert [check for check in site.doctor()["checks"] if not check["ok"]] == []


def applies(creator: Visitor, way: Way) -> None:
    creator.opens("/").sees("Step into a role", "One click, no password", "Brand manager")
    creator.follows("Northlight ambassadors").sees("Earn 12% of each sale.").follows("Apply")
    creator.presses("Send application").sees("There is something to correct", "Write your name.")
    creator.fills("Name", way.name).fills("E-mail", way.email)
    creator.chooses("Country", "United States").chooses("I am 18 or older")
    creator.fills("Profile link or handle", f"instagram.com/{way.code.lower()}.brews")
    creator.fills("Followers", "18,400").chooses("Northlight Coffee may read")
    creator.presses("Send application").sees("Type the code from your mail", way.email)
    examine(creator, way)
    code = digits_in(creator.reads_mail(way.email, "code"))
    wrong = "111111" if code != "111111" else "222222"
    creator.fills("6-digit code", wrong)
    if not way.has_script:
        creator.presses("Send application")
    creator.sees("This code is not right.")
    creator.fills("6-digit code", code)
    if not way.has_script:
        creator.presses("Send application")
    creator.sees("Your application is with Northlight Coffee", "usually within 3 days", "Reference")
    examine(creator, way)


def approves(manager: Visitor, way: Way) -> None:
    manager.enters_as("Brand manager").follows("Applications").follows(way.name)
    manager.sees("Scorecard", way.code)
    if not way.by_keys:
        manager.presses("Approve").sees(f"{way.name} approved.").presses("Send now")
        return
    manager.types("a").sees(f"{way.name} approved.", "The mail leaves in")
    manager.types("u").sees(f"{way.name} is back in the queue. Nothing was sent.")
    manager.types("a").sees(f"{way.name} approved.")


def accepts(creator: Visitor, way: Way) -> str:
    letter = creator.reads_mail(way.email, "said yes", seconds=60)
    creator.opens(re.search(r"http://localhost:\d+(/creator\S+)", letter).group(1))
    creator.presses("Accept and get my code").sees("Tick the box to accept the terms.")
    examine(creator, way)
    creator.chooses("I have read these terms").presses("Accept and get my code")
    creator.sees("Your code works")
    examine(creator, way)
    assert creator.value_of("Your code") == way.code
    return f"http://{creator.value_of('Your link')}"


def sets_up_payouts(creator: Visitor) -> None:
    creator.follows("Set up payouts").presses("Connect with Stripe").follows("Continue at Stripe")
    creator.presses("Finish set-up").sees("How you are paid").sees_in_the_end("Ready")
    creator.opens("/creator")


def buys(shopper: Visitor, link: str, way: Way) -> None:
    shopper.opens(link).sees("You came by an affiliate link.")
    assert "vclid=" in shopper.page.url
    shopper.chooses("Three-month subscription").fills("Pieces", "10")
    shopper.fills("Discount code", "NOSUCH1").presses("Pay").sees("does not know the code NOSUCH1")
    shopper.fills("Discount code", way.code.lower()).presses("Pay")
    shopper.sees("is paid. The shop has told the portal.", "$714.00")


def sees_the_sale(creator: Visitor, way: Way) -> None:
    if way.has_script:
        creator.sees("+$85.68")
    creator.opens("/creator").sees_in_the_end("+$85.68").follows("Sale of $714.00")
    creator.sees("How it was worked out", "$85.68", "× 12%", "Why it is yours")
    creator.sees(f"{way.code} was typed at checkout", "Payable on")


def refunds_half(shopper: Visitor) -> None:
    shopper.presses("Refund half").sees("$357.00 went back to the buyer.")


def submits_a_run(preparer: Visitor, way: Way) -> tuple[str, int]:
    preparer.enters_as("Finance, prepares").sees("Runs that wait").opens(f"{FINANCE}/runs/new")
    if "is still open" in preparer.words:
        preparer.follows("Open ").follows("Cancel run").presses("Cancel the run").sees(
            "was cancelled"
        )
        preparer.opens(f"{FINANCE}/runs/new")
    preparer.follows("Up to").presses("Calculate").sees("Check and submit", way.name)
    run_url = preparer.page.url.split("?")[0]
    preparer.follows("Check and submit").sees("What leaves", "What stays")
    count = int(re.search(r"for (\d+) creators?", preparer.words).group(1))
    preparer.presses("Submit $")
    preparer.sees("Submitted. Somebody else approves it now.")
    preparer.opens(f"{run_url}/approve")
    preparer.sees("You prepared this run, so someone else must approve it", "Lee Park")
    preparer.sees_no("Payments start at once")
    by_address = preparer.posts(f"{run_url}/approve", control_hash="x", net_minor="1")
    assert "Your role does not open this page" in by_address
    return run_url, count


def approves_the_run(approver: Visitor, run_url: str, way: Way) -> None:
    approver.enters_as("Finance, approves")
    if way.has_passkey:
        adds_a_passkey(approver)
        signs_in_by_passkey(approver)
        approver.enters_as("Finance, approves")
    approver.opens(f"{run_url}/approve")
    examine(approver, way)
    approver.presses("Approve $").sees("Confirm that it is you")
    examine(approver, way)
    if way.has_passkey:
        approver.presses("Use a passkey").sees("Payments start at once")
    else:
        approver.fills("Code of your app", "000000").presses("Confirm").sees("not right")
        confirms_by_app(approver).sees("Payments start at once")
    first_tab = approver.page
    second_tab = approver.in_another_tab().opens(f"{run_url}/approve").page
    approver.page = first_tab
    approver.presses("Approve $", twice=True)
    if way.has_script:  # the page follows by itself, to its end
        approver.sees(OVER, within_seconds=60)
    else:  # both presses were sent, and the second was told that the first had worked
        approver.sees(TOLD).opens(f"{run_url}/result")
    approver.sees_in_the_end("Before you can close", seconds=60).sees("Sent to", "Completed")
    examine(approver, way)
    if way.has_script:
        approver.goes_back().sees_no("Payments start at once")
    approver.page = second_tab
    approver.presses("Approve $").sees("This changed since you opened it")
    approver.follows("Open it again").sees("Completed")


def confirms_by_app(person: Visitor) -> Visitor:
    """Type the digits that, in a demo, stand under the field."""
    shown = re.search(r"the app shows (\d{3}) (\d{3})", person.words)
    assert shown, person.words
    return person.fills("Code of your app", "".join(shown.groups())).presses("Confirm")


def adds_a_passkey(person: Visitor) -> None:
    person.has_security_key()
    person.opens("/account/security").follows("Add a passkey").sees("Confirm that it is you")
    confirms_by_app(person).sees("Add a passkey")
    person.presses("Make the passkey").fills("Name of this passkey", "Lee’s laptop")
    person.presses("Make the passkey").sees("The passkey “Lee’s laptop” is added.")
    person.sees("Authenticator app", "Add a passkey")


def signs_in_by_passkey(person: Visitor) -> None:
    person.opens("/account").presses("Sign out").sees("You are signed out.")
    person.opens(f"/sign-in/password?next={FINANCE}/runs")
    person.fills("E-mail address", "lee@demo.example").fills("Password", PASSWORD)
    person.presses("Sign in").sees("One more step").presses("Use a passkey")
    person.page.wait_for_url(lambda url: urlsplit(url).path == f"{FINANCE}/runs")


# ---- what goes wrong, and what people read then
def test_a_wrong_password_is_told_and_the_address_kept(somebody):
    sam = somebody().opens("/sign-in/password")
    sam.fills("E-mail address", "sam@demo.example").fills("Password", "guessed").presses("Sign in")
    sam.sees("There is something to correct", "do not go together")
    assert sam.value_of("E-mail address") == "sam@demo.example"
    sam.fills("Password", PASSWORD).presses("Sign in").sees("Waiting for you")


def test_a_code_works_once_and_for_ten_minutes(somebody, site):
    noor = somebody()
    asks_for_a_code(noor, "noor@demo.example")
    with sqlite3.connect(site.data / "portal.sqlite") as kept:
        kept.execute("UPDATE sign_in_challenges SET expires_at = '2020-01-01 00:00:00.000000'")
    noor.fills("Code", digits_in(noor.reads_mail("noor@demo.example", "code")))
    noor.presses("Sign in").sees("This code has expired")
    maya = somebody()
    asks_for_a_code(maya, "maya@demo.example")
    code = digits_in(maya.reads_mail("maya@demo.example", "code"))
    first_tab = maya.page
    maya.in_another_tab().opens("/sign-in/code").fills("Code", code).presses("Sign in")
    maya.sees("Payable to you").page = first_tab
    maya.fills("Code", code).presses("Sign in").sees("open for too long, or in another window")
    later = somebody()
    asks_for_a_code(later, "maya@demo.example")
    later.fills("Code", code).presses("Sign in").sees("This code is not right.")


def asks_for_a_code(person: Visitor, address: str) -> None:
    person.opens("/sign-in").fills("E-mail address", address)
    person.presses("E-mail me a code").sees("Type the code")


def test_somebody_elses_address_is_not_found(somebody):
    dana = somebody().enters_as("Finance, prepares").opens(f"{FINANCE}/commissions")
    row = dana.page.get_by_role("row").filter(has_not_text="Maya").filter(has_text="$").first
    theirs = row.get_by_role("link").first.get_attribute("href").rpartition("/")[2]
    assert theirs.startswith("com_")
    maya = somebody().enters_as("Creator")
    maya.opens(f"/creator/earnings/{theirs}").sees("There is no such page")
    for address in ("/brand/northlight/orders", f"{FINANCE}/runs"):
        maya.opens(address).sees("There is no such page", "or it is not yours")
    maya.opens("/operator").sees("Your role does not open this page")
    sam = somebody().enters_as("Reviewer").opens(f"{FINANCE}/runs")
    sam.sees("Your role does not open this page")
    somebody().opens(f"{FINANCE}/runs").sees("E-mail me a code")
