"""How fast a webhook is answered while a payout run is calculated, approved and sent (P17).

The portal's server, its worker and the Stripe simulator are processes of their own; signed Shopify
messages arrive at a steady pace, first without a run, then until the last payout is settled. They
say what a real shop's invoices say, where these are at hand (`portal.bench.invoices`).
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any
from zlib import crc32

from sqlalchemy import func, select

from portal.bench import dispatcher, earned, invoices, orders
from portal.bench.door import signed
from portal.bench.ground import Ground, databases, ground
from portal.bench.load import Load
from portal.bench.paced import paced
from portal.bench.servers import server_of
from portal.integrations.models import InboundEvent
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

MEMBERS, LINES, FIRST_ID = 20, 10, 7_000_000
ORDER, REFUND = "orders/paid", "refunds/create"


@dataclass(frozen=True, slots=True)
class Size:
    """How many payouts, at how many calls a second; messages a second; seconds without a run."""

    payouts: int = 1_500
    calls_a_second: int = 25
    messages_a_second: float = 20.0
    alone_seconds: float = 30.0
    warm_seconds: float = 5.0  # not counted: server and worker have just begun

    @property
    def messages(self) -> int:
        """Enough for a run that is sent four times as slowly as permitted."""
        seconds = (
            self.warm_seconds + self.alone_seconds + 60 + 4 * self.payouts / self.calls_a_second
        )
        return int(seconds * self.messages_a_second)


def measure(
    size: Size | None = None, urls: dict[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Without and with a run, on each database."""
    invoices.path()  # a name that leads nowhere is told before the work, not after it
    for label, url in (databases() if urls is None else urls).items():
        with ground(url, MEMBERS) as laid:
            found = _one(laid, size or Size())
        yield {f"{label}: {key}": value for key, value in found.items()}


def _one(laid: Ground, size: Size) -> dict[str, Any]:
    earned.write(laid, earned.Size(size.payouts, LINES, currencies=1))
    with unit_of_work():
        connection = sales.connect(laid.brand.id, Source.SHOPIFY, secret="secret")  # noqa: S106
    end_read()
    sent = [
        signed(connection.public_id, topic, json.dumps(said).encode())
        for topic, said in islice(_messages(), size.messages)
    ]
    with ExitStack() as stack:
        rail = stack.enter_context(dispatcher.simulator(laid, size.payouts, size.calls_a_second))
        port, _ = stack.enter_context(server_of("portal.bench.parts:app", laid, "granian"))
        stack.enter_context(dispatcher.working(laid, rail))
        with paced(port, sent, size.messages_a_second) as pace:
            time.sleep(size.warm_seconds)
            warm = pace.stop().requests
        with paced(port, sent[warm:], size.messages_a_second) as pace:
            time.sleep(size.alone_seconds)
            alone = pace.stop()
            stood_still = pace.stood_still
        with paced(port, sent[warm + alone.requests :], size.messages_a_second) as pace:
            run = dispatcher.approved(laid)
            dispatcher.wait_until(partial(dispatcher.has_ended, run.id), "The run did not end.")
            beside = pace.stop()
            stood_still += pace.stood_still
        found = dispatcher.figures(rail, run.id, size.calls_a_second, kills=0)
    return {**_figures(alone, beside, warm, stood_still), **found}


def _figures(alone: Load, beside: Load, warm: int, stood_still: float) -> dict[str, Any]:
    end_read()
    stored = int(db.session.scalar(select(func.count(InboundEvent.id))) or 0)
    answered = warm + alone.requests + beside.requests
    stopped = {"left out: the load itself was stopped, s": round(stood_still)}
    return {
        **(stopped if stood_still else {}),
        "without a run": _line(alone),
        "while a run is made and sent": _line(beside),
        "answered, and stored (each message once)": f"{answered:,}, {stored:,}",
    }


def _line(load: Load) -> str:
    return (
        f"p50 {load.p50_ms:.0f} ms, p99 {load.p99_ms:.0f} ms, longest {load.max_ms:.0f} ms "
        f"({load.requests:,} at {load.per_second:.1f} a second)"
    )


def _messages() -> Iterator[tuple[str, Any]]:
    """(topic, payload), one after the other; real ones first, where they are."""
    file = invoices.path()
    if file is not None:
        yield from _real(invoices.baskets(file))
    for number in range(10**6):
        yield ORDER, json.loads(orders.message(number, f"BENCH{number % MEMBERS:04d}"))


def _real(baskets: Iterator[tuple[str, str, str, list[tuple[int, Decimal]]]]) -> Iterator[Any]:
    """Purchases as paid orders; a cancellation as a refund of its customer's latest one."""
    latest: dict[str, int] = {}
    for number, customer, _, things in baskets:
        order = FIRST_ID + int(number[-6:])
        if number.startswith("C") and customer and customer in latest:
            back = -sum((quantity * price for quantity, price in things), Decimal())
            yield REFUND, _refund(order, latest[customer], back)
        elif number.isdigit() and any(quantity > 0 < price for quantity, price in things):
            latest[customer] = order
            yield ORDER, _order(order, customer, things)


def _order(number: int, customer: str, things: list[tuple[int, Decimal]]) -> dict[str, Any]:
    now = clock.now().isoformat()
    sold = [(place, *thing) for place, thing in enumerate(things) if thing[0] > 0 < thing[1]]
    lines = [
        {"id": 10_000 * number + place, "title": "Thing", "quantity": quantity,
         "price": f"{price:.2f}", "product_id": place, "discount_allocations": []}
        for place, quantity, price in sold
    ]  # fmt: skip
    worth = sum(
        (quantity * price.quantize(invoices.CENT) for _, quantity, price in sold), Decimal()
    )
    code = f"BENCH{crc32(customer.encode()) % MEMBERS:04d}"
    return {
        "id": number, "name": f"#{number}", "currency": "GBP", "financial_status": "paid",
        "line_items": lines, "created_at": now, "processed_at": now, "updated_at": now,
        "total_price": f"{worth:.2f}", "total_tax": "0.00", "total_discounts": "0.00",
        "discount_codes": [{"code": code, "amount": "0.00", "type": "percentage"}],
        "customer": {"id": customer, "email": f"buyer{customer}@bench.example"}, "refunds": [],
    }  # fmt: skip


def _refund(number: int, order: int, worth: Decimal) -> dict[str, Any]:
    moved = {"kind": "refund", "status": "success", "amount": f"{worth:.2f}", "currency": "GBP"}
    now = clock.now().isoformat()
    return {
        "id": number, "order_id": order, "created_at": now, "processed_at": now,
        "refund_line_items": [], "order_adjustments": [], "transactions": [moved],
    }  # fmt: skip
