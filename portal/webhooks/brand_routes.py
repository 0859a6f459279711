"""Doors for a brand's managers: where we tell what happened, and how that went."""

import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list
from portal.webhooks import commands, queries, rules
from portal.webhooks.forms import EndpointForm, ReplayForm
from portal.webhooks.models import DeliveryStatus, WebhookEndpoint

blueprint = Blueprint(
    "webhooks_brand", __name__, url_prefix="/brand/<brand:brand_id>/settings/webhooks"
)


@blueprint.get("")
@opens_to("brand.manager")
def endpoints(brand_id: int) -> ResponseReturnValue:
    """The brand's endpoints, and a form for a new one."""
    return _list_page(brand_id, EndpointForm(), 200)


@blueprint.post("")
@opens_to("brand.manager")
def add(brand_id: int) -> ResponseReturnValue:
    """Add an endpoint."""
    form = EndpointForm()
    if not form.validate_on_submit():
        return _list_page(brand_id, form, 422)
    try:
        with unit_of_work():
            found = commands.add_endpoint(brand_id, *_told(form), **_terms())
    except InvalidInput as wrong:
        form.refuse(wrong)
        return _list_page(brand_id, form, 422)
    said = "The endpoint is ready. Keep its secret, then send a test."
    return reply(then=_home(brand_id, found.public_id), said=said)


@blueprint.get("/<hook>")
@opens_to("brand.manager")
def endpoint(brand_id: int, hook: str) -> ResponseReturnValue:
    """One endpoint: its state, its log, what can be done."""
    return _page(brand_id, queries.one_of_brand(brand_id, hook), ReplayForm(), 200)


@blueprint.get("/<hook>/edit")
@opens_to("brand.manager")
def edit(brand_id: int, hook: str) -> ResponseReturnValue:
    """Its address and events."""
    found = queries.one_of_brand(brand_id, hook)
    form = EndpointForm(url=found.url, label=found.label, types=list(found.types))
    return _edit_page(brand_id, found, form, 200)


@blueprint.post("/<hook>/edit")
@opens_to("brand.manager")
def save(brand_id: int, hook: str) -> ResponseReturnValue:
    """Save its address and events."""
    found, form = queries.one_of_brand(brand_id, hook), EndpointForm()
    if not form.validate_on_submit():
        return _edit_page(brand_id, found, form, 422)
    try:
        with unit_of_work():
            commands.edit_endpoint(found.id, *_told(form), **_terms())
    except InvalidInput as wrong:
        form.refuse(wrong)
        return _edit_page(brand_id, found, form, 422)
    return reply(then=_home(brand_id, hook), said="Saved.")


@blueprint.post("/<hook>/secret")
@opens_to("brand.manager")
def secret(brand_id: int, hook: str) -> ResponseReturnValue:
    """Show the signing secret; that it was shown is recorded."""
    found = queries.one_of_brand(brand_id, hook)
    with unit_of_work():
        commands.note_secret_shown(found.id, by=person().id)
    return _page(brand_id, found, ReplayForm(), 200, shows_secret=True)


@blueprint.post("/<hook>/rotate")
@opens_to("brand.manager")
def rotate(brand_id: int, hook: str) -> ResponseReturnValue:
    """Sign with a new secret; the old one signs too for a day."""
    found = queries.one_of_brand(brand_id, hook)
    with unit_of_work():
        commands.rotate_secret(found.id, by=person().id)
    found = queries.one_of_brand(brand_id, hook)
    return _page(brand_id, found, ReplayForm(), 200, shows_secret=True)


@blueprint.post("/<hook>/test")
@opens_to("brand.manager")
def send_test(brand_id: int, hook: str) -> ResponseReturnValue:
    """Queue a test message."""
    found = queries.one_of_brand(brand_id, hook)
    with unit_of_work():
        delivery = commands.send_test(found.id, by=person().id)
    said = "The test is on its way. Reload to see what was answered."
    there = url_for(".delivery", brand_id=brand_id, hook=hook, delivery=delivery.public_id)
    return reply(then=there, said=said)


@blueprint.post("/<hook>/disable")
@opens_to("brand.manager")
def disable(brand_id: int, hook: str) -> ResponseReturnValue:
    """Stop sending to it."""
    found = queries.one_of_brand(brand_id, hook)
    with unit_of_work():
        commands.disable(found.id, "Disabled by hand.", by=person().id)
    return reply(then=_home(brand_id, hook), said="Nothing more is sent to it.")


@blueprint.post("/<hook>/enable")
@opens_to("brand.manager")
def enable(brand_id: int, hook: str) -> ResponseReturnValue:
    """Send to it again."""
    found = queries.one_of_brand(brand_id, hook)
    with unit_of_work():
        commands.enable(found.id, by=person().id)
    return reply(then=_home(brand_id, hook), said="It is sent to again, what waited first.")


@blueprint.get("/<hook>/remove")
@opens_to("brand.manager")
def ask_remove(brand_id: int, hook: str) -> ResponseReturnValue:
    """What removing means."""
    found = queries.one_of_brand(brand_id, hook)
    return reply(
        "webhooks/brand/remove.html",
        endpoint=found,
        counts=queries.counts(found.id),
        brand=identity.brand(brand_id),
    )


@blueprint.post("/<hook>/remove")
@opens_to("brand.manager")
def remove(brand_id: int, hook: str) -> ResponseReturnValue:
    """Take it away for ever."""
    found = queries.one_of_brand(brand_id, hook)
    with unit_of_work():
        commands.remove(found.id, by=person().id)
    said = f"{found.name} is removed."
    return reply(then=url_for(".endpoints", brand_id=brand_id), said=said)


@blueprint.post("/<hook>/replay")
@opens_to("brand.manager")
def replay_since(brand_id: int, hook: str) -> ResponseReturnValue:
    """Send again what happened since an instant."""
    found, form = queries.one_of_brand(brand_id, hook), ReplayForm()
    if not form.validate_on_submit():
        return _page(brand_id, found, form, 422)
    since = clock.now() - timedelta(hours=int(form.hours.data))
    only_failed = form.which.data == "failed"
    with unit_of_work():
        count = commands.replay_since(found.id, since, only_failed=only_failed, by=person().id)
    return reply(then=_home(brand_id, hook), said=_replayed(count))


@blueprint.get("/<hook>/deliveries/<delivery>")
@opens_to("brand.manager")
def delivery(brand_id: int, hook: str, delivery: str) -> ResponseReturnValue:
    """One message: what it said, and every try to deliver it."""
    found = queries.one_of_brand(brand_id, hook)
    row = queries.delivery_of(found.id, delivery)
    return reply(
        "webhooks/brand/delivery.html",
        endpoint=found,
        row=row,
        attempts=queries.attempts_of(row.delivery.id),
        body=json.dumps(json.loads(row.message.body), indent=2, ensure_ascii=False),
        brand=identity.brand(brand_id),
    )


@blueprint.post("/<hook>/deliveries/<delivery>/replay")
@opens_to("brand.manager")
def replay(brand_id: int, hook: str, delivery: str) -> ResponseReturnValue:
    """Send one message again."""
    found = queries.one_of_brand(brand_id, hook)
    row = queries.delivery_of(found.id, delivery)
    with unit_of_work():
        commands.replay(row.delivery.id, by=person().id)
    there = url_for(".delivery", brand_id=brand_id, hook=hook, delivery=delivery)
    return reply(then=there, said="It is sent again, under the same webhook-id.")


def _told(form: EndpointForm) -> tuple[str, str, list[str]]:
    return form.url.data, form.label.data or "", form.types.data or []


def _terms() -> dict[str, Any]:
    return {
        "by": person().id,
        "allows_loopback": current_app.config["PORTAL"].is_rehearsal,
    }


def _home(brand_id: int, hook: str) -> str:
    return url_for(".endpoint", brand_id=brand_id, hook=hook)


def _replayed(count: int) -> str:
    if not count:
        return "There is nothing to send again."
    more = " The rest follows."
    words = "1 message is sent again." if count == 1 else f"{count:,} messages are sent again."
    return words + (more if count == commands.REPLAY_MOST else "")


def _list_page(brand_id: int, form: EndpointForm, status: int) -> ResponseReturnValue:
    return reply(
        "webhooks/brand/endpoints.html",
        status=status,
        form=form,
        endpoints=queries.endpoints_of(brand_id),
        brand=identity.brand(brand_id),
    )


def _edit_page(
    brand_id: int, found: WebhookEndpoint, form: EndpointForm, status: int
) -> ResponseReturnValue:
    return reply(
        "webhooks/brand/edit.html",
        status=status,
        form=form,
        endpoint=found,
        brand=identity.brand(brand_id),
    )


def _page(
    brand_id: int,
    found: WebhookEndpoint,
    form: ReplayForm,
    status: int,
    *,
    shows_secret: bool = False,
) -> ResponseReturnValue:
    state = request.args.get("status", "")
    wanted = DeliveryStatus(state) if state in set(DeliveryStatus) else None
    part = "webhooks/brand/_log.html" if wants_list() else None
    return reply(
        "webhooks/brand/endpoint.html",
        part,
        status=status,
        form=form,
        endpoint=found,
        secret=found.secret if shows_secret else None,
        is_rotating=found.is_rotating(clock.now()),
        log=queries.log_of(found.id, PageRequest(request.args.get("cursor")), wanted),
        counts=queries.counts(found.id),
        state=wanted.value if wanted else "",
        type_words=rules.TYPES,
        brand=identity.brand(brand_id),
    )
