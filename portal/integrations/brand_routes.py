"""Doors for a brand's staff: its shops, each with its guide, secret, key and test-order wizard."""

from typing import Any

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from portal.api import example_queries as api
from portal.identity import queries as identity
from portal.integrations import shop_commands, shop_queries, shop_rules
from portal.integrations.shop_forms import AccessForm, NameForm, SecretForm
from portal.kernel.errors import InvalidInput, NotFound
from portal.sales.models import Source
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("integrations_brand", __name__, url_prefix="/brand/<brand:brand_id>/shops")


@blueprint.get("")
@opens_to("brand.viewer")
def shops(brand_id: int) -> ResponseReturnValue:
    """Every shop and where it stands; the ways to connect another."""
    found = shop_queries.shops(brand_id)
    return reply(
        "integrations/brand/shops.html", brand=identity.brand(brand_id), shops=found,
        names=shop_rules.NAMES, may_change=_may_change(brand_id),
    )  # fmt: skip


@blueprint.route("/connect/<source>", methods=["GET", "POST"])
@opens_to("brand.manager")
def connect(brand_id: int, source: str) -> ResponseReturnValue:
    """Name the shop; its hook and its guide come next."""
    chosen, form = _source(source), NameForm()
    if not form.validate_on_submit():
        return reply(
            "integrations/brand/connect.html", status=422 if form.is_submitted() else 200,
            form=form, source=chosen, name=shop_rules.NAMES[chosen],
            brand=identity.brand(brand_id),
        )  # fmt: skip
    with unit_of_work():
        made = shop_commands.connect(brand_id, chosen, form.name.data, by=person().id)
    return reply(then=url_for(".shop", brand_id=brand_id, connection=made.public_id))


@blueprint.get("/<connection>")
@opens_to("brand.viewer")
def shop(brand_id: int, connection: str) -> ResponseReturnValue:
    """One shop: its steps, and whether its orders arrive."""
    return _page(brand_id, connection)


@blueprint.get("/<connection>/progress")
@opens_to("brand.viewer")
def progress(brand_id: int, connection: str) -> ResponseReturnValue:
    """The test-order wizard by itself: it asks again until an order arrived."""
    return reply(
        "integrations/brand/progress.html", "integrations/brand/_progress.html",
        **_shop(brand_id, connection),
    )  # fmt: skip


@blueprint.post("/<connection>/secret")
@opens_to("brand.manager")
def set_secret(brand_id: int, connection: str) -> ResponseReturnValue:
    """Take the secret the shop signs with."""
    found, form = shop_queries.connection_of_brand(brand_id, connection), SecretForm()
    if not form.validate_on_submit():
        return _page(brand_id, connection, secret_form=form, status=422)
    try:
        with unit_of_work():
            made = shop_commands.set_secret(found.id, form.secret.data, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(brand_id, connection, secret_form=form, status=422)
    end = shop_rules.last_four(made.secret)
    said = f"The secret that ends in {end} is good from now on."
    return reply(then=_address(brand_id, connection), said=said)


@blueprint.post("/<connection>/secret/new")
@opens_to("brand.manager")
def make_secret(brand_id: int, connection: str) -> ResponseReturnValue:
    """Make a secret for the shop, and show it this once."""
    found = shop_queries.connection_of_brand(brand_id, connection)
    with unit_of_work():
        secret = shop_commands.make_secret(found.id, by=person().id)
    return _page(brand_id, connection, new_secret=secret)


@blueprint.post("/<connection>/secret/end-rotation")
@opens_to("brand.manager")
def end_rotation(brand_id: int, connection: str) -> ResponseReturnValue:
    """Forget the secret that is going out."""
    found = shop_queries.connection_of_brand(brand_id, connection)
    with unit_of_work():
        shop_commands.end_rotation(found.id, by=person().id)
    return reply(then=_address(brand_id, connection), said="Only the new secret is good now.")


@blueprint.post("/<connection>/access")
@opens_to("brand.manager")
def set_access(brand_id: int, connection: str) -> ResponseReturnValue:
    """Take the key to the shop's own interface, and try it."""
    found, form = shop_queries.connection_of_brand(brand_id, connection), AccessForm()
    if not form.validate_on_submit():
        return _page(brand_id, connection, access_form=form, status=422)
    try:
        with unit_of_work():
            shop_commands.set_access(
                found.id, form.address.data or "", form.key.data or "", form.token.data or "",
                allows_http=_is_rehearsal(), by=person().id,
            )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(brand_id, connection, access_form=form, status=422)
    said = "The key is kept and tried now. Reload in a moment to see what the shop said."
    return reply(then=_address(brand_id, connection), said=said)


@blueprint.post("/<connection>/webhooks")
@opens_to("brand.manager")
def make_webhooks(brand_id: int, connection: str) -> ResponseReturnValue:
    """Have the shop make its webhooks, with the key that works."""
    found = shop_queries.connection_of_brand(brand_id, connection)
    with unit_of_work():
        shop_commands.ask_for_webhooks(found.id, by=person().id)
    said = (
        "The shop is asked to make its webhooks now. Reload in a moment, then place a test order."
    )
    return reply(then=_address(brand_id, connection), said=said)


@blueprint.post("/<connection>/access/forget")
@opens_to("brand.manager")
def forget_access(brand_id: int, connection: str) -> ResponseReturnValue:
    """Throw the key away."""
    found = shop_queries.connection_of_brand(brand_id, connection)
    with unit_of_work():
        shop_commands.forget_access(found.id, by=person().id)
    said = "The key is forgotten. Codes already in the shop stay there."
    return reply(then=_address(brand_id, connection), said=said)


@blueprint.post("/<connection>/off")
@opens_to("brand.manager")
def switch_off(brand_id: int, connection: str) -> ResponseReturnValue:
    """Close the hook."""
    return _switch(brand_id, connection, False, "The shop is switched off. Its orders stay.")


@blueprint.post("/<connection>/on")
@opens_to("brand.manager")
def switch_on(brand_id: int, connection: str) -> ResponseReturnValue:
    """Open the hook again."""
    return _switch(brand_id, connection, True, "The shop is switched on again.")


def _switch(brand_id: int, connection: str, is_active: bool, said: str) -> ResponseReturnValue:
    found = shop_queries.connection_of_brand(brand_id, connection)
    with unit_of_work():
        shop_commands.set_active(found.id, is_active, by=person().id)
    return reply(then=_address(brand_id, connection), said=said)


def _page(
    brand_id: int,
    connection: str,
    *,
    secret_form: SecretForm | None = None,
    access_form: AccessForm | None = None,
    new_secret: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    context = _shop(brand_id, connection)
    access = context["shop"].access
    kept = {"address": access.address, "key": access.key} if access else {}
    return reply(
        "integrations/brand/shop.html", status=status,
        form=secret_form or access_form or SecretForm(formdata=None),
        secret_form=secret_form or SecretForm(formdata=None),
        access_form=access_form or AccessForm(formdata=None, data=kept),
        new_secret=new_secret, **context,
    )  # fmt: skip


def _shop(brand_id: int, connection: str) -> dict[str, Any]:
    found = shop_queries.shop_of_brand(brand_id, connection)
    base, one = current_app.config["PORTAL"].base_url, found.connection
    return {
        "shop": found,
        "brand": identity.brand(brand_id),
        "hook_url": f"{base}/hooks/{one.source.value}/{one.public_id}",
        "name": shop_rules.NAMES[one.source],
        "has_hook": one.source in shop_rules.WITH_HOOK,
        "topics": shop_rules.WANTED_TOPICS.get(one.source, ()),
        "where_secret": shop_rules.WHERE_SECRET.get(one.source, ""),
        "last_four": shop_rules.last_four,
        "outgoing_at": shop_queries.outgoing_at(one),
        "is_proved": bool(one.secret) and shop_queries.is_proved(one),
        "example": api.example_of(brand_id) if one.source is Source.API else None,
        "api_url": f"{base}/api/v1",
        "snippet_url": f"{base}/vouch.js",
        "may_change": _may_change(brand_id),
    }


def _may_change(brand_id: int) -> bool:
    return person().may("brand.manager", brand_id)


def _source(word: str) -> Source:
    found = next((one for one in shop_rules.CONNECTABLE if one.value == word), None)
    if found is None:
        raise NotFound()
    return found


def _is_rehearsal() -> bool:
    """In a demo and in tests the shops are on this very machine, without a certificate."""
    settings = current_app.config["PORTAL"]
    return bool(settings.demo or settings.testing)


def _address(brand_id: int, connection: str) -> str:
    return url_for(".shop", brand_id=brand_id, connection=connection)
