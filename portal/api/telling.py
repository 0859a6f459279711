"""What a program tells of orders stands in its shop's feed: done, or refused and why."""

from flask import current_app, g, request

from portal.api import queries, reporting
from portal.api.provider import Call, Inbox
from portal.api.queries import Caller
from portal.storage.unit_of_work import unit_of_work


def shop(brand_id: int) -> int:
    """The connection that the calling key of this brand tells for; within a unit of work."""
    caller: Caller = g.api_caller
    return reporting.connection_of(brand_id, caller.connection_id)


def keep(topic: str, order_id: int | None) -> None:
    """This call was done; within its unit of work. Without an order it waits for one."""
    _inbox().keep(_call(topic), order_id)


def refuse(topic: str, reason: str) -> None:
    """This call was refused, after its own unit of work is over."""
    with unit_of_work():
        _inbox().refuse(_call(topic), reason)


def note_wrong_key() -> None:
    """A call came without a key that opens anything: its shop hears of it, where one can say
    which shop was meant."""
    meant = queries.nearest(request.headers.get("Authorization", ""))
    if meant is not None:
        with unit_of_work():
            connection_id = reporting.connection_of(meant.brand_id, meant.connection_id)
            _inbox().note_wrong_key(connection_id)


def _call(topic: str) -> Call:
    caller: Caller = g.api_caller
    is_too_large = (request.content_length or 0) > (request.max_content_length or 0)
    body = b"" if is_too_large else request.get_data()
    return Call(shop(caller.brand_id), topic, f"{caller.name}, {caller.masked}", body)


def _inbox() -> Inbox:
    found: Inbox = current_app.extensions["api.inbox"]
    return found
