"""Doors for a brand's staff: orders from a file, checked first, then imported."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.integrations import upload_commands, upload_queries
from portal.integrations.shop_forms import UploadForm
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "integrations_uploads", __name__, url_prefix="/brand/<brand:brand_id>/shops/files"
)


@blueprint.get("")
@opens_to("brand.viewer")
def uploads(brand_id: int) -> ResponseReturnValue:
    """The columns, an example, the form, and the last files."""
    return _page(brand_id, UploadForm(formdata=None), 200)


@blueprint.post("")
@opens_to("brand.manager")
def upload(brand_id: int) -> ResponseReturnValue:
    """Take a file; it is checked at once and nothing is kept of it yet."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _page(brand_id, form, 422)
    file = form.file.data
    try:
        with unit_of_work():
            made = upload_commands.upload(
                brand_id, file.filename or "", file.read(), by=person().id
            )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(brand_id, form, 422)
    return reply(then=url_for(".one", brand_id=brand_id, upload=made.public_id))


@blueprint.get("/<upload>")
@opens_to("brand.viewer")
def one(brand_id: int, upload: str) -> ResponseReturnValue:
    """What would happen with each row, or what happened."""
    return reply(
        "integrations/brand/upload.html",
        "integrations/brand/_upload.html" if wants_list("upload") else None,
        brand=identity.brand(brand_id), upload=upload_queries.one_of_brand(brand_id, upload),
        may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.post("/<upload>/import")
@opens_to("brand.manager")
def import_it(brand_id: int, upload: str) -> ResponseReturnValue:
    """Import a checked file."""
    found = upload_queries.one_of_brand(brand_id, upload)
    with unit_of_work():
        upload_commands.import_it(found.id, by=person().id)
    return reply(then=url_for(".one", brand_id=brand_id, upload=upload))


def _page(brand_id: int, form: UploadForm, status: int) -> ResponseReturnValue:
    return reply(
        "integrations/brand/uploads.html", status=status, form=form,
        brand=identity.brand(brand_id), uploads=upload_queries.latest(brand_id),
        may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip
