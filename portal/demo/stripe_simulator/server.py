"""The HTTP server around the simulator: loopback only, test keys only."""

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from portal.demo.stripe_simulator.api import Api
from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.control import Control
from portal.demo.stripe_simulator.endpoints import is_loopback
from portal.demo.stripe_simulator.faults import Faults
from portal.demo.stripe_simulator.fields import unfold
from portal.demo.stripe_simulator.hosted_pages import HostedPages
from portal.demo.stripe_simulator.limits import Limit
from portal.demo.stripe_simulator.objects import API_VERSION
from portal.demo.stripe_simulator.refusals import Refusal
from portal.demo.stripe_simulator.replies import Reply, as_json
from portal.demo.stripe_simulator.state import Store, new_id
from portal.demo.stripe_simulator.webhooks import Webhooks

DEFAULT_PORT = 12111
LARGEST_BODY_BYTES = 1_000_000
IDLE_SECONDS = 120
KEY_SETTINGS = ("PORTAL_STRIPE_SECRET_KEY", "STRIPE_API_KEY")
LIVE_KEYS = ("sk_live_", "rk_live_")


def serve(
    port: int = DEFAULT_PORT, host: str = "127.0.0.1", state_file: Path | None = None
) -> None:
    """Serve until interrupted. With a state file, everything is still there at the next start.

    Raises SystemExit with a sentence when a live key is configured, the host is not loopback,
    the port is taken, or the state file cannot be read.
    """
    with running(port, host, state_file) as base_url:
        sys.stdout.write(f"Stripe simulator, no real money: {base_url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


@contextlib.contextmanager
def running(
    port: int = 0, host: str = "127.0.0.1", state_file: Path | None = None
) -> Iterator[str]:
    """A simulator in threads of this process, for as long as the block lasts; its base URL."""
    refuse_live_keys(os.environ)
    if not is_loopback(host):
        raise SystemExit(f"The Stripe simulator listens on loopback only, not on {host}.")
    try:
        server = Server((host, port))
    except OSError as error:
        raise SystemExit(
            f"The Stripe simulator cannot listen on {host}:{port}: {error.strerror}."
        ) from None
    with server, contextlib.closing(Store(state_file)) as store:
        server.start(store)
        try:
            yield server.base_url
        finally:
            server.stop()


def refuse_live_keys(environment: Mapping[str, str]) -> None:
    """Raise SystemExit when real money could be meant."""
    for name in KEY_SETTINGS:
        if environment.get(name, "").strip().startswith(LIVE_KEYS):
            raise SystemExit(
                f"{name} holds a live Stripe key, so the Stripe simulator does not start. "
                "Remove the key, or use one that starts with sk_test_."
            )


class Server(ThreadingHTTPServer):
    """The parts wired together, and the connections now open.

    It takes the port first and starts later, so that a second simulator on the same port never
    touches the state file of the first.
    """

    daemon_threads = False  # so that closing waits for calls at work
    request_queue_size = 128

    def __init__(self, address: tuple[str, int]) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self._closing = threading.Event()
        self._open: set[Any] = set()
        super().__init__(address, Door)

    def start(self, store: Store) -> None:
        """Wire the parts to this store and answer in the background, until `stop`."""
        self._webhooks = Webhooks(store)
        faults, limit = Faults(self._closing.wait), Limit()
        self.api = Api(store, faults, limit)
        self.control = Control(store, faults, limit, self._webhooks)
        self.pages = HostedPages(store)
        self._webhooks.start()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="stripe")
        self._thread.start()

    def stop(self) -> None:
        """End delays and idle connections, wait for the calls at work, then for webhooks."""
        self.shutdown()
        self._thread.join()
        self._closing.set()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._webhooks.close()

    @property
    def base_url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no news; everything else is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Door(BaseHTTPRequestHandler):
    """Reads a request, hands it to the right part, writes the reply."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_SECONDS

    def _serve(self) -> None:
        body = self._body()
        reply = None if body is None else self._reply(body)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names http.server looks for

    def _body(self) -> bytes | None:
        """The whole body; None, after saying why, when it cannot be read."""
        given = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding") or not given.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return None
        if int(given) > LARGEST_BODY_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        return self.rfile.read(int(given))

    def _reply(self, body: bytes) -> Reply | None:
        """None: hang up without a word."""
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        base_url = f"http://{self.headers.get('Host') or self.server.base_url[7:]}"
        if path.startswith("/_simulator/"):
            return self.server.control.answer(self.command, path.removeprefix("/_simulator/"), body)
        pairs = [*_pairs(parts.query), *_pairs(body.decode("utf-8", "replace"))]
        if path.startswith("/connect/"):
            page = path.removeprefix("/connect/")
            return self.server.pages.answer(self.command, page, dict(pairs))
        return self._api(path, pairs, base_url)

    def _api(self, path: str, pairs: list[tuple[str, str]], base_url: str) -> Reply | None:
        key = self.headers.get("Idempotency-Key")
        headers = {"Request-Id": new_id("req", 14), "Stripe-Version": API_VERSION}
        try:
            call = Call(
                self.command,
                path,
                unfold(pairs),
                base_url,
                self.headers.get("Authorization", ""),
                self.headers.get("Stripe-Account"),
                key,
                headers["Request-Id"],
            )
        except Refusal as refusal:
            return as_json(refusal.answer().body, refusal.status, headers)
        answer = self.server.api.answer(call)
        if answer is None:
            return None
        if key:
            headers["Idempotency-Key"] = key
        return as_json(answer.body, answer.status, {**headers, **answer.headers})

    def log_message(self, *_: Any) -> None:
        """Nothing: a payout run would write thousands of lines."""


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)
