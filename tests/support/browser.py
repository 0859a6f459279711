"""A browser without JavaScript, as a page object: labels and button texts, never ids.

Every page it opens is checked: one h1, a title that starts with it, unique ids, labelled fields,
CSRF in every posting form, no inline script, style or handler.
"""

from __future__ import annotations

from collections import Counter
from contextvars import Context
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from portal.storage.model import db

HTMX = {"HX-Request": "true"}


class Browser:
    """`mona.opens("/brand/…").fills("Note", "Welcome").presses("Save decision").sees("Approved")`."""

    def __init__(self, app: Flask, *, htmx: bool = False) -> None:
        self.app, self.htmx = app, htmx
        self.client = app.test_client()
        self.url, self.status, self.text = "/", 0, ""
        self.page = BeautifulSoup("", "html.parser")
        self.response: TestResponse | None = None
        self._values: dict[str, Any] = {}

    # ---- going places
    def opens(
        self, url: str, *, status: int | None = 200, headers: dict[str, str] | None = None
    ) -> Browser:
        self._take(self._asks("get", url, headers=headers), url)
        return self._expect(status)

    def follows(self, link: str) -> Browser:
        """Click a link by its text."""
        for anchor in self.page.find_all("a", href=True):
            if link in _words(anchor):
                return self.opens(urljoin(self.url, anchor["href"]))
        raise AssertionError(f"No link “{link}” on {self.url}: {self._links()}")

    def posts(
        self, url: str, data: dict[str, Any] | None = None, *, status: int | None = None
    ) -> Browser:
        """A bare POST with a valid CSRF token: what someone does by URL, without our form."""
        values = {"csrf_token": self._token(), **(data or {})}
        self._take(self._asks("post", url, data=values), url)
        return self._expect(status)

    # ---- forms
    def fills(self, label: str, value: Any) -> Browser:
        field = self.field(label)
        self._values[field["name"]] = value
        return self

    def chooses(self, label: str) -> Browser:
        """Pick a radio button or tick a checkbox by its label."""
        field = self.field(label)
        self._values[field["name"]] = field.get("value", "y")
        return self

    def presses(self, button: str, *, status: int | None = None) -> Browser:
        """Submit the form that holds this button (by its text), then follow redirects."""
        found = self._button(button)
        form = found.find_parent("form")
        if form is None and found.get("form"):
            form = self.page.find("form", id=found["form"])
        assert form is not None, f"The button “{button}” is in no form."
        action = urljoin(self.url, found.get("formaction") or form.get("action") or self.url)
        data = self._form_values(form)
        if found.get("name"):
            data[found["name"]] = found.get("value", "")
        headers = HTMX if self.htmx and form.get("hx-post") else None
        if (form.get("method") or "get").lower() == "get":
            response = self._asks("get", action, query_string=data)
        else:
            response = self._asks("post", action, data=data, headers=headers)
        self._values = {}
        self._take(response, action)
        return self._expect(status)

    # ---- looking
    def sees(self, *texts: str) -> Browser:
        for text in texts:
            assert _plain(text) in self.text, (
                f"“{text}” is not on {self.url} ({self.status}):\n{self.text[:3000]}"
            )
        return self

    def does_not_see(self, *texts: str) -> Browser:
        for text in texts:
            assert _plain(text) not in self.text, f"“{text}” is on {self.url}"
        return self

    def field(self, label: str) -> Tag:
        for tag in self.page.find_all("label"):
            if _words(tag).startswith(label):
                target = tag.get("for")
                found = (
                    self.page.find(id=target)
                    if target
                    else tag.find(["input", "select", "textarea"])
                )
                if isinstance(found, Tag):
                    return found
        raise AssertionError(
            f"No field “{label}” on {self.url}: {[_words(t) for t in self.page.find_all('label')]}"
        )

    # ---- inside
    def _asks(self, method: str, url: str, **options: Any) -> TestResponse:
        """As a server does it: each request in a context and a database session of its own, so
        that nothing of one person's request (`g`, loaded rows) lingers in the next."""
        try:
            ask = getattr(self.client, method)
            response: TestResponse = Context().run(ask, url, buffered=True, **options)
        finally:
            db.session.remove()
        return response

    def _expect(self, status: int | None) -> Browser:
        if status is not None:
            assert self.status == status, (
                f"{self.url} answered {self.status}, not {status}:\n{self.text[:2000]}"
            )
        return self

    def _take(self, response: TestResponse, url: str) -> None:
        hops = 0
        while response.status_code in (301, 302, 303, 307, 308) and hops < 6:
            target = urljoin(url, response.headers["Location"])
            if urlsplit(target).netloc not in ("", "localhost"):
                break
            url, hops = urlsplit(target)._replace(scheme="", netloc="").geturl(), hops + 1
            response = self._asks("get", url)
        self.response, self.status = response, response.status_code
        parts = urlsplit(url)
        self.url = parts._replace(scheme="", netloc="").geturl()
        body = response.get_data(as_text=True) if response.mimetype.startswith("text/") else ""
        self.page = BeautifulSoup(body, "html.parser")
        self.text = _words(self.page)
        self._values = {}
        if response.mimetype == "text/html" and "<html" in body:
            check_page(self.page, self.url)

    def _button(self, text: str) -> Tag:
        for tag in self.page.find_all(["button", "input"]):
            if tag.name == "button" and text in _words(tag):
                return tag
            if tag.get("type") == "submit" and text in (tag.get("value") or ""):
                return tag
        raise AssertionError(
            f"No button “{text}” on {self.url}: {[_words(b) for b in self.page.find_all('button')]}"
        )

    def _form_values(self, form: Tag) -> dict[str, Any]:
        data: dict[str, Any] = {}
        owned = list(form.find_all(["input", "select", "textarea"]))
        if form.get("id"):
            owned += self.page.find_all(["input", "select", "textarea"], attrs={"form": form["id"]})
        for field in owned:
            name = field.get("name")
            if not name or field.has_attr("disabled"):
                continue
            if field.get("type") in ("checkbox", "radio"):
                if field.has_attr("checked"):
                    data.setdefault(name, []).append(field.get("value", "y"))
            elif field.name == "select" and field.has_attr("multiple"):
                data[name] = [chosen["value"] for chosen in field.find_all("option", selected=True)]
            elif field.name == "select":
                chosen = field.find("option", selected=True) or field.find("option")
                data[name] = chosen.get("value", _words(chosen)) if chosen else ""
            elif field.name == "textarea":
                data[name] = field.get_text().removeprefix("\n")
            elif field.get("type") not in ("submit", "button", "file"):
                data.setdefault(name, []).append(field.get("value", ""))
        return {**data, **self._values}

    def _token(self) -> str:
        field = self.page.find("input", attrs={"name": "csrf_token"})
        if isinstance(field, Tag):
            return str(field["value"])
        found = BeautifulSoup(self._asks("get", "/").get_data(as_text=True), "html.parser")
        field = found.find("input", attrs={"name": "csrf_token"})
        return str(field["value"]) if isinstance(field, Tag) else ""

    def _links(self) -> list[str]:
        return [_words(anchor) for anchor in self.page.find_all("a", href=True)]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _words(tag: Tag | BeautifulSoup) -> str:
    return _plain(tag.get_text(" "))


def check_page(page: BeautifulSoup, url: str) -> None:
    """What every page of ours keeps (HOUSE §12)."""
    tags = page.find_all(True)  # one walk: asking the tree for each kind costs as much every time
    headings = _called(tags, "h1")
    assert len(headings) == 1, f"{url} has {len(headings)} h1"
    title = _words(page.title) if page.title else ""
    bare = title.removeprefix("Error: ")
    assert bare.startswith(_words(headings[0])[:20]), (
        f"{url}: title “{title}” does not start with its h1 “{_words(headings[0])}”"
    )
    ids = Counter(tag["id"] for tag in tags if tag.has_attr("id"))
    doubles = {name for name, times in ids.items() if times > 1}
    assert not doubles, f"{url} repeats ids {doubles}"
    for tag in tags:
        inline = [name for name in tag.attrs if name == "style" or name.startswith("on")]
        assert not inline, f"{url}: inline {inline} on <{tag.name}>"
    for script in _called(tags, "script"):
        assert script.get("src"), f"{url} has an inline script"
    for form in _called(tags, "form"):
        if (form.get("method") or "get").lower() == "post":
            assert form.find("input", attrs={"name": "csrf_token"}), (
                f"{url}: a form without CSRF: {form.get('action')}"
            )
            assert form.get("action"), f"{url}: a posting form without an action"
    labelled = {tag.get("for") for tag in _called(tags, "label")}
    for field in _called(tags, "input", "select", "textarea"):
        if field.get("type") in ("hidden", "submit", "button"):
            continue
        named = (
            field.get("id") in labelled
            or field.get("aria-label")
            or field.get("aria-labelledby")
            or field.find_parent("label")
        )
        assert named, f"{url}: a field without a label: {field.get('name')}"
    for tag in tags:
        target = str(tag.get("hx-target", ""))
        if target.startswith("#"):
            assert target[1:] in ids, f"{url}: hx-target {target} is not on the page"


def _called(tags: list[Tag], *names: str) -> list[Tag]:
    return [tag for tag in tags if tag.name in names]
