"""Look at a program's own way with codes and links, and at the words a brand blocks."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.ambassadors.models import Ambassador
from portal.creators.models import Creator
from portal.programs import queries as programs
from portal.storage.model import db
from portal.tracking import pattern_rules
from portal.tracking.issue_models import BlockedWord, TrackingSettings


def settings_of(program_id: int) -> TrackingSettings | None:
    """A program's settings; None while it goes by the usual ones."""
    found: TrackingSettings | None = db.session.scalar(
        select(TrackingSettings).where(TrackingSettings.program_id == program_id)
    )
    return found


def blocked_words(brand_id: int) -> Sequence[BlockedWord]:
    """The brand's own block-list, in the order of the alphabet."""
    rows = db.session.scalars(
        select(BlockedWord).where(BlockedWord.brand_id == brand_id).order_by(BlockedWord.word)
    )
    return rows.all()


def utm_of(
    member: Ambassador, creator: Creator, brand_name: str, *, channel: str = "", label: str = ""
) -> dict[str, str]:
    """What a new link of hers adds to its destination, by her program's template."""
    settings = settings_of(member.program_id)
    template = settings.utm if settings and settings.utm else pattern_rules.USUAL_UTM
    values = {
        "handle": creator.handle, "first": "".join(creator.name.split()[:1]), "brand": brand_name,
        "program": programs.program(member.program_id).slug, "channel": channel, "label": label,
    }  # fmt: skip
    return pattern_rules.utm_from(template, values)
