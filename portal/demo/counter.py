"""What the demo's doors do: sell, refund, and count the figures on the role cards."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import current_app, url_for

from portal.applications import queries as applications
from portal.demo import cast
from portal.demo.shop import PRODUCTS, Purchase, Shop, order_message, refund_message, tell
from portal.factors import queries as factors
from portal.factors.rules import STEP_SECONDS
from portal.identity import queries as identity
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.money import Money
from portal.sales import queries as sales
from portal.sales.models import Connection, Source
from portal.schedule import SCHEDULE
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tracking import queries as tracking

MOST_PIECES = 20


def shop() -> Shop:
    """The shop's books, in the demo's data folder."""
    return Shop(current_app.config["PORTAL"].data / "shop.jsonl")


def buy(form: Mapping[str, Any]) -> Purchase:
    """Sell, and tell the portal. Raises InvalidInput for what cannot be sold."""
    product, quantity = form.get("product", ""), form.get("quantity", "1")
    if product not in PRODUCTS:
        raise InvalidInput("product", "Choose one of the products.")
    if not (quantity.isdecimal() and 1 <= int(quantity) <= MOST_PIECES):
        raise InvalidInput("quantity", f"Choose 1 to {MOST_PIECES} pieces.")
    email = (form.get("email") or "").strip()
    if "@" not in email:
        raise InvalidInput("email", "Write an e-mail address, for the receipt.")
    code = (form.get("code") or "").strip()
    purchase = Purchase(
        number=shop().next_number(),
        product=product,
        quantity=int(quantity),
        code=code,
        discount_bp=_discount(code),
        click_id=form.get("vclid", ""),
        email=email,
        placed_at=clock.now().isoformat(),
    )
    shop().keep(purchase)
    _tell(order_message(purchase), "orders/paid")
    return purchase


def refund(number: int, *, whole: bool) -> Money:
    """Give back all or half of what is left of an order. Raises Conflict when nothing is."""
    purchase = shop().one(number)
    if purchase is None:
        raise NotFound("The shop has no such order.")
    if not purchase.left:
        raise Conflict("This order was refunded in full already.")
    amount = purchase.left if whole else purchase.left.scaled(1, 2)
    _tell(refund_message(purchase, amount, clock.now()), "refunds/create")
    shop().keep(replace(purchase, refunded_minor=purchase.refunded_minor + amount.minor))
    return amount


def _discount(code: str) -> int:
    """What the shop takes off for a code, in basis points; the shop knows the portal's codes."""
    if not code:
        return 0
    found = tracking.code_matching(_brand_id(), code, clock.now())
    if found is None:
        raise InvalidInput(
            "code", f"The shop does not know the code {code}. Leave it empty, or correct it."
        )
    return found.discount_bp


def _tell(message: dict[str, Any], topic: str) -> None:
    connection = shop_connection()
    url = f"{current_app.config['PORTAL'].base_url}/hooks/shopify/{connection.public_id}"
    secret = connection.secret
    end_read()
    tell(url, message, topic, secret)


def jump(days: int) -> None:
    """Move the portal's clock, and let everything scheduled run at once by the new time.

    The jobs are new ones: those already queued could still be taken by a worker that has not
    read the new time, and would then not run again for a minute.
    """
    clock.travel(timedelta(days=days))
    with unit_of_work():
        for name in SCHEDULE:
            jobs.enqueue(name, dedupe=f"after-jump:{name}")


def shop_connection() -> Connection:
    """The demo brand's Shopify connection."""
    found = [one for one in sales.connections_of(_brand_id()) if one.source is Source.SHOPIFY]
    if not found:
        raise NotFound("The demo’s shop is still being set up. Try again in a few seconds.")
    return found[0]


def _brand_id() -> int:
    return identity.brand_by_slug(cast.BRAND_SLUG).id


def cards() -> list[dict[str, str]]:
    """The role cards of the home page, each with a live figure where there is one."""
    brand_id = identity.brand_id_of(cast.BRAND_SLUG)
    if brand_id is None:
        return []
    waiting = applications.counts(brand_id)["new"]
    figures = {"reviewer": f"{waiting} applications waiting", "creator": "Her code is MAYA15"}
    return [
        {"role": role.key, "title": role.title, "name": role.name, "text": role.text,
         "figure": figures.get(role.key, "")}
        for role in cast.ROLES
    ]  # fmt: skip


def app_codes() -> tuple[list[tuple[str, str, str]], int]:
    """(name, title, six digits) of everybody with an app, and for how many seconds they hold."""
    shown = []
    for role in cast.ROLES:
        user = identity.user_by_email(role.email) if role.has_app else None
        code = factors.usable_code(user.id) if user is not None else None
        if code is not None:
            shown.append((role.name, role.title, f"{code[:3]} {code[3:]}"))
    return shown, STEP_SECONDS - int(clock.wall().timestamp()) % STEP_SECONDS


def home_of(role: cast.Role) -> str:
    """Where a role starts."""
    if role.is_operator:
        return url_for("reports_operator.home")
    if not role.capabilities:
        return url_for("reports_creator.home")
    area = "reports_finance" if role.capabilities[0].startswith("finance.") else "reports_brand"
    return url_for(f"{area}.home", brand_id=cast.BRAND_SLUG)
