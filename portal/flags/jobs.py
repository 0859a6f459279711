"""Scheduled work."""

from portal.flags import commands
from portal.identity import queries as identity
from portal.storage.unit_of_work import unit_of_work


def look() -> None:
    """Compute every brand's signals, a brand to a transaction."""
    for brand_id in [brand.id for brand in identity.brands()]:
        with unit_of_work():
            commands.look_at(brand_id)
