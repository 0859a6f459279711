"""Doors for the brand: what there is to give, giving it, sending it, its export."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput, NotFound, PortalError
from portal.kernel.pages import PageRequest
from portal.rewards import brand_pages, commands, item_commands, queries
from portal.rewards.forms import GIFT, ChangeForm, GiveForm, ItemForm, StepForm
from portal.rewards.models import RewardKind
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import HouseForm, amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("rewards_brand", __name__, url_prefix="/brand/<brand:brand_id>/rewards")
LIST, NEW = "rewards/brand/rewards.html", "rewards/brand/item.html"
GIVE, CHANGE = "rewards/brand/give.html", "rewards/brand/change.html"
BRIEFS, STEP = "rewards/brand/briefs.html", "rewards/brand/step.html"


@blueprint.get("")
@opens_to("brand.viewer")
def rewards(brand_id: int) -> ResponseReturnValue:
    """What was given and what there is to give."""
    page = PageRequest(request.args.get("cursor"))
    return reply(LIST, **brand_pages.listing(brand_id, request.args.get("view", ""), page))


@blueprint.get("/rewards.csv")
@opens_to("brand.viewer")
def export(brand_id: int) -> ResponseReturnValue:
    """Everything given, for a spreadsheet."""
    name = f"{identity.brand(brand_id).slug}-rewards.csv"
    return Response(
        brand_pages.sheet_of(brand_id), mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@blueprint.route("/items/new", methods=["GET", "POST"])
@opens_to("brand.manager")
def new_item(brand_id: int) -> ResponseReturnValue:
    """One more thing to give, with its fair value."""
    form, brand = brand_pages.item_form(brand_id), identity.brand(brand_id)
    if not form.is_submitted():
        return reply(NEW, form=form, brand=brand)
    try:
        _must_be_valid(form)
        with unit_of_work():
            _add(brand_id, form)
    except InvalidInput as refusal:
        return _refused(NEW, form, refusal, brand=brand)
    return reply(then=_home(brand_id), said="Added. It can be given now.")


@blueprint.route("/items/<item>", methods=["GET", "POST"])
@opens_to("brand.manager")
def change_item(brand_id: int, item: str) -> ResponseReturnValue:
    """Another price in points, another stock, or no longer given."""
    found = queries.item_of_brand(brand_id, item)
    form = ChangeForm(data=brand_pages.change_values(found))
    about: dict[str, Any] = {"item": found, "brand": identity.brand(brand_id)}
    if not form.is_submitted():
        return reply(CHANGE, form=form, **about)
    try:
        _must_be_valid(form)
        with unit_of_work():
            item_commands.change_item(
                found.id, points_price=form.points_price.data, stock=form.stock.data,
                seen_stock=form.seen_stock.data, is_active=bool(form.is_active.data),
                by=person().id,
            )  # fmt: skip
    except InvalidInput as refusal:
        if refusal.field == "stock":
            form.sees(found.stock)
        return _refused(CHANGE, form, refusal, **about)
    return reply(then=_home(brand_id), said="Saved. What was given stays as it was.")


@blueprint.route("/give", methods=["GET", "POST"])
@opens_to("brand.manager")
def give(brand_id: int) -> ResponseReturnValue:
    """Give something to one ambassador; sending the same form twice gives it once."""
    form = brand_pages.give_form(brand_id, is_new=request.method == "GET")
    brand = identity.brand(brand_id)
    if not form.is_submitted():
        return reply(GIVE, form=form, brand=brand)
    try:
        _must_be_valid(form)
        with unit_of_work():
            _give(brand_id, form)
    except PortalError as refusal:
        return _refused(GIVE, form, refusal, brand=brand)
    return reply(then=_home(brand_id, view="all"), said="Given. The ambassador is told by mail.")


@blueprint.route("/briefs", methods=["GET", "POST"])
@opens_to("brand.manager")
def briefs(brand_id: int) -> ResponseReturnValue:
    """What completed work of a brief gives beside its fee."""
    form = brand_pages.brief_form(brand_id, is_new=request.method == "GET")
    if not form.is_submitted():
        return reply(BRIEFS, **brand_pages.briefs(brand_id, form))
    try:
        _must_be_valid(form)
        item = queries.item_of_brand(brand_id, form.item.data)
        with unit_of_work():
            item_commands.set_brief_reward(
                brand_id, form.brief.data, item.id, form.quantity.data or 0, by=person().id
            )
    except PortalError as refusal:
        return _refused(BRIEFS, form, refusal, **brand_pages.briefs(brand_id, form))
    return reply(then=url_for(".briefs", brand_id=brand_id), said="Saved for work from now on.")


@blueprint.get("/<reward>")
@opens_to("brand.manager")
def reward(brand_id: int, reward: str) -> ResponseReturnValue:
    """One reward on its way: send it, issue it, or cancel it."""
    found = queries.one_of_brand(brand_id, reward)
    return reply(STEP, form=StepForm(formdata=None), **brand_pages.one(found))


@blueprint.post("/<reward>/<any(ship,deliver,issue,cancel):action>")
@opens_to("brand.manager")
def step(brand_id: int, reward: str, action: str) -> ResponseReturnValue:
    """The next step of a reward on its way to her."""
    found, form = queries.one_of_brand(brand_id, reward), StepForm()
    try:
        _must_be_valid(form)
        with unit_of_work():
            commands.move(
                found.id, action, by=person().id, tracking=form.tracking.data or "",
                card_code=form.card_code.data or "",
            )  # fmt: skip
    except InvalidInput as refusal:
        return _refused(STEP, form, refusal, **brand_pages.one(found))
    return reply(then=_home(brand_id), said=f"Saved: {brand_pages.STEPS[action]}.")


def _add(brand_id: int, form: ItemForm) -> None:
    item_commands.add_item(
        brand_id, RewardKind(form.kind.data), form.name.data or "",
        amount_of(form.value, form.currency_code), points_price=form.points_price.data,
        stock=form.stock.data, by=person().id,
    )  # fmt: skip


def _give(brand_id: int, form: GiveForm) -> None:
    item = queries.item_of_brand(brand_id, form.item.data)
    how = queries.GIFT if form.reason.data == GIFT else "hand:"
    commands.give(
        item.id, queries.creator_named(brand_id, form.creator.data or ""),
        form.quantity.data or 0, source=f"{how}{brand_id}:{(form.token.data or '')[:40]}",
        note=form.note.data or "", by=person().id,
    )  # fmt: skip


def _must_be_valid(form: HouseForm) -> None:
    """Raises InvalidInput, without a sentence of its own, when a field was refused already."""
    if not form.validate_on_submit():
        raise InvalidInput("", "")


def _refused(page: str, form: HouseForm, refusal: PortalError, **about: Any) -> Response:
    if refusal.message:
        if isinstance(refusal, InvalidInput):
            form.refuse(refusal)
        else:
            at = "creator" if isinstance(refusal, NotFound) else ""
            form.refuse(InvalidInput(at, refusal.message))
    return reply(page, status=422, form=form, **about)


def _home(brand_id: int, view: str | None = None) -> str:
    return url_for(".rewards", brand_id=brand_id, view=view)
