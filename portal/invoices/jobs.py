"""Invoices are written by themselves, after the statements of their month."""

from portal.identity import queries as identity
from portal.invoices import commands
from portal.storage.unit_of_work import end_read, unit_of_work

MOST_MONTHS = 24


def write_due() -> None:
    """Write each brand's due months, the oldest first, each in its own unit of work."""
    for brand_id in [brand.id for brand in identity.brands()]:
        for _ in range(MOST_MONTHS):
            with unit_of_work():
                month = commands.write_next(brand_id)
            if month is None:
                break
        end_read()
