"""Scheduled work."""

from portal.exceptions import causes, commands, hold_causes, rail_causes
from portal.exceptions.rail_causes import RefusedMail
from portal.identity import queries as identity
from portal.storage.unit_of_work import unit_of_work


def look(refused_mail: RefusedMail) -> None:
    """Hold each brand's queue against what stands now, one brand to a transaction."""
    for brand_id in [brand.id for brand in identity.brands()]:
        found = [
            *causes.of_brand(brand_id), *hold_causes.of_brand(brand_id),
            *rail_causes.of_brand(brand_id, refused_mail),
        ]  # fmt: skip
        with unit_of_work():
            commands.take_note(brand_id, found)
