"""Months that ended are published by themselves."""

from portal.identity import queries as identity
from portal.statements import commands
from portal.storage.unit_of_work import end_read, unit_of_work

MOST_MONTHS = 36  # in one round; a longer past goes on in the next


def publish_due() -> None:
    """Publish each brand's months that ended and are not out, the oldest first, each in its own
    unit of work."""
    for brand_id in [brand.id for brand in identity.brands()]:
        for _ in range(MOST_MONTHS):
            with unit_of_work():
                month = commands.publish_next(brand_id, by=None)
            if month is None:
                break
        end_read()
