"""Scheduled work."""

from portal.rewards import sales_commands, sales_queries
from portal.storage.unit_of_work import unit_of_work


def look() -> None:
    """Give the points of approved sales, a brand to a transaction."""
    for brand_id in sales_queries.brands_that_give():
        with unit_of_work():
            sales_commands.settle_points(brand_id)
