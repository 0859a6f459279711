"""A real browser, and a real demo to point it at."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PATIENCE_SECONDS = 240
PATIENCE_MS = 20_000


def find_chromium() -> str | None:
    """The Chromium of this machine, by its usual names."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium; skips the test, saying why, where the machine has none."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Demo:
    """A demo in its own processes."""

    base_url: str
    data: Path
    process: subprocess.Popen[bytes]

    def facts(self) -> dict[str, Any]:
        """`portal demo-facts --json`, once the story is told."""
        return json.loads(self.portal("demo-facts", "--data", str(self.data), "--json"))

    def portal(self, *arguments: str) -> str:
        """Run a `portal` command; raises CalledProcessError when it does not end well."""
        command = [sys.executable, "-m", "portal.cli", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def doctor(self) -> dict[str, Any]:
        """`portal doctor --json` of this demo."""
        return json.loads(self.portal("doctor", "--data", str(self.data), "--json"))

    def transfers(self) -> list[dict[str, Any]]:
        """What the Stripe simulator has sent."""
        address = (self.data / "simulator-address").read_text().strip()
        with urllib.request.urlopen(f"{address}/_simulator/state", timeout=10) as answer:
            return list(json.load(answer)["transfers"])


@contextlib.contextmanager
def demo(folder: Path, scale: int = 12) -> Iterator[Demo]:
    """A demo with so many ambassadors, filled and ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "portal.cli",
        "demo",
        "--port",
        str(port),
        "--data",
        str(folder),
    ]
    log = (folder.parent / f"{folder.name}.log").open("wb")
    process = subprocess.Popen(
        [*command, "--scale", str(scale)],
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(os.environ),
    )
    try:
        started = Demo(f"http://localhost:{port}", folder, process)
        _wait(started, Path(log.name))
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        log.close()


def _wait(started: Demo, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if b"Everything is in place" in log.read_bytes():
            with contextlib.suppress(urllib.error.URLError):
                urllib.request.urlopen(f"{started.base_url}/healthz", timeout=5).close()
                return
        if started.process.poll() is not None:
            break
        time.sleep(0.3)
    raise AssertionError(f"The demo did not get ready:\n{log.read_text()[-3000:]}")


class Visitor:
    """One person at one browser window: opens, fills, presses and sees what a person does.

    Everything is found by the words on the screen, and only what is visible counts. What the
    pages complain about (console errors, refused by the policy) is collected in `complaints`.
    """

    def __init__(self, browser: Browser, base_url: str, size: Any, **options: Any) -> None:
        options = {"reduced_motion": "reduce", "color_scheme": "light", **options}
        self.context = browser.new_context(viewport=size, base_url=base_url, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    # ---- going places
    def opens(self, url: str) -> Visitor:
        self.page.wait_for_load_state()  # Chromium aborts both when one page follows another
        self.page.goto(url)
        return self

    def enters_as(self, role: str) -> Visitor:
        """Step into one of the demo's roles by its card."""
        return self.opens("/").presses(role)

    def follows(self, link: str) -> Visitor:
        """Click the first visible link that says so."""
        self._visible(self.page.get_by_role("link", name=link)).click()
        self.page.wait_for_load_state()
        return self

    def goes_back(self) -> Visitor:
        self.page.go_back()
        return self

    def in_another_tab(self) -> Visitor:
        """Go on in a second tab of the same browser."""
        self.page = self.context.new_page()
        return self

    def has_security_key(self) -> Visitor:
        """Give this window a passkey device that answers by itself, as a finger on a sensor does."""
        device = self.context.new_cdp_session(self.page)
        device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                   "hasUserVerification": True, "isUserVerified": True,
                   "automaticPresenceSimulation": True}  # fmt: skip
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return self

    # ---- forms
    def fills(self, label: str, value: str) -> Visitor:
        self._visible(self.page.get_by_label(label)).fill(value)
        return self

    def chooses(self, label: str, option: str | None = None) -> Visitor:
        """Tick a box, pick a radio button, or an option of a list."""
        field = self._visible(self.page.get_by_label(label))
        if option is None:
            field.check()
        else:
            field.select_option(label=option)
        return self

    def presses(self, button: str, *, twice: bool = False) -> Visitor:
        """Press the first visible button that begins with these words."""
        found = self._visible(
            self.page.get_by_role("button", name=re.compile(f"^{re.escape(button)}"))
        )
        found.dblclick() if twice else found.click()
        self.page.wait_for_load_state()
        return self

    def posts(self, url: str, **values: str) -> str:
        """What a bare POST with this page's own token is told: no form of ours was used."""
        token = self.page.locator("input[name=csrf_token]").first.input_value()
        answer = self.context.request.post(url, form={"csrf_token": token, **values})
        return answer.text()

    def types(self, key: str) -> Visitor:
        """Press one key, when the page listens again (it ignores keys just after a swap)."""
        self.page.wait_for_timeout(400)
        self.page.keyboard.press(key)
        return self

    # ---- looking
    def sees(
        self, *texts: str | re.Pattern[str], within_seconds: float = PATIENCE_MS / 1000
    ) -> Visitor:
        for text in texts:
            found = self.page.get_by_text(text).filter(visible=True).first
            expect(found, f"“{text}” on {self.page.url}").to_be_visible(
                timeout=within_seconds * 1000
            )
        if self.is_wider_than_screen():
            self.complaints.append(f"{self.page.url} scrolls sideways.")
        return self

    def sees_in_the_end(self, text: str, seconds: float = 30) -> Visitor:
        """Reload until the page reads so: for what the worker does, and without a script."""
        deadline = time.monotonic() + seconds
        while text not in self.words:
            assert time.monotonic() < deadline, (
                f"“{text}” never came to {self.page.url}:\n{self.words}"
            )
            self.page.wait_for_timeout(500)
            self.page.reload()
        return self

    def sees_no(self, text: str) -> Visitor:
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)
        return self

    def value_of(self, label: str) -> str:
        """What stands in a field."""
        return self._visible(self.page.get_by_role("textbox", name=label)).input_value()

    @property
    def words(self) -> str:
        """Everything the page says, as a person reads it."""
        return " ".join(self.page.locator("body").inner_text().split())

    def reads_mail(self, to: str, subject: str, seconds: float = 30) -> str:
        """The newest mail to this address whose subject holds these words, from the outbox."""
        with contextlib.closing(self.context.new_page()) as desk:
            deadline = time.monotonic() + seconds
            row = desk.get_by_role("link").filter(has_text=f"To {to},").filter(has_text=subject)
            desk.goto("/demo/outbox")
            while not row.count():
                assert time.monotonic() < deadline, f"No mail “{subject}” to {to} came."
                desk.wait_for_timeout(500)
                desk.reload()
            row.first.click()
            return desk.locator("main").inner_text()

    def is_wider_than_screen(self) -> bool:
        """Whether the page scrolls sideways: nothing of ours may (LOOK §3)."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    # ---- inside
    def _visible(self, found: Locator) -> Locator:
        return found.filter(visible=True).first

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)
