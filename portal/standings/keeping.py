"""One ambassador's tier on the brand's side: her figures, her history, and keeping her there."""

from datetime import timedelta
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, NotFound
from portal.programs.models import Program
from portal.standings import looking, pages, queries
from portal.standings.forms import PinForm
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers import wording
from portal.web.forms import SelectChoice


def begin(program: Program, public_id: str) -> dict[str, Any]:
    """All the page shows. Raises NotFound for another program's ambassador, or without tiers."""
    member = ambassadors.one_of_brand(program.brand_id, public_id)
    progress = looking.progress_of(member) if member.program_id == program.id else None
    if progress is None:
        raise NotFound()
    form = PinForm()
    form.step.choices = [
        SelectChoice(str(step.number), step.name) for step in progress.ladder.steps
    ]
    return {
        "program": program, "brand": identity.brand(program.brand_id), "member": member,
        "creator": creators.creator(member.creator_id), "progress": progress, "form": form,
        "ladder": progress.ladder, "standing": ladders.standing_of(member.id),
        "wording": wording, "now": clock.now(),
        "history": pages.timeline(queries.history_of(member.id)),
    }  # fmt: skip


def keep(shown: dict[str, Any], do: str, *, by: int) -> str:
    """Pin her, or let the figures decide again; what to say. Raises InvalidInput, Conflict."""
    member, counted = shown["member"], shown["progress"].keeping
    if do == "release":
        tiers.unpin(member.id, counted, ladder=shown["ladder"], by=by)
        return "The figures decide again."
    form: PinForm = shown["form"]
    if not form.validate_on_submit():
        raise InvalidInput("", "")
    until = clock.start_of_day(form.until.data + timedelta(days=1), shown["brand"].zone)
    tiers.pin(
        member.id, int(form.step.data), until, form.reason.data, counted, ladder=shown["ladder"],
        by=by,
    )  # fmt: skip
    return "She stays on this tier."
