"""A real browser, and a real demo to point it at."""

from __future__ import annotations

import contextlib
import json
import os
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
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PATIENCE_SECONDS = 120


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
    """One person at one browser window; collects what the page complains about."""

    def __init__(self, browser: Browser, base_url: str, size: Any, **options: Any) -> None:
        self.context = browser.new_context(viewport=size, base_url=base_url, **options)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def is_wider_than_screen(self) -> bool:
        """Whether the page scrolls sideways: nothing of ours may (LOOK §3)."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )
