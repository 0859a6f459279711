"""Signed webhook → order, attribution, commission and journal; and the door by itself."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.bench import objects
from portal.bench.ground import Ground, databases, ground
from portal.commissions.models import Commission
from portal.jobs import worker
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

EVENTS, OBJECTS, MEMBERS = 2000, 400, 20


def measure() -> Iterator[dict[str, Any]]:
    """Events a second on each database; the baseline is verifying and parsing the same bodies."""
    yield {"verify + parse only, events a second": round(_baseline())}
    for label, url in databases().items():
        with ground(url, MEMBERS) as laid:
            yield {f"{label}, {key}": value for key, value in _one(laid).items()}


def _baseline() -> float:
    bodies = [message(number, "BENCH0001") for number in range(EVENTS)]
    started = time.perf_counter()
    for body in bodies:
        hmac.compare_digest(signature(body, "secret"), signature(body, "secret"))
        json.loads(body)
    return EVENTS / (time.perf_counter() - started)


def _one(laid: Ground) -> dict[str, Any]:
    with unit_of_work():
        connection = sales.connect(laid.brand.id, Source.SHOPIFY, secret="secret")  # noqa: S106
    client, path = laid.app.test_client(), f"/hooks/shopify/{connection.public_id}"
    started = time.perf_counter()
    for number in range(EVENTS):
        _post(client, path, message(number, f"BENCH{number % MEMBERS:04d}"))
    door = time.perf_counter() - started
    end_read()
    worker.drain()
    whole = time.perf_counter() - started
    earned = int(db.session.scalar(select(func.count(Commission.id))) or 0)
    by_objects = objects.book(laid, connection.id, OBJECTS) * EVENTS / OBJECTS
    return {
        "durable door, events a second": round(EVENTS / door),
        "webhook to commission, events a second": round(EVENTS / whole),
        "from the inbox to the books, events a second": round(EVENTS / (whole - door)),
        "the same through ORM objects, events a second": round(EVENTS / by_objects),
        "ours ÷ ORM objects": f"{by_objects / (whole - door):.1f}×",
        "commissions earned of events": f"{earned} of {EVENTS}",
    }


def _post(client: FlaskClient, path: str, body: bytes) -> None:
    headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Hmac-Sha256": signature(body, "secret"),
    }
    answer = client.post(path, data=body, headers=headers, content_type="application/json")
    if answer.status_code != 200:
        raise RuntimeError(f"The door answered {answer.status_code}.")


def signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def message(number: int, code: str) -> bytes:
    now = clock.now().isoformat()
    lines = [
        {"id": 10 * number + line, "title": "Thing", "quantity": 1, "price": "30.00",
         "discount_allocations": [{"amount": "4.50"}], "product_id": line}
        for line in range(3)
    ]  # fmt: skip
    return json.dumps({
        "id": 5_000_000 + number, "name": f"#{number}", "currency": "USD",
        "financial_status": "paid", "line_items": lines,
        "created_at": now, "processed_at": now, "updated_at": now,
        "total_price": "81.40", "total_tax": "0.00", "total_discounts": "13.50",
        "discount_codes": [{"code": code, "amount": "13.50", "type": "percentage"}],
        "customer": {"id": number, "email": f"buyer{number}@bench.example"}, "refunds": [],
    }).encode()  # fmt: skip
