"""Doors for the brand: how its codes and links are made, and the words it blocks."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.programs.models import Program
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import (
    issue_pages,
    issue_queries,
    pattern_rules,
    settings_commands,
    settings_queries,
    site_commands,
    site_queries,
)
from portal.tracking.issue_forms import SettingsForm, SiteForm, WordForm
from portal.web.forms import SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tracking_settings", __name__, url_prefix="/brand/<brand:brand_id>")


@blueprint.route("/settings/program/<program>/codes-and-links", methods=["GET", "POST"])
@opens_to("brand.manager")
def settings(brand_id: int, program: str) -> ResponseReturnValue:
    """How codes of a program are made and what its links add; a look first, if wanted."""
    found, pools = programs.one_of_brand(brand_id, program), issue_queries.pools_of(brand_id)
    pool_ids = {row.pool.public_id: row.pool.id for row in pools}
    form = SettingsForm(data=issue_pages.settings_values(found.id, pool_ids))
    form.pool.choices = [
        SelectChoice("", "come from the pattern"),
        *(SelectChoice(row.pool.public_id, f"come from the pool {row.pool.name}") for row in pools),
    ]
    if form.validate_on_submit() and request.form.get("do") != "look":
        try:
            with unit_of_work():
                _save(found, form, pool_ids.get(form.pool.data or ""))
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            then = url_for(".settings", brand_id=brand_id, program=program)
            return reply(then=then, said="Saved. It holds for codes and links made from now on.")
    return reply(
        "tracking/brand/settings.html", status=422 if form.errors else 200,
        **_shown(brand_id, found, form),
    )  # fmt: skip


@blueprint.route("/codes/blocked", methods=["GET", "POST"])
@opens_to("brand.manager")
def blocked(brand_id: int) -> ResponseReturnValue:
    """The words that no code of the brand may hold, and one more."""
    form = WordForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                word = settings_commands.block_word(brand_id, form.word.data or "", by=person().id)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            then = url_for(".blocked", brand_id=brand_id)
            return reply(then=then, said=f"No new code can hold {word} from now on.")
    return reply(
        "tracking/brand/blocked.html", status=422 if form.errors else 200, brand_id=brand_id,
        form=form, words=settings_queries.blocked_words(brand_id),
        zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.post("/codes/blocked/<word>/allow")
@opens_to("brand.manager")
def allow(brand_id: int, word: str) -> ResponseReturnValue:
    """Take a word off the block-list."""
    with unit_of_work():
        settings_commands.allow_word(brand_id, word, by=person().id)
    return reply(then=url_for(".blocked", brand_id=brand_id), said=f"Codes may hold {word} again.")


@blueprint.route("/settings/sites", methods=["GET", "POST"])
@opens_to("brand.manager")
def sites(brand_id: int) -> ResponseReturnValue:
    """The sites that links may lead to, and one more."""
    form = SiteForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                site = site_commands.allow_site(brand_id, form.site.data or "", by=person().id)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            then = url_for(".sites", brand_id=brand_id)
            return reply(then=then, said=f"Links may lead to {site} from now on.")
    brand = identity.brand(brand_id)
    return reply(
        "tracking/brand/sites.html", status=422 if form.errors else 200, brand_id=brand_id,
        form=form, sites=site_queries.links_by_site(brand),
    )  # fmt: skip


@blueprint.post("/settings/sites/<site>/drop")
@opens_to("brand.manager")
def drop_site(brand_id: int, site: str) -> ResponseReturnValue:
    """Take a site off the list: what leads there stops within a second or two."""
    with unit_of_work():
        site_commands.drop_site(brand_id, site, by=person().id)
    said = f"Links lead to {site} no more. Add it again, and they do."
    return reply(then=url_for(".sites", brand_id=brand_id), said=said)


def _save(program: Program, form: SettingsForm, pool_id: int | None) -> None:
    settings_commands.save_settings(
        program.id, pattern=form.pattern.data or "", utm=_utm(form), pool_id=pool_id,
        by=person().id,
    )  # fmt: skip


def _shown(brand_id: int, program: Program, form: SettingsForm) -> dict[str, Any]:
    brand = identity.brand(brand_id)
    return {
        "brand": brand, "program": program, "form": form, "fields": pattern_rules.CODE_FIELDS,
        "utm_fields": pattern_rules.UTM_FIELDS, "usual": pattern_rules.USUAL_PATTERN,
        "examples": issue_pages.examples(form.pattern.data or "", program, program.discount_bp),
        "landing": issue_pages.utm_example(_utm(form), brand, program),
        "parameters": pattern_rules.UTM_PARAMETERS,
    }  # fmt: skip


def _utm(form: SettingsForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in pattern_rules.UTM_PARAMETERS}
