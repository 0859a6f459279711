"""The durable door of webhooks against an endpoint that only verifies, on the same server.

Both verify the signature and parse the body; ours answers when the message is committed.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median
from typing import Any

from sqlalchemy import func, select

from portal.bench import orders
from portal.bench.ground import Ground, databases, ground
from portal.bench.load import Load, hammer, on_core
from portal.bench.servers import server_of
from portal.integrations.models import InboundEvent
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

ROUNDS, SECONDS, CONNECTIONS, MESSAGES = 3, 3.0, 8, 45_000
SERVERS = ("granian", "gunicorn")
ACCEPTED = b"HTTP/1.1 200"


def measure() -> Iterator[dict[str, Any]]:
    """Every server that is installed, on each database."""
    for label, url in databases().items():
        for server in SERVERS:
            if importlib.util.find_spec(server):
                with ground(url, 1) as laid:
                    found = _one(laid, server)
                yield {f"{label}, {server}: {key}": value for key, value in found.items()}


def _one(laid: Ground, server: str) -> dict[str, Any]:
    with unit_of_work():
        connection = sales.connect(laid.brand.id, Source.SHOPIFY, secret="secret")  # noqa: S106
    end_read()
    messages = [_request(connection.public_id, number) for number in range(MESSAGES)]
    with ExitStack() as stack:
        door = stack.enter_context(server_of("portal.bench.parts:app", laid, server))
        bare = stack.enter_context(server_of("portal.bench.parts:verify", laid, server))
        pairs: list[tuple[Load, Load]] = []
        for number in range(ROUNDS):
            fresh = messages[number * MESSAGES // ROUNDS :] + messages
            pairs.append((_load(bare, messages), _load(door, fresh)))
    stored = int(db.session.scalar(select(func.count(InboundEvent.id))) or 0)
    return _figures(pairs, stored)


def _load(server: tuple[int, int], messages: list[bytes]) -> Load:
    port, pid = server
    on_core(pid, 0)
    return hammer(port, messages, SECONDS, CONNECTIONS, pid, answer=ACCEPTED)


def _figures(pairs: list[tuple[Load, Load]], stored: int) -> dict[str, Any]:
    bare, ours = [one for one, _ in pairs], [one for _, one in pairs]
    ratios = sorted(mine.per_second / its.per_second for its, mine in pairs)
    answered = sum(one.requests for one in ours)
    return {
        "verify only": _line(bare),
        "durable door": _line(ours),
        "door ÷ verify only": f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})",
        "answered, and stored (each message once)": f"{answered:,}, {stored:,}",
    }


def _line(loads: list[Load]) -> str:
    rate, cpu = (median(getattr(one, name) for one in loads) for name in ("per_second", "cpu_us"))
    return f"{rate:,.0f} a second, {cpu:.0f} µs CPU, p99 {median(o.p99_ms for o in loads):.1f} ms"


def _request(connection: str, number: int) -> bytes:
    return signed(connection, "orders/paid", orders.message(number, "BENCH0000"))


def signed(connection: str, topic: str, body: bytes) -> bytes:
    """The bytes of one request as Shopify makes it."""
    head = (
        f"POST /hooks/shopify/{connection} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Shopify-Topic: {topic}\r\n"
        f"X-Shopify-Hmac-Sha256: {orders.signature(body, 'secret')}\r\n\r\n"
    )
    return head.encode() + body
