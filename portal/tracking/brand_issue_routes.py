"""Doors for the brand: many codes at once, pools, imports, batches under way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.programs import queries as programs
from portal.programs.models import Program
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import batch_commands, issue_pages, issue_queries
from portal.tracking.issue_forms import BatchForm, ImportForm
from portal.tracking.issue_models import CodeBatch
from portal.tracking.models import BatchKind, BatchStatus
from portal.web.forms import SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("tracking_issue", __name__, url_prefix="/brand/<brand:brand_id>/codes")


@blueprint.route("/many", methods=["GET", "POST"])
@opens_to("brand.manager")
def many(brand_id: int) -> ResponseReturnValue:
    """Many codes by one pattern; a look at what they would be, then the batch."""
    found = programs.programs_of(brand_id)
    form = BatchForm(kind="ambassadors", pattern="{first}{discount}")
    form.program.choices = [SelectChoice(one.public_id, one.name) for one in found]
    form.discount.data = _discount_of(form, found)
    if "do" not in request.form or not form.validate_on_submit():
        return _many_page(brand_id, found, form, status=422 if form.errors else 200)
    chosen = next(one for one in found if one.public_id == form.program.data)
    if request.form["do"] == "look":
        return _many_page(brand_id, found, form)
    try:
        with unit_of_work():
            batch = batch_commands.ask_batch(
                brand_id, chosen.id, BatchKind(form.kind.data), pattern=form.pattern.data or "",
                discount_bp=form.discount_bp, count=form.count.data or 0,
                pool_name=form.pool_name.data or "", by=person().id,
                validity=form.validity(identity.brand(brand_id).zone),
            )  # fmt: skip
    except (InvalidInput, Conflict) as refusal:
        form.refuse(_at_form(refusal))
        return _many_page(brand_id, found, form, status=422)
    return reply(then=_batch(batch))


@blueprint.route("/import", methods=["GET", "POST"])
@opens_to("brand.manager")
def upload(brand_id: int) -> ResponseReturnValue:
    """A pool out of a file of codes that the shop made."""
    found, form = programs.programs_of(brand_id), ImportForm()
    form.program.choices = [SelectChoice(one.public_id, one.name) for one in found]
    shown: dict[str, Any] = {"brand_id": brand_id, "form": form, "programs": found}
    if not form.validate_on_submit():
        return reply("tracking/brand/import.html", status=422 if form.errors else 200, **shown)
    chosen = next(one for one in found if one.public_id == form.program.data)
    try:
        with unit_of_work():
            batch = batch_commands.ask_batch(
                brand_id, chosen.id, BatchKind.FILE, source=form.text(), by=person().id,
                pool_name=form.pool_name.data or "", discount_bp=form.discount_bp,
            )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply("tracking/brand/import.html", status=422, **shown)
    return reply(then=_batch(batch))


@blueprint.get("/pools")
@opens_to("brand.viewer")
def pools(brand_id: int) -> ResponseReturnValue:
    """The brand's pools, and the latest batches."""
    return reply(
        "tracking/brand/pools.html", brand_id=brand_id, pools=issue_queries.pools_of(brand_id),
        batches=issue_queries.batches_of(brand_id), words=issue_pages.batch_words,
        zone=identity.brand(brand_id).zone, may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.get("/pools/<pool>")
@opens_to("brand.viewer")
def pool(brand_id: int, pool: str) -> ResponseReturnValue:
    """One pool: its codes, and who has them."""
    found = issue_queries.pool_of_brand(brand_id, pool)
    listing = issue_queries.pooled_codes(found.id, PageRequest(request.args.get("cursor")))
    counts = {row.pool.id: row for row in issue_queries.pools_of(brand_id)}
    return reply(
        "tracking/brand/pool.html", "tracking/brand/_pool.html" if wants_list() else None,
        brand_id=brand_id, pool=found, listing=listing, row=counts[found.id],
        zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.get("/batches/<batch>")
@opens_to("brand.viewer")
def batch(brand_id: int, batch: str) -> ResponseReturnValue:
    """How far a batch is; when it is done, what came of it."""
    found = issue_queries.batch_of_brand(brand_id, batch)
    is_done = found.status is BatchStatus.DONE
    pool = {row.pool.id: row.pool for row in issue_queries.pools_of(brand_id)}.get(
        found.pool_id or 0
    )
    return reply(
        "tracking/brand/batch.html", "tracking/brand/_batch.html", batch=found, pool=pool,
        words=issue_pages.batch_words(found), is_done=is_done, zone=identity.brand(brand_id).zone,
        brand_id=brand_id, seconds=issue_pages.POLL_SECONDS,
    )  # fmt: skip


def _many_page(
    brand_id: int, found: Sequence[Program], form: BatchForm, status: int = 200
) -> ResponseReturnValue:
    chosen = next((one for one in found if one.public_id == form.program.data), None)
    chosen = chosen or (found[0] if found else None)
    return reply(
        "tracking/brand/many.html", status=status, brand_id=brand_id, form=form, programs=found,
        active=batch_commands.active_count(chosen.id) if chosen else 0,
        examples=issue_pages.examples(form.pattern.data or "", chosen, form.discount_bp)
        if chosen else [],
    )  # fmt: skip


def _at_form(refusal: InvalidInput | Conflict) -> InvalidInput:
    if isinstance(refusal, InvalidInput):
        return refusal
    return InvalidInput("", refusal.message)


def _batch(batch: CodeBatch) -> str:
    return url_for(".batch", brand_id=batch.brand_id, batch=batch.public_id)


def _discount_of(form: BatchForm, found: Sequence[Program]) -> Decimal:
    """What was typed, or what the program gives followers."""
    if form.discount.data is not None or not found:
        return Decimal(form.discount.data or 0)
    return Decimal(found[0].discount_bp) / 100
