"""/go/<slug> answered in front of Flask: from memory, with one line written to the spool.

What it cannot answer from memory, and whatever is unusual, falls through to the Flask view, which
asks the same functions (`Clicks.headers_for`), fills the memory, and is the source of truth.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from portal.kernel import clock
from portal.tracking import links_version, redirect
from portal.tracking.models import AgentClass
from portal.tracking.redirect import Answer, Route, Visit
from portal.tracking.spool import Spool, line_of

PREFIX = "/go/"
RECHECK_SECONDS, STALE_SECONDS = 0.9, 60.0
REMEMBERED_ROUTES = 200_000
MILLISECOND = timedelta(milliseconds=1)
LETTERS = {AgentClass.HUMAN: "", AgentClass.BOT: "b", AgentClass.PREFETCH: "p"}
log = structlog.get_logger("clicks")

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class RouteMemory:
    """Path → route, for one process. Asks at most once a second whether it is out of date."""

    def __init__(self, engine: Engine, *, recheck_seconds: float = RECHECK_SECONDS) -> None:
        self._engine, self._recheck = engine, recheck_seconds
        # A version with what is remembered under it, always replaced together: other threads may
        # put what they made from an older one at any moment.
        self._held: tuple[int, dict[str, Route]] = (0, {})
        self._checked = 0.0
        self._checking = threading.Lock()

    def get(self, path: str) -> Route | None:
        """The route of a path; None when it is not known, or may be too old to be trusted."""
        age = time.monotonic() - self._checked
        if age > self._recheck:
            self._check()
            if age > STALE_SECONDS and time.monotonic() - self._checked > STALE_SECONDS:
                return None
        return self._held[1].get(path)

    def version(self) -> int:
        """The version in force now. Read it before the facts that are remembered under it."""
        with self._engine.connect() as connection:
            return links_version.read(connection)

    def put(self, path: str, route: Route, version: int) -> None:
        """Remember a route that was made from what the database held at this version or later."""
        held_version, routes = self._held
        if version > held_version or len(routes) > REMEMBERED_ROUTES:
            held_version, routes = max(version, held_version), {}
            self._held = held_version, routes
        if version == held_version:
            routes[path] = route

    def forget(self) -> None:
        self._held, self._checked = (0, {}), 0.0

    def _check(self) -> None:
        if not self._checking.acquire(blocking=False):
            return  # another thread is asking
        try:
            started = time.monotonic()
            found = self.version()
            if found != self._held[0]:
                self._held = found, {}
            self._checked = started
        except SQLAlchemyError:
            # Without its database the door goes on for a minute: clicks are kept in the spool.
            log.warning("the links’ version could not be read")
        finally:
            self._checking.release()


class Clicks:
    """One process's click path: what it remembers, its spool, and how a click is written down."""

    def __init__(
        self, memory: RouteMemory, spool: Spool, secret: str, *, secure: bool, keeps_ip: bool
    ) -> None:
        self.memory, self.spool = memory, spool
        self._secret, self._secure, self._keeps_ip = secret, secure, keeps_ip
        self._key: tuple[date, bytes] = (date.min, b"")

    def headers_for(self, route: Route, environ: Mapping[str, Any]) -> Headers:
        """Write the click down and return the headers of its 302.

        A click that cannot be written down is sent on without an id: none is given out in vain.
        """
        visit, now = redirect.visit_of(environ), clock.now()
        try:
            click_id = self.spool.new_id((now - redirect.EPOCH) // MILLISECOND)
            answer = redirect.answer_for(route, visit, click_id)
            if answer.seen_as is not None:
                self.spool.append(self._line(click_id, route, visit, answer, now.date()))
        except OSError as refusal:
            log.error("a click could not be kept", cause=str(refusal))
            location = route.location(visit.query, None) if route.head else route.fallback
            return [("Location", location), *redirect.HEADERS]
        headers = [("Location", answer.location or ""), *redirect.HEADERS]
        if answer.sets_cookie:
            cookie = redirect.cookie_of(click_id, secure=self._secure)
            headers.append(("Set-Cookie", cookie))
        return headers

    def _line(
        self, click_id: int, route: Route, visit: Visit, answer: Answer, today: date
    ) -> bytes:
        environ, agent = visit.headers, visit.agent
        ip = environ.get("REMOTE_ADDR", "")
        visitor = ""
        if answer.sets_cookie:
            if self._key[0] != today:
                self._key = (today, redirect.day_key(self._secret, today))
            visitor = redirect.visitor_of(self._key[1], ip, agent)
        return line_of(
            click_id, route.link_id, visitor, LETTERS[answer.seen_as or AgentClass.HUMAN],
            visit.previous_click, environ.get("HTTP_REFERER", "")[:300],
            visit.query[: redirect.CARRIED_CHARACTERS + 1], agent[:500],
            ip[:45] if self._keeps_ip and answer.sets_cookie else "",
        )  # fmt: skip


class FastPath:
    """The WSGI callable around the application. `fixed` are the headers every answer of ours has.

    `only_https` are those it has under https alone.
    """

    def __init__(self, inner: Application, clicks: Clicks, fixed: Headers, only_https: Headers):
        self._inner, self._clicks = inner, clicks
        before = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0")]
        own = {name for name, _ in redirect.HEADERS}
        self._before = before
        after = [(name, value) for name, value in fixed if name not in own]
        varies = ("Vary", "Cookie")  # Flask says so, too: who refused to be remembered has none set
        self._after, self._after_https = [*after, varies], [*after, *only_https, varies]

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            route = None if environ.get("SCRIPT_NAME") else self._clicks.memory.get(path)
            if route is not None:
                headers = self._clicks.headers_for(route, environ)
                is_https = environ.get("wsgi.url_scheme") == "https"
                after = self._after_https if is_https else self._after
                start_response("302 FOUND", [*self._before, *headers, *after])
                return [b""]
        return self._inner(environ, start_response)
