"""Write what credited orders earn: rows, journals, trail and announcements, a set at a time.

`commands.earn` is its door; PERFORMANCE §B is why it is no loop over objects.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.ambassadors import queries as ambassadors
from portal.attribution.models import Attribution
from portal.audit import commands as audit
from portal.commissions import holding, purchase_queries, queries, rules
from portal.commissions.events import CommissionEarned
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.commissions.purchase_queries import Sale
from portal.commissions.rules import Earned
from portal.jobs.commands import announce_each
from portal.kernel import clock, codes
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger.commands import Posting
from portal.programs import queries as programs
from portal.programs.rules import HoldBasis, TermsFacts
from portal.sales.rules import Standing
from portal.storage.insert_once import insert_rows
from portal.storage.model import db

Row = dict[str, Any]


def write(credited: Sequence[Attribution], standings: Mapping[int, Standing]) -> list[Commission]:
    """One commission for each credited decision that earned nothing yet (R15): one row, or one
    for each who has a share in it (R50)."""
    terms = programs.facts_by_id({found.terms_id for found in credited if found.terms_id})
    told = purchase_queries.sales_of(credited, terms)
    rows = [
        row
        for found in credited
        for row in _rows(
            found, standings[found.order_id], terms[found.terms_id or 0], told[found.id]
        )
    ]
    members = ambassadors.ambassadors([row["ambassador_id"] for row in rows])
    for row in rows:
        row["creator_id"] = members[row["ambassador_id"]].creator_id
    ids = insert_rows(Commission, rows)
    _post(ids, rows)
    for_trail = [(id_, row["brand_id"], _facts(row)) for id_, row in zip(ids, rows, strict=True)]
    audit.note_each(None, "commission.earned", for_trail)
    announce_each([CommissionEarned(id_) for id_ in ids])
    written = db.session.scalars(select(Commission).where(Commission.id.in_(ids)))
    return list(written.all())


def _rows(found: Attribution, standing: Standing, terms: TermsFacts, sale: Sale) -> list[Row]:
    earned = rules.commission_for(sale.purchase, terms)
    whole, explained = earned.total, purchase_queries.kept(sale, earned, terms)
    shares = rules.shares_of(whole, found.ambassador_id or 0, found.shares)
    weights = {who: weight for who, weight in found.shares or ()}  # noqa: C416  (lists, not pairs)
    told = {
        who: explained | {
            "share": {
                "weight": weight, "of": sum(weights.values()), "count": len(weights),
                "whole_minor": whole.minor, "currency": whole.currency,
            }
        }
        for who, weight in weights.items()
    }  # fmt: skip
    by_tier = dict(_by_tier(sale, earned, found))
    return [
        _row(found, standing, terms, amount, sale.purchase.base)
        | {"ambassador_id": who, "explanation": told.get(who, explained)}
        | {"tier_ladder_id": sale.place.ladder.id if sale.place else None,
           "tier_base_minor": by_tier[who].minor if sale.place else None}
        for who, amount in shares
    ]  # fmt: skip


def _by_tier(sale: Sale, earned: Earned, found: Attribution) -> list[tuple[int, Money]]:
    """What of each one's part of the base earned by tier."""
    base = purchase_queries.tier_base(earned, sale.purchase.base.currency)
    return rules.shares_of(base, found.ambassador_id or 0, found.shares)


def _row(
    found: Attribution, standing: Standing, terms: TermsFacts, amount: Money, base: Money
) -> Row:
    # Told of as paid at once, an order's payment is its newest change as far as the shop says: it
    # counts as later than the order only where the terms count from the payment (R58).
    is_late = found.version > 1 or terms.hold.basis is HoldBasis.PAID
    paid_at = standing.paid_at if is_late else None
    return {
        "public_id": codes.public_id("com"), "brand_id": found.brand_id,
        "kind": CommissionKind.SALE,
        "attribution_id": found.id, "order_id": found.order_id, "terms_id": terms.id,
        "base_minor": base.minor, "base_currency": base.currency,
        "amount_minor": amount.minor, "reversed_minor": 0, "currency": amount.currency,
        "status": CommissionStatus.PENDING, "hold_reason": "", "void_reason": "", "holds": 0,
        "earned_at": clock.now(),
        "hold_until": holding.ends_at(standing, paid_at, terms),
    }  # fmt: skip


def _post(ids: Sequence[int], rows: Sequence[Row]) -> None:
    ledger.post_each(
        [
            Posting(
                "commission earned",
                queries.reference(commission_id, "earned"),
                [(_expense(row), _pending(row), Money(row["amount_minor"], row["currency"]))],
            )
            for commission_id, row in zip(ids, rows, strict=True)
            if row[
                "amount_minor"
            ]  # R8: a row of 0.00 has no journal, since a journal moves something
        ]
    )


def _expense(row: Row) -> str:
    return accounts.expense(row["brand_id"])


def _pending(row: Row) -> str:
    return accounts.pending(row["brand_id"], row["creator_id"])


def _facts(row: Row) -> Row:
    return {
        "amount": str(Money(row["amount_minor"], row["currency"])),
        "base": str(Money(row["base_minor"], row["base_currency"])),
    }
