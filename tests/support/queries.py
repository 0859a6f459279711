"""How many queries a page asks: list pages have a budget, and no page asks while it renders.

    with counted() as asked:
        finn.opens("/finance/glow/runs")
    asked.keeps(12)

or, for a page opened once before so that what is remembered per process is remembered:
`keeps_budget(finn.browser, "/finance/glow/runs", most=12)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import before_render_template, template_rendered
from sqlalchemy import event

from portal.storage.model import db
from tests.support.browser import Browser

NOT_A_QUERY = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ")


@dataclass
class Asked:
    """The statements asked, in order, and those among them asked while a template rendered."""

    statements: list[str] = field(default_factory=list)
    while_rendering: list[str] = field(default_factory=list)
    _open: int = 0

    @property
    def count(self) -> int:
        return len(self.statements)

    def keeps(self, most: int) -> None:
        """Fails with every statement when there were more than `most`, or one while rendering."""
        assert self.count <= most, f"{self.count} queries, at most {most}:\n{self}"
        late = "\n".join(_short(text) for text in self.while_rendering)
        assert not late, f"Asked while the template rendered:\n{late}"

    def __str__(self) -> str:
        return "\n".join(f"{n:3} {_short(text)}" for n, text in enumerate(self.statements, 1))


@contextmanager
def counted() -> Iterator[Asked]:
    """Count what is asked of the database inside, by this process."""
    asked, engine = Asked(), db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(NOT_A_QUERY):
            return
        asked.statements.append(statement)
        if asked._open:
            asked.while_rendering.append(statement)

    def begins(_app: Any, **_more: Any) -> None:
        asked._open += 1

    def ends(_app: Any, **_more: Any) -> None:
        asked._open -= 1

    event.listen(engine, "before_cursor_execute", note)
    try:
        with before_render_template.connected_to(begins), template_rendered.connected_to(ends):
            yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def keeps_budget(browser: Browser, url: str, *, most: int, status: int = 200) -> Asked:
    """Open a page twice; the second time it keeps to its budget and renders without a query."""
    browser.opens(url, status=status)
    with counted() as asked:
        browser.opens(url, status=status)
    asked.keeps(most)
    return asked


def _short(statement: str) -> str:
    words = " ".join(statement.split())
    start = words.find(" FROM ")
    return f"{words[:60]} …{words[start : start + 160]}" if start > 60 else words[:220]
