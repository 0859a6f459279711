"""Scheduled work."""

from portal.exceptions import causes, commands
from portal.identity import queries as identity
from portal.storage.unit_of_work import unit_of_work


def look() -> None:
    """Hold each brand's queue against what stands now, one brand to a transaction."""
    for brand_id in [brand.id for brand in identity.brands()]:
        found = causes.of_brand(brand_id)
        with unit_of_work():
            commands.take_note(brand_id, found)
