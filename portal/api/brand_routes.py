"""Doors for a brand's managers: API keys, shown once, rotated, revoked."""

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from portal.api import commands, example_queries, queries, rules
from portal.api.forms import KeyForm, RotateForm
from portal.api.models import ApiKey
from portal.identity import queries as identity
from portal.kernel import clock
from portal.sales import queries as sales
from portal.sales.models import Connection
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("api_brand", __name__, url_prefix="/brand/<brand:brand_id>/settings/api")


@blueprint.get("")
@opens_to("brand.manager")
def keys(brand_id: int) -> ResponseReturnValue:
    """The brand's API keys, and a form for a new one."""
    return _page(brand_id, KeyForm(), 200)


@blueprint.post("")
@opens_to("brand.manager")
def create(brand_id: int) -> ResponseReturnValue:
    """Create a key; its secret stands on this one page."""
    form = KeyForm()
    if not form.validate_on_submit():
        return _page(brand_id, form, 422)
    with unit_of_work():
        key, secret = commands.create_key(
            brand_id, form.name.data, form.scopes.data, by=person().id
        )
    return _shown_once(brand_id, key, secret)


@blueprint.post("/shop/<connection>")
@opens_to("brand.manager")
def create_for_shop(brand_id: int, connection: str) -> ResponseReturnValue:
    """Create the key that one shop tells its orders with."""
    shop = sales.one_connection_of_brand(brand_id, connection)
    with unit_of_work():
        key, secret = commands.create_shop_key(shop.id, by=person().id)
    return _shown_once(brand_id, key, secret, shop=shop)


@blueprint.get("/<key>")
@opens_to("brand.manager")
def key(brand_id: int, key: str) -> ResponseReturnValue:
    """One key: what it may do, when it was used, how to rotate it."""
    return _key_page(brand_id, queries.one_of_brand(brand_id, key), RotateForm(), 200)


@blueprint.post("/<key>/rotate")
@opens_to("brand.manager")
def rotate(brand_id: int, key: str) -> ResponseReturnValue:
    """Replace a key; the old one goes on for the overlap."""
    found, form = queries.one_of_brand(brand_id, key), RotateForm()
    if not form.validate_on_submit():
        return _key_page(brand_id, found, form, 422)
    with unit_of_work():
        hours = int(form.overlap_hours.data)
        new, secret = commands.rotate_key(found.id, hours, by=person().id)
    return _shown_once(brand_id, new, secret, replaces=queries.one_of_brand(brand_id, key))


@blueprint.get("/<key>/revoke")
@opens_to("brand.manager")
def ask_revoke(brand_id: int, key: str) -> ResponseReturnValue:
    """What stops when the key is revoked."""
    return reply(
        "api/brand/revoke.html",
        key=queries.one_of_brand(brand_id, key),
        brand=identity.brand(brand_id),
        scope_words=rules.SCOPES,
        now=clock.now(),
    )


@blueprint.post("/<key>/revoke")
@opens_to("brand.manager")
def revoke(brand_id: int, key: str) -> ResponseReturnValue:
    """End a key for ever."""
    found = queries.one_of_brand(brand_id, key)
    with unit_of_work():
        commands.revoke_key(found.id, by=person().id)
    said = f"The key “{found.name}” no longer works."
    return reply(then=url_for(".keys", brand_id=brand_id), said=said)


def _page(brand_id: int, form: KeyForm, status: int) -> ResponseReturnValue:
    return reply(
        "api/brand/keys.html",
        status=status,
        form=form,
        brand=identity.brand(brand_id),
        keys=queries.keys_of(brand_id),
        now=clock.now(),
    )


def _key_page(brand_id: int, found: ApiKey, form: RotateForm, status: int) -> ResponseReturnValue:
    people = identity.users([who for who in (found.created_by, found.revoked_by) if who])
    return reply(
        "api/brand/key.html",
        status=status,
        form=form,
        key=found,
        brand=identity.brand(brand_id),
        people={user_id: user.name for user_id, user in people.items()},
        scope_words=rules.SCOPES,
        now=clock.now(),
    )


def _shown_once(
    brand_id: int, key: ApiKey, secret: str, replaces: ApiKey | None = None,
    shop: Connection | None = None,
) -> ResponseReturnValue:  # fmt: skip
    # Not a redirect: the secret is in no session, no URL and no row, only on this page.
    return reply(
        "api/brand/created.html",
        status=201,
        key=key,
        secret=secret,
        replaces=replaces,
        brand=identity.brand(brand_id),
        scope_words=rules.SCOPES,
        shop=shop,
        example=example_queries.example_of(brand_id) if shop else None,
        api_url=f"{current_app.config['PORTAL'].base_url}/api/v1",
    )
