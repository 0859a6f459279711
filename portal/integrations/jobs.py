"""Slow work with shops: each call stands between two short transactions."""

from datetime import timedelta
from io import BytesIO
from itertools import islice

from portal.integrations import (
    code_commands,
    code_queries,
    feed_commands,
    feed_queries,
    reading_commands,
    shop_commands,
    upload_commands,
)
from portal.integrations import commands as inbox
from portal.integrations.csv_orders.commands import import_orders
from portal.integrations.models import AccessState, Upload, UploadState
from portal.integrations.shop_api import ShopBusy
from portal.integrations.shop_apis import ShopApis
from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.kernel.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from portal.sales import commands as sales
from portal.storage.locks import lock
from portal.storage.unit_of_work import end_read, unit_of_work

CHECK_AGAIN = timedelta(minutes=5)
SLICE = 20
FORGOTTEN_AT_ONCE = 500


def check_access(connection_id: int, shops: ShopApis) -> None:
    """Try a key that was just pasted. When it works, every working code goes into the shop."""
    reach = code_queries.reach_of(connection_id)
    end_read()
    if reach is None:
        return
    state, problem = AccessState.WORKING, ""
    try:
        shops.of(reach).check()
    except ProviderRefused as refusal:
        state, problem = AccessState.REFUSED, refusal.message
    except ProviderUnavailable as trouble:
        state, problem = AccessState.UNREACHABLE, trouble.message
    with unit_of_work():
        shop_commands.note_access(connection_id, state, problem)
        if state is AccessState.WORKING:
            shop_commands.push_all(connection_id)
        elif state is AccessState.UNREACHABLE:
            args, again = {"connection_id": connection_id}, clock.now() + CHECK_AGAIN
            key = f"check-access:{connection_id}"
            jobs.enqueue("integrations.check_access", args, dedupe=key, run_at=again)


def subscribe(connection_id: int, shops: ShopApis, base_url: str) -> None:
    """Have the shop make its webhooks for us. No secret travels in the job: it is made here."""
    reach, hook = code_queries.reach_of(connection_id), code_queries.hook_of(connection_id)
    end_read()
    if reach is None:
        return
    try:
        secret = shops.of(reach).subscribe(f"{base_url}{hook}", codes.secret())
    except (ProviderRefused, ProviderUnavailable) as trouble:
        with unit_of_work():
            shop_commands.note_access(connection_id, AccessState.WORKING, trouble.message)
    else:
        with unit_of_work():
            shop_commands.subscribed(connection_id, secret)


def push_all(connection_id: int) -> None:
    """Ask for every code of the brand in this shop, some 200 to a transaction."""
    after_id: int | None = 0
    while after_id is not None:
        with unit_of_work():
            after_id = code_commands.want_some(connection_id, after_id)


def push_code(sync_id: int, wanted: int, shops: ShopApis, instance: str) -> None:
    """Tell one shop about one code. A newer wish has its own job; a closed shop is left alone."""
    push = code_queries.push(sync_id, wanted)
    end_read()
    if push is None:
        return
    api, reference = shops.of(push.reach), push.reference
    try:
        if push.is_working:
            key = f"{instance}:code:{push.mark}:{sync_id}:{wanted}"
            reference = api.put(push.wanted, push.reference, key)
        else:
            api.end(push.wanted, push.reference)
    except ProviderRefused as refusal:
        with unit_of_work():
            code_commands.refused(sync_id, wanted, refusal.message)
    except ProviderUnavailable as trouble:
        wait = trouble.retry_after_seconds if isinstance(trouble, ShopBusy) else 0
        with unit_of_work():
            code_commands.not_reached(sync_id, wanted, trouble.message, wait)
    else:
        with unit_of_work():
            code_commands.settled(sync_id, wanted, reference, is_working=push.is_working)


def learn_promotions(event_id: int, references: list[str], shops: ShopApis) -> None:
    """Ask Stripe which codes these ids stand for, then read the message again.

    Raises ProviderUnavailable: the job is tried again. What Stripe does not know stays unnamed.
    """
    connection_id = code_queries.connection_of_event(event_id)
    reach = code_queries.reach_of(connection_id) if connection_id else None
    end_read()
    if reach is None or connection_id is None:
        return
    found = {}
    for reference in references:
        try:
            found[reference] = shops.of(reach).code_of(reference)
        except ProviderRefused:
            continue
    with unit_of_work():
        for reference, code in found.items():
            code_commands.remember_promotion(connection_id, reference, code)
        if found:
            inbox.replay(event_id, by=None)


def reconcile(connection_id: int, shops: ShopApis, days: int | None = None) -> None:
    """Read a shop's last days again; what no webhook had told goes through the inbox."""
    reach = code_queries.reach_of(connection_id)
    end_read()
    if reach is None:
        return
    with unit_of_work():
        reading = reading_commands.start(connection_id, days)
        reading_id, since, until = reading.id, reading.since, reading.until
    problem = ""
    try:
        told = shops.of(reach).told(since, until)
        while some := list(islice(told, SLICE)):
            with unit_of_work():
                reading_commands.take_in(reading_id, some)
    except (ProviderRefused, ProviderUnavailable) as trouble:
        problem = trouble.message
    with unit_of_work():
        reading_commands.finish(reading_id, problem)


def reconcile_due() -> None:
    """Ask for a reading of every shop that was not read for six hours."""
    with unit_of_work():
        reading_commands.ask_due()


def forget_bodies(keep_days: int) -> None:
    """Empty the raw bodies of messages older than this, and files of orders nobody imported; ids,
    hash and what became of them stay.

    0 keeps them for ever. Some 500 to a transaction.
    """
    if keep_days:
        with unit_of_work():
            upload_commands.forget_unused(clock.now() - timedelta(days=keep_days))
    before = clock.wall() - timedelta(days=keep_days)
    while keep_days:
        old = feed_queries.with_old_bodies(before, FORGOTTEN_AT_ONCE)
        end_read()
        if not old:
            return
        with unit_of_work():
            feed_commands.forget_bodies(old)


def read_upload(upload_id: int) -> None:
    """Check a file of orders, or import it when that was asked for."""
    with unit_of_work():
        found = lock(Upload, upload_id)
        body, is_import = found.body, found.state is UploadState.IMPORTING
        if found.state not in (UploadState.CHECKING, UploadState.IMPORTING):
            return
        connection_id = sales.csv_connection(found.brand_id)
    try:
        report = import_orders(connection_id, BytesIO(body), dry_run=not is_import)
    except InvalidInput as wrong:
        with unit_of_work():
            upload_commands.failed(upload_id, wrong.message)
    else:
        with unit_of_work():
            upload_commands.done(upload_id, report.as_json())
