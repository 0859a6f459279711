"""Scheduled work."""

from portal.rewards import promise_commands, promise_queries, sales_commands, sales_queries
from portal.storage.unit_of_work import unit_of_work


def look() -> None:
    """Give the points of approved sales, a brand to a transaction, and keep what programs promise
    to whoever joins or reaches a goal, a promise to a transaction."""
    for brand_id in sales_queries.brands_that_give():
        with unit_of_work():
            sales_commands.settle_points(brand_id)
    for promise_id in promise_queries.to_look_at():
        with unit_of_work():
            promise_commands.keep_promise(promise_id)
