"""POST /hooks/<provider>/<connection> answered in front of Flask, once the message is committed.

Only what is ordinary is answered here: a connection whose facts are in memory, one secret, a
message that fits it and is new. All else falls through, its body untouched, to the Flask view
(`hook_routes`), which checks the same things with the same functions and says what is wrong.
"""

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.integrations import commands, doors
from portal.integrations.commands import Message
from portal.integrations.doors import BODY_BYTES, Door
from portal.kernel import clock
from portal.kernel.errors import PortalError
from portal.storage.shared_unit import SharedUnit

PREFIX = "/hooks/"
RECHECK_MS = 900  # a shop that was switched off, or a secret that went, is refused after it
RECEIVED = b'{"duplicate":false,"received":true}\n'  # the view's answer, to the byte

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
Inbox = SharedUnit[Message, int | None]


def install(app: Flask, fixed: Headers, only_https: Headers, *, remembers: bool) -> None:
    """Stand in front of an application; without `remembers` every message reads its connection."""
    memory = DoorMemory(app, recheck_ms=RECHECK_MS if remembers else 0)
    inbox: Inbox = SharedUnit(commands.accept_each, within=app.app_context)
    app.extensions["portal.inbox"] = inbox
    path = HookPath(app.wsgi_app, memory, inbox, fixed, only_https)
    app.wsgi_app = path  # type: ignore[method-assign]


class DoorMemory:
    """(provider, key) → door, for one process; each is read again after a second."""

    def __init__(self, app: Flask, *, recheck_ms: int = RECHECK_MS) -> None:
        self._app, self._recheck = app, recheck_ms * 1_000_000
        self._held: dict[tuple[str, str], tuple[int, Door]] = {}

    def get(self, provider: str, key: str) -> Door | None:
        """The open door of an address; None when there is none, and for the platform's."""
        asked_at = time.monotonic_ns()
        read_at, door = self._held.get((provider, key), (0, None))
        if door is not None and asked_at - read_at <= self._recheck:
            return door
        try:
            with self._app.app_context():
                found = doors.find(provider, key, platform_secret="")
        except (PortalError, SQLAlchemyError):
            self._held.pop((provider, key), None)
            return None
        self._held[provider, key] = asked_at, found
        return found


class HookPath:
    """The WSGI callable around the application. `fixed` are the headers every answer of ours has.

    `only_https` are those it has under https alone.
    """

    def __init__(
        self, inner: Application, memory: DoorMemory, inbox: Inbox, fixed: Headers,
        only_https: Headers,
    ) -> None:  # fmt: skip
        self._inner, self._memory, self._inbox = inner, memory, inbox
        before = [("Content-Type", "application/json"), ("Content-Length", str(len(RECEIVED)))]
        after = [("Cache-Control", "no-store"), ("Vary", "Cookie")]  # as Flask says for the view
        self._headers = [*before, *fixed, *after]
        self._headers_https = [*self._headers, *only_https]

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX) and self._is_taken_in(environ):
            is_https = environ.get("wsgi.url_scheme") == "https"
            start_response("200 OK", list(self._headers_https if is_https else self._headers))
            return [RECEIVED]
        return self._inner(environ, start_response)

    def _is_taken_in(self, environ: dict[str, Any]) -> bool:
        """Whether this is a new message of a shop that is known, and is committed now."""
        length, parts = environ.get("CONTENT_LENGTH") or "", environ["PATH_INFO"].split("/")
        if environ["REQUEST_METHOD"] != "POST" or environ.get("SCRIPT_NAME") or len(parts) != 4:
            return False
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            return False
        if int(length) > BODY_BYTES:
            return False
        door = self._memory.get(parts[2], parts[3])
        if door is None or len(door.secrets) != 1:
            return False
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(body)  # the view reads it again, should it come to that
        headers = doors.headers_in(door.provider, environ)
        try:
            message = Message(door, doors.checked(door, body, headers, clock.wall()), body)
            return len(body) == int(length) and self._inbox.ask(message) is not None
        except (PortalError, SQLAlchemyError):
            return False
