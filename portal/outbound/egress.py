"""The one way out: checked address, bounded time, bounded size, no redirect followed."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult

from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.outbound import addresses

TIMEOUT_SECONDS = 5
MOST_BYTES = 1_000_000
AGENT = "Vouch/1 (+link and webhook checks)"
PORTS = {"https": 443, "http": 80}
Resolver = Callable[[str, int], Sequence[str]]


class Forbidden(ProviderRefused):
    """The address may not be called at all: nothing was sent, and nothing ever will be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, a redirect included. Header names are in lower case; `body` is whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        return self.status in (301, 302, 303, 307, 308) and "location" in self.headers


def resolved(host: str, port: int) -> Sequence[str]:
    """Every address of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_seconds: int = TIMEOUT_SECONDS,
    most_bytes: int = MOST_BYTES,
    allows_loopback: bool = False,
    resolver: Resolver = resolved,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Call a URL once, over https, at a public address. Never inside a unit of work.

    Every address of the host must be public, and the connection goes to an address that was
    checked: the name is not looked up again. A redirect is answered, not followed. The whole call
    ends after `timeout_seconds`, and a body beyond `most_bytes` counts as no answer.
    `allows_loopback` lets a demo and tests reach this machine, over plain http too.

    Raises Forbidden (nothing was sent) and ProviderUnavailable (we do not know what happened).
    """
    parts = _parts(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    targets = _checked(host, port, resolver, allows_loopback=allows_loopback)
    is_local = all(addresses.is_loopback(one) for one in targets)
    if parts.scheme != "https" and not (is_local and allows_loopback):
        raise Forbidden("Only addresses that begin with https:// can be called.", code="scheme")
    ends_at = time.monotonic() + timeout_seconds
    live = [_connected(targets, port, ends_at)]
    # A server that sends a byte now and then would outlive any timeout of single reads.
    watch = threading.Timer(max(ends_at - time.monotonic(), 0), _cut, [live])
    watch.daemon = True
    watch.start()
    try:
        if parts.scheme == "https":
            _secure(live, host, context)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = live[0]
        sent = {"User-Agent": AGENT, "Accept": "*/*", **(headers or {}), "Connection": "close"}
        connection.request(method, _target(parts), body=body, headers=_with_host(sent, parts))
        answer = _read(connection.getresponse(), most_bytes)
        if time.monotonic() >= ends_at:  # what was cut off reads like a body that ended
            raise TimeoutError
        return answer
    except (OSError, http.client.HTTPException) as trouble:
        raise ProviderUnavailable(_words(trouble, host, ends_at)) from trouble
    finally:
        watch.cancel()
        live[0].close()


def _parts(url: str) -> SplitResult:
    try:
        return addresses.parts_of(url)
    except ValueError:
        raise Forbidden("This is not an address that can be called.", code="address") from None


def _checked(
    host: str, port: int, resolver: Resolver, *, allows_loopback: bool
) -> Sequence[str]:  # fmt: skip
    try:
        found = resolver(host, port)
    except (OSError, UnicodeError):
        raise ProviderUnavailable(f"{host} could not be found.") from None
    allowed = [
        one
        for one in found
        if addresses.is_public(one) or (allows_loopback and addresses.is_loopback(one))
    ]
    if not found or len(allowed) != len(found):
        raise Forbidden(f"{host} is not a public address.", code="not_public")
    return allowed


def _connected(targets: Sequence[str], port: int, ends_at: float) -> socket.socket:
    for target in targets:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((target, port), timeout=left)
        except OSError:
            continue
    raise ProviderUnavailable("The server could not be reached.")


def _secure(live: list[socket.socket], host: str, context: ssl.SSLContext | None) -> None:
    context = context or ssl.create_default_context()
    # The wrapping socket takes the plain one's place before the handshake, so that it can be cut.
    secured = context.wrap_socket(live[0], server_hostname=host, do_handshake_on_connect=False)
    live[0] = secured
    secured.do_handshake()


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _with_host(headers: Mapping[str, str], parts: SplitResult) -> dict[str, str]:
    return {**headers, "Host": parts.netloc}


def _read(response: http.client.HTTPResponse, most_bytes: int) -> Answer:
    body = response.read(most_bytes + 1)
    if len(body) > most_bytes:
        raise ProviderUnavailable(f"The answer has more than {most_bytes:,} bytes.")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body)


def _cut(live: list[socket.socket]) -> None:
    try:
        live[0].shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _words(trouble: Exception, host: str, ends_at: float) -> str:
    if isinstance(trouble, ssl.SSLError) and not isinstance(trouble, ssl.SSLEOFError):
        return f"{host} has no valid certificate."
    if isinstance(trouble, TimeoutError) or time.monotonic() >= ends_at:
        return f"{host} did not answer in time."
    return f"{host} did not answer."
