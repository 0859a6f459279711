"""A brand's part of the audit trail, for its finance: money, rules of money, payees, private data
that was looked at, and who may do what (R143). What a creator writes to a brand is not in it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.reports import audit_queries
from portal.reports.audit_queries import Line, Scope, Wanted
from portal.storage.model import db

CSV_HEAD = ("id", "at", "actor", "role", "email", "act", "object", "object_id", "facts")
# What finance may read of, by what it is about: a kind of thing that is not here is not shown.
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "payments": ("Runs and payments", (
        "payout-run", "payout", "payment-file", "payment-line", "rail-report", "report-row")),
    "earnings": ("Earnings and corrections", (
        "commission", "adjustment", "order", "appeal", "reward", "clicks", "money-exception")),
    "policies": ("Rules of money", (
        "policy-change", "money-policy", "ledger-codes", "paying-terms", "approval-limit",
        "payout-minimum", "exchange-rate", "tax-settings", "tax-rule", "order-rules",
        "appeal-rules", "invoices", "terms", "referral-terms", "bonus", "tier-ladder",
        "tier-list", "brief", "reward-item", "reward-promise", "brief-reward")),
    "payees": ("Payees", ("payee", "destination", "self-billing")),
    "documents": ("Statements and invoices", ("statements", "statement", "invoice")),
    "private": ("Tax forms and exports", ("tax-form", "tax-entry", "tax-export", "audit-trail")),
    "team": ("Who may do what", ("staff-role", "invitation", "api-key")),
}  # fmt: skip
ALL = tuple(kind for _, kinds in GROUPS.values() for kind in kinds)
GONE = "no role now"


def scope_of(brand_id: int, about: str) -> Scope:
    """What finance of a brand may see, or one group of it; a group that is none shows all."""
    kinds = GROUPS[about][1] if about in GROUPS else ALL
    return Scope(brand_id, kinds, identity.brand(brand_id).zone)


def roles_of(brand_id: int, lines: Sequence[Line]) -> dict[int, str]:
    """As what each person of these lines stands here today, by user id."""
    found = {
        line.actor_id: "operator" if line.is_operators else GONE
        for line in lines if line.actor_id is not None
    }  # fmt: skip
    creators = db.session.scalars(select(Creator.user_id).where(Creator.user_id.in_(list(found))))
    found |= dict.fromkeys(creators, "creator")
    for member in identity.staff_of(brand_id):
        areas = {capability.partition(".")[0] for capability in member.capabilities}
        found[member.user.id] = " and ".join(sorted(areas))
    return found


def sealed_up_to(brand_id: int, mark: int) -> tuple[datetime | None, int]:
    """When the last entry of a brand that is sealed for certain was made, and how many follow it
    that wait for the next seal. `mark` is the chain's: everything up to that row is sealed."""
    own = AuditEntry.brand_id == brand_id
    last = (
        select(AuditEntry.at)
        .where(own, AuditEntry.id <= mark)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    waiting = select(func.count()).select_from(AuditEntry).where(own, AuditEntry.id > mark)
    return db.session.scalar(last), int(db.session.scalar(waiting) or 0)


def rows_of(wanted: Wanted, scope: Scope) -> Iterator[list[str | int]]:
    """The CSV: every line that the filters leave, a hundred thousand at most. The address of a
    person is told where she is of the brand's team."""
    team = {member.user.id for member in identity.staff_of(scope.brand_id)}
    for part in audit_queries.all_entries(wanted, scope):
        roles = roles_of(scope.brand_id, part)
        for line in part:
            role = "" if line.actor_id is None else roles[line.actor_id]
            email = line.actor_email if line.actor_id in team else ""
            yield [line.id, line.at.isoformat(), line.actor, role, email, line.act, line.thing,
                   line.thing_id, line.told]  # fmt: skip
