"""The public question whether a code works: few tries, one answer for everything that does not."""

import hmac
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.identity import queries as identity
from portal.kernel import clock
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import guess_commands, queries
from portal.web.forms import HouseForm
from portal.web.guards import PUBLIC, opens_to
from portal.web.reply import reply

blueprint = Blueprint("tracking_codes", __name__)


class CodeForm(HouseForm):
    """One code to look at."""

    code = StringField("Code", validators=[InputRequired("Type the code."), Length(max=40)])


@blueprint.route("/p/<slug>/code", methods=["GET", "POST"])
@opens_to(PUBLIC)
def check(slug: str) -> ResponseReturnValue:
    """Whether a code works now. Unknown, paused and ended codes get the same answer."""
    program, form = programs.program_by_slug(slug), CodeForm()
    brand = identity.brand(program.brand_id)
    g.tenant = {"name": brand.name, "theme_css": url_for("programs_public.theme", slug=slug)}
    shown: dict[str, Any] = {"program": program, "brand": brand, "form": form, "code": None,
             "asked": False,
             "refused": False}  # fmt: skip
    if not form.validate_on_submit():
        return reply("tracking/public/code.html", status=422 if form.errors else 200, **shown)
    with unit_of_work():
        may_ask = guess_commands.may_try(brand.id, _source())
    if not may_ask:
        answer = reply("tracking/public/code.html", status=429, **{**shown, "refused": True})
        answer.headers["Retry-After"] = str(guess_commands.WINDOW_MINUTES * 60)
        return answer
    found = queries.working_code(brand.id, form.code.data or "")
    return reply("tracking/public/code.html", **{**shown, "code": found, "asked": True})


def _source() -> str:
    """Who asks, as a keyed hash that changes daily; an IPv6 household counts as one."""
    told = request.remote_addr or ""
    try:
        address = ip_address(told)
        if isinstance(address, IPv6Address):
            told = str(ip_network((address, 64), strict=False))
    except ValueError:
        told = ""
    key = str(current_app.config["SECRET_KEY"]).encode()
    told = f"code check\0{clock.now():%Y-%m-%d}\0{told}"
    return hmac.new(key, told.encode(), sha256).hexdigest()[:40]
