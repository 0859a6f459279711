"""Walks the pages one person can reach, and says in words what is wrong with each."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.support.chromium import DESK, PHONE, Visitor

SMALL = {"width": 320, "height": 640}
SERIOUS = ("serious", "critical")
OWN_NAMES = re.compile(r"^(?:[a-z]{2,5}_[\w-]{6,}|\d+|v\d+)$")
PROGRAMMER_WORDS = re.compile(r"\bNone\b|\bUndefined\b|\{\{|\bMoney\(|<\w+ object|\bNaN\b")
FILES = (".csv", ".pdf", ".txt", ".ics", ".json", ".svg", ".png")
LOOK = """() => ({
  h1: document.querySelectorAll('h1').length,
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  words: document.querySelector('main') ? document.querySelector('main').innerText : '',
  links: [...document.querySelectorAll('a[href]')].map((it) => it.href),
})"""
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = """(rules) => axe.run(document, {resultTypes: ['violations'],
  ...(rules ? {runOnly: {type: 'rule', values: rules}} : {})})
  .then((found) => found.violations.map((it) => ({
    id: it.id, impact: it.impact, where: it.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))})))"""


def shape(url: str) -> str:
    """What kind of page an address is: ids and values left out, `/runs/run_x` → `/runs/*`."""
    parts = urlsplit(url)
    path = "/".join("*" if OWN_NAMES.match(one) else one for one in parts.path.split("/"))
    views = [value for key, value in parse_qsl(parts.query) if key in ("view", "tab", "source")]
    keys = sorted({key for key, _ in parse_qsl(parts.query)})
    return f"{path}?{'&'.join(keys)}{views}" if keys else path


def barriers(page: Page) -> list[str]:
    """What axe finds serious: everything in light at a desk, the colours in dark on a phone."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = []
    for scheme, size, rules in (("light", DESK, None), ("dark", PHONE, ["color-contrast"])):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        broken = [it for it in page.evaluate(AXE, rules) if it["impact"] in SERIOUS]
        found += [f"{scheme}: {it['id']} at {it['where']}" for it in broken]
    page.emulate_media(color_scheme="light")
    return found


@dataclass
class Walk:
    """One person's walk through an area: a page of each shape, `at_most` so many in all."""

    visitor: Visitor
    inside: tuple[str, ...]
    at_most: int = 60
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _shapes: Counter[str] = field(default_factory=Counter)
    _examined: set[str] = field(default_factory=set)

    def goes(self, *starts: str) -> Walk:
        """Follow every link of the area, breadth first, looking at each page."""
        waiting, known = list(starts), set(starts)
        while waiting and len(self.seen) < self.at_most:
            url = waiting.pop(0)
            if self._shapes[shape(url)]:
                continue
            self._shapes[shape(url)] += 1
            for link in self._look(url):
                if link not in known and self._is_inside(link):
                    known.add(link)
                    waiting.append(link)
        return self

    def _is_inside(self, link: str) -> bool:
        path = link.split("?", maxsplit=1)[0]
        return any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in self.inside)

    def _look(self, url: str) -> list[str]:
        self.seen.append(url)
        page = self.visitor.page
        if url.split("?", maxsplit=1)[0].endswith(FILES):
            answer = self.visitor.context.request.get(url)
            self._expect(answer.ok, url, f"answers {answer.status}")
            return []
        self.visitor.complaints.clear()
        response = page.goto(url)
        status = response.status if response else 0
        self._expect(status == 200, url, f"answers {status}")
        found: dict[str, Any] = page.evaluate(LOOK)
        self._expect(found["h1"] == 1, url, f"has {found['h1']} h1")
        odd = PROGRAMMER_WORDS.search(found["words"])
        self._expect(odd is None, url, f"says {odd.group() if odd else ''}")
        self._expect(found["wide"] <= 0, url, f"is {found['wide']} px too wide at 390")
        page.set_viewport_size(SMALL)
        wide = page.evaluate(WIDTH)
        self._expect(wide <= 0, url, f"is {wide} px too wide at 320")
        kind = shape(url.split("?", maxsplit=1)[0])
        if kind not in self._examined:  # the views of one list share their page
            self._examined.add(kind)
            self.wrong += [f"{url} {barrier}" for barrier in barriers(page)]
        page.set_viewport_size(PHONE)
        self.wrong += [f"{url} complains: {one}" for one in self.visitor.complaints]
        base = page.url
        return [_local(urljoin(base, link), base) for link in found["links"]]

    def _expect(self, holds: bool, url: str, words: str) -> None:
        if not holds:
            self.wrong.append(f"{url} {words}")


def _local(link: str, base: str) -> str:
    here, there = urlsplit(base), urlsplit(link)
    if here.netloc != there.netloc:
        return link
    return there.path + (f"?{there.query}" if there.query else "")
