"""Orders that wait for a person: one told twice, two very large; and one that many led to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.attribution import rule_commands
from portal.demo.joining import Member
from portal.demo.shop import CURRENCY, Purchase, order_message
from portal.integrations.shopify import reading
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.sales import commands as sales
from portal.sales.commands import Arrival
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking

if TYPE_CHECKING:
    from portal.demo.story import Stage

FIRST_NUMBER = 90_001
ASK_ABOVE, FINANCE_ABOVE = Money(30_000, CURRENCY), Money(4_000, CURRENCY)


def tell(stage: Stage, members: list[Member]) -> None:
    """What a manager finds among the orders. Needs four members."""
    if len(members) < 4:
        return
    with unit_of_work():
        _ask_above(stage, ASK_ABOVE)
        till = sales.csv_connection(stage.brand.id)
        clicks = _clicks(stage, members[1:4])
    usual = _bought(stage, FIRST_NUMBER, members[0].code, hours=26)
    large = _bought(stage, FIRST_NUMBER + 1, members[0].code, hours=5, quantity=8, click=clicks[0])
    largest = _bought(stage, FIRST_NUMBER + 2, members[2].code, hours=3, quantity=9)
    shared = _bought(stage, FIRST_NUMBER + 3, members[0].code, hours=2, click=clicks[-1])
    with unit_of_work():
        for connection_id, purchase in (
            (stage.connection_id, usual), (stage.connection_id, large),
            (stage.connection_id, largest), (stage.connection_id, shared), (till, usual),
        ):  # fmt: skip
            sales.record_orders([_arrival(connection_id, purchase)])
    worker.drain()
    with unit_of_work():  # whoever buys much in the demo's shop sees at once what it earns
        _ask_above(stage, None)


def _ask_above(stage: Stage, amount: Money | None) -> None:
    rule_commands.set_rules(
        stage.brand.id, ask_above=amount, finance_above=FINANCE_ABOVE, asks_likeness=False,
        by=stage.staff["manager"],
    )  # fmt: skip


def _clicks(stage: Stage, members: list[Member]) -> list[int]:
    """One browser that followed three links on three days, newest last."""
    made: list[int] = []
    for days, member in zip((6, 4, 2), members, strict=True):
        made.append(
            tracking.record_click(
                member.link_id, stage.now - timedelta(days=days), visitor="demo-three-links",
                previous_id=made[-1] if made else None,
            )
        )  # fmt: skip
    return made


def _bought(
    stage: Stage, number: int, code: str, *, hours: int, quantity: int = 1, click: int | None = None
) -> Purchase:  # fmt: skip
    usual = Purchase(
        number=number, product="pour-over", quantity=quantity, code=code, discount_bp=1500,
        click_id="", email=f"buyer{number}@shoppers.example",
        placed_at=(stage.now - timedelta(hours=hours)).isoformat(),
    )  # fmt: skip
    return replace(usual, click_id=str(click)) if click else usual


def _arrival(connection_id: int, purchase: Purchase) -> Arrival:
    read = reading.read(json.dumps(order_message(purchase)).encode(), "orders/paid")
    assert read.order is not None
    return Arrival(connection_id, read.order, clock.now())
