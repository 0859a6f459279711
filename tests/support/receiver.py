"""A program of a brand that takes our webhooks: a real HTTP server on loopback."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass
class Received:
    """One message as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Answers 204, or the statuses of `faults` first; "drop" closes the connection unanswered."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    faults: list[int | str] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [one.told["type"] for one in self.received]

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """What came, checked by the scheme's own library. Raises WebhookVerificationError."""
        checker = Webhook(secret)
        return [checker.verify(one.body, one.headers) for one in self.received]


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens until the end."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(headers, body))
            fault = receiver.faults.pop(0) if receiver.faults else 204
            if fault == "drop":
                self.close_connection = True
                return
            answer = b"" if fault == 204 else b"That did not work."
            self.send_response(int(fault))
            if fault in (301, 302):
                self.send_header("Location", receiver.url)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
