"""Connect a shop from its page: address, signing secret, access to the shop's own interface."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from portal.audit.commands import note
from portal.integrations import shop_queries, shop_rules, wizard_rules
from portal.integrations.models import (
    AccessState,
    CodeSync,
    HookSighting,
    ShopAccess,
    SightingKind,
)
from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.sales import commands as sales
from portal.sales.models import Connection, Source
from portal.storage.changes import change
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db

SIGHTING_EVERY = timedelta(seconds=2)
PASTE = (
    "The webhooks are made. Shopify signs them with the app’s API secret key: copy it from the "
    "app’s page and paste it as the signing secret."
)
OTHERS = "This shop has no webhook and no interface of its own."


def connect(brand_id: int, source: Source, name: str, *, by: int | None) -> Connection:
    """Open a door for one more shop. It believes nobody until its signing secret is pasted, or a
    key of its own is made."""
    if source not in shop_rules.CONNECTABLE:
        raise InvalidInput("source", f"{shop_rules.NAMES[source]} need no connection.")
    connection = sales.connect(brand_id, source, name=name.strip()[:120])
    connection.secret = ""
    db.session.flush()
    note(by, "shop.connected", connection.id, brand_id=brand_id, source=source.value)
    return connection


def rename(connection_id: int, name: str, *, by: int | None) -> None:
    """What the shop is called on our pages."""
    connection = lock(Connection, connection_id)
    connection.name = name.strip()[:120] or connection.name
    note(by, "shop.renamed", connection.id, brand_id=connection.brand_id, name=connection.name)


def set_secret(connection_id: int, typed: str, *, by: int | None) -> Connection:
    """Take the shop's signing secret. One that the shop has signed with stays good beside the new
    one until `end_rotation`; one that never fitted was mistyped and is replaced.

    Raises InvalidInput for what is no secret or is the one already in use.
    """
    connection = _hooked(connection_id)
    secret = shop_rules.checked_secret(connection.source, typed)
    if secret == connection.secret:
        raise InvalidInput("secret", "This is the secret already in use.")
    if connection.secret and shop_queries.is_proved(connection):
        sales.rotate_secret(connection_id, secret)
    else:
        connection.secret = secret
    db.session.execute(delete(HookSighting).where(HookSighting.connection_id == connection_id))
    note(by, "shop.secret-set", connection.id, brand_id=connection.brand_id)
    return connection


def make_secret(connection_id: int, *, by: int | None) -> str:
    """A new secret for shops that ask for one (WooCommerce). Shown this once."""
    secret = codes.secret()
    set_secret(connection_id, secret, by=by)
    return secret


def end_rotation(connection_id: int, *, by: int | None) -> None:
    """The shop signs with the new secret: the old one is forgotten."""
    connection = _hooked(connection_id)
    if not connection.previous_secret:
        raise Conflict("Only one secret is good already.")
    sales.end_rotation(connection_id)
    note(by, "shop.rotation-ended", connection_id, brand_id=connection.brand_id)


def set_active(connection_id: int, is_active: bool, *, by: int | None) -> None:
    """Close a shop's hook, or open it again; nothing recorded is touched. Codes that began or
    ended meanwhile are then told to the shop."""
    connection = sales.set_active(connection_id, is_active)
    if is_active:
        push_all(connection_id)
    verb = "switched-on" if is_active else "switched-off"
    note(by, f"shop.{verb}", connection.id, brand_id=connection.brand_id)


# ---- the shop's own interface
def set_access(
    connection_id: int, address: str, key: str, secret: str, *, allows_http: bool, by: int | None
) -> ShopAccess:
    """Keep the key to a shop's interface and try it at once. An empty secret keeps the old one.

    Raises InvalidInput for an address or key that cannot be meant.
    """
    connection = _hooked(connection_id)
    address = shop_rules.checked_address(connection.source, address, allows_http=allows_http)
    access = db.session.scalar(select(ShopAccess).where(ShopAccess.connection_id == connection_id))
    if not secret and access is None:
        raise InvalidInput("token", "Paste the key the shop gave you.")
    if access is None:
        access = ShopAccess(connection_id=connection_id)
        db.session.add(access)
    access.address, access.key = address, key
    access.secret = secret or access.secret
    access.state, access.problem, access.checked_at = AccessState.UNTESTED, "", None
    db.session.flush()
    note(by, "shop.access-set", connection.id, brand_id=connection.brand_id, address=address)
    jobs.enqueue("integrations.check_access", {"connection_id": connection_id})
    return access


def ask_for_webhooks(connection_id: int, *, by: int | None) -> None:
    """Have the shop's webhooks made with its key. Raises Conflict while no key works."""
    connection = _hooked(connection_id)
    state = db.session.scalar(
        select(ShopAccess.state).where(ShopAccess.connection_id == connection_id)
    )
    if state is not AccessState.WORKING:
        raise Conflict("The key has to work first.")
    note(by, "shop.webhooks-asked", connection.id, brand_id=connection.brand_id)
    jobs.enqueue(
        "integrations.subscribe", {"connection_id": connection_id},
        dedupe=f"subscribe:{connection_id}",
    )  # fmt: skip


def subscribed(connection_id: int, secret: str) -> None:
    """The webhooks are made, signed with this secret, or with one a person must paste ("")."""
    if secret:
        set_secret(connection_id, secret, by=None)
    note_access(connection_id, AccessState.WORKING, "" if secret else PASTE)


def forget_access(connection_id: int, *, by: int | None) -> None:
    """Codes go into this shop by hand again. Those already there stay there."""
    connection = lock(Connection, connection_id)
    db.session.execute(delete(ShopAccess).where(ShopAccess.connection_id == connection_id))
    db.session.execute(delete(CodeSync).where(CodeSync.connection_id == connection_id))
    note(by, "shop.access-forgotten", connection.id, brand_id=connection.brand_id)


def push_all(connection_id: int) -> None:
    """Have every code told to a shop that is open to us again."""
    jobs.enqueue(
        "integrations.push_all", {"connection_id": connection_id},
        dedupe=f"push-all:{connection_id}",
    )  # fmt: skip


def note_access(connection_id: int, state: AccessState, problem: str = "") -> None:
    """What the shop said when it was last asked."""
    db.session.execute(
        update(ShopAccess)
        .where(ShopAccess.connection_id == connection_id)
        .values(state=state, problem=problem[:1000], checked_at=clock.now())
    )


# ---- what came to a hook without becoming a message
def note_sighting(connection_id: int, kind: SightingKind, topic: str) -> None:
    """Remember that this came, for the wizard; at most every two seconds, whatever the flood."""
    now = clock.wall()
    values = {"connection_id": connection_id, "kind": kind, "topic": topic[:120], "last_at": now}
    if insert_once(HookSighting, **values, count=1) is not None:
        return
    this = (HookSighting.connection_id == connection_id) & (HookSighting.kind == kind)
    change(
        update(HookSighting)
        .where(this, HookSighting.last_at <= now - SIGHTING_EVERY)
        .values(last_at=now, topic=topic[:120], count=HookSighting.count + 1)
    )


def forget_refusals(connection_id: int) -> None:
    """Something signed with the right secret came after all that was refused."""
    this = HookSighting.connection_id == connection_id
    db.session.execute(
        delete(HookSighting).where(this, HookSighting.kind.in_(wizard_rules.REFUSALS))
    )


def _hooked(connection_id: int) -> Connection:
    connection = lock(Connection, connection_id)
    if connection.source not in shop_rules.WITH_HOOK:
        raise InvalidInput("secret", OTHERS)
    return connection
