"""The same decision about several commissions: each done or refused by itself."""

from collections.abc import Callable, Sequence

from portal.commissions import commands, queries
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.unit_of_work import savepoint

MOST = 200


def hold_each(brand_id: int, public_ids: Sequence[str], reason: str, *, by: int) -> list[str]:
    """Stop these commissions; returns why not, one sentence for each that was refused. Raises
    InvalidInput without a reason, or for more than 200."""
    if not reason.strip():
        raise InvalidInput("reason", "Say why: the creator reads it.")
    return _each(brand_id, public_ids, lambda one: commands.hold(one, reason, by=by))


def release_each(brand_id: int, public_ids: Sequence[str], *, by: int) -> list[str]:
    """Let these commissions go on, and approve those that waited for review; as `hold_each`."""
    return _each(brand_id, public_ids, lambda one: commands.release(one, by=by))


def _each(
    brand_id: int, public_ids: Sequence[str], act: Callable[[int], object]
) -> list[str]:  # fmt: skip
    if len(public_ids) > MOST:
        raise InvalidInput("ids", f"Choose at most {MOST} at once.")
    refused = []
    for commission_id in queries.ids_of_brand(brand_id, public_ids):
        try:
            with savepoint():
                act(commission_id)
        except Conflict as refusal:
            refused.append(refusal.message)
    return refused
