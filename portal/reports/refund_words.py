"""Which lines of an order each refund took, in the creator's words (R65–R68)."""

from collections.abc import Sequence

from portal.commissions.models import ReversalKind
from portal.commissions.queries import Earning
from portal.sales.models import OrderLine, Refund

SPREAD = "It named no line, so it is taken from all of them in proportion."


def goods_of(
    corrections: Sequence[Earning], refunds: Sequence[Refund], lines: Sequence[OrderLine]
) -> dict[int, str]:
    """A sentence for each correction that a refund made, by the reversal's row id: of the refunds
    told since the correction before it. Nothing where none was told in between."""
    goods = (one for one in lines if not one.is_gift_card)  # a gift card earned nothing (R10)
    titles = {one.external_id: one.title for one in goods if one.external_id and one.title}
    found: dict[int, str] = {}
    since = None
    for row in corrections:
        kept = row.reversal
        if kept is None:
            continue
        told = [
            one
            for one in refunds
            if one.recorded_at <= kept.at and (since is None or one.recorded_at > since)
            and not one.is_withdrawn
        ]  # fmt: skip
        since = kept.at
        if kept.kind is ReversalKind.REFUND and told:
            found[kept.id] = _said(told, titles)
    return found


def _said(told: Sequence[Refund], titles: dict[str, str]) -> str:
    pieces: dict[str, int] = {}
    for refund in told:
        for ref, _, *many in refund.lines:
            title = titles.get(str(ref))
            if title:
                pieces[title] = pieces.get(title, 0) + sum(int(one) for one in many)
    if pieces:
        goods = [f"{many} × {title}" if many else title for title, many in pieces.items()]
        return f"Taken from: {', '.join(goods)}."
    return SPREAD if all(not one.lines for one in told) else ""
