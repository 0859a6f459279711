"""Walks the pages one person can reach, and says in words what is wrong with each."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.support.chromium import PHONE, Visitor

SMALL = {"width": 320, "height": 640}
SERIOUS = ("serious", "critical")
OWN_NAMES = re.compile(r"^(?:[a-z]{2,5}_[\w-]{6,}|\d+|v\d+)$")
PROGRAMMER_WORDS = re.compile(r"\bNone\b,|\bUndefined\b|\{\{|\bMoney\(|<\w+ object|\bNaN\b")
FILES = (".csv", ".txt", ".ics", ".json", ".svg", ".png")
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


@dataclass
class Walk:
    """One person's walk through an area, at most `each` pages of a shape and `at_most` in all."""

    visitor: Visitor
    inside: tuple[str, ...]
    at_most: int = 40
    each: int = 1
    axe: bool = True
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def goes(self, *starts: str) -> Walk:
        """Follow every link of the area, breadth first, looking at each page."""
        waiting, known, shapes = list(starts), set(starts), Counter[str]()
        while waiting and len(self.seen) < self.at_most:
            url = waiting.pop(0)
            if shapes[shape(url)] >= self.each:
                continue
            shapes[shape(url)] += 1
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
        page.set_viewport_size(PHONE)
        response = page.goto(url)
        self._expect(response is not None and response.status == 200, url,
                     f"answers {response.status if response else 'nothing'}")  # fmt: skip
        found: dict[str, Any] = page.evaluate(LOOK)
        self._expect(found["h1"] == 1, url, f"has {found['h1']} h1")
        self._expect(found["wide"] <= 0, url, f"is {found['wide']} px too wide at 390")
        odd = PROGRAMMER_WORDS.search(found["words"])
        self._expect(odd is None, url, f"says {odd.group() if odd else ''}")
        page.set_viewport_size(SMALL)
        wide = page.evaluate(WIDTH)
        self._expect(wide <= 0, url, f"is {wide} px too wide at 320")
        if self.axe:
            self._examine(page, url)
        for complaint in self.visitor.complaints:
            self._expect(False, url, f"complains: {complaint}")
        base = page.url
        return [_local(urljoin(base, link), base) for link in found["links"]]

    def _examine(self, page: Page, url: str) -> None:
        page.set_viewport_size(PHONE)
        page.evaluate(AXE_SCRIPT)
        for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for it in page.evaluate(AXE, rules):
                if it["impact"] in SERIOUS:
                    self._expect(False, url, f"{scheme}: {it['id']} at {it['where']}")
        page.emulate_media(color_scheme="light")

    def _expect(self, holds: bool, url: str, words: str) -> None:
        if not holds:
            self.wrong.append(f"{url} {words}")


def _local(link: str, base: str) -> str:
    here, there = urlsplit(base), urlsplit(link)
    if here.netloc != there.netloc:
        return link
    return there.path + (f"?{there.query}" if there.query else "")
