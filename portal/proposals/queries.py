"""What is open, what was decided, and who may be the second person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.identity import queries as identity
from portal.kernel.errors import NotFound
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.proposals import rules
from portal.proposals.models import Proposal, ProposalStatus
from portal.storage.model import db

FINANCE = ("finance.preparer", "finance.approver")


@dataclass(frozen=True, slots=True)
class Open:
    """A change that waits, with its title and whoever put it forward."""

    proposal: Proposal
    title: str
    proposer: str


def proposal(proposal_id: int) -> Proposal:
    """A change by row id. Raises NotFound."""
    return _found(db.session.get(Proposal, proposal_id))


def one_of_brand(brand_id: int, public_id: str) -> Proposal:
    """A brand's change. Raises NotFound, for another brand's too."""
    query = select(Proposal).where(
        Proposal.brand_id == brand_id, Proposal.public_id == public_id
    )  # fmt: skip
    return _found(db.session.scalar(query))


def open_of_kind(brand_id: int, kind: str) -> Proposal | None:
    """What waits of one kind, if anything."""
    found: Proposal | None = db.session.scalar(
        select(Proposal).where(
            Proposal.brand_id == brand_id, Proposal.kind == kind,
            Proposal.status == ProposalStatus.PROPOSED,
        )
    )  # fmt: skip
    return found


def open_of(brand_id: int, kinds: Collection[str] = tuple(rules.KINDS)) -> list[Open]:
    """What waits of these kinds, the oldest first."""
    rows = db.session.scalars(
        select(Proposal)
        .where(
            Proposal.brand_id == brand_id, Proposal.kind.in_(kinds),
            Proposal.status == ProposalStatus.PROPOSED,
        )
        .order_by(Proposal.id)
    ).all()  # fmt: skip
    people = identity.users([row.proposed_by for row in rows])
    return [Open(row, rules.KINDS[row.kind], people[row.proposed_by].name) for row in rows]


def decided(brand_id: int, request: PageRequest) -> Page[Proposal]:
    """What was confirmed, took effect after its wait or was withdrawn, newest first."""
    wanted = select(Proposal).where(
        Proposal.brand_id == brand_id, Proposal.status != ProposalStatus.PROPOSED
    )
    after = request.row_id()
    if after is not None:
        wanted = wanted.where(Proposal.id < after)
    rows = db.session.scalars(wanted.order_by(Proposal.id.desc()).limit(request.size + 1)).all()
    cursor = cursor_of(rows[request.size - 1].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, len(rows), is_first=after is None)


def due(now: datetime) -> list[int]:
    """Row ids of what waited long enough, of all brands."""
    rows = db.session.scalars(
        select(Proposal.id)
        .where(Proposal.status == ProposalStatus.PROPOSED, Proposal.waits_until <= now)
        .order_by(Proposal.id)
    )
    return list(rows)


def who_may_confirm(brand_id: int) -> frozenset[int]:
    """User ids of a brand's approvers of finance."""
    return frozenset(user.id for user in identity.staff_with(brand_id, "finance.approver"))


def finance_people(brand_id: int) -> frozenset[int]:
    """User ids of everybody of a brand's finance."""
    return frozenset(
        user.id for capability in FINANCE for user in identity.staff_with(brand_id, capability)
    )


def violations() -> list[str]:
    """Sentences; empty when nothing is in force by one person's word alone and without a wait."""
    alone = (Proposal.status == ProposalStatus.CONFIRMED) & (
        Proposal.decided_by.is_(None) | (Proposal.decided_by == Proposal.proposed_by)
    )
    early = (Proposal.status == ProposalStatus.WAITED) & (
        Proposal.waits_until.is_(None) | (Proposal.decided_at < Proposal.waits_until)
    )
    rows = db.session.scalars(select(Proposal.public_id).where(alone | early))
    return [f"Change {public_id} is in force by one person’s word." for public_id in rows]


def names_of(rows: Sequence[Proposal]) -> dict[int, str]:
    """Who put these forward and who decided them, by user id."""
    ids = [one for row in rows for one in (row.proposed_by, row.decided_by)]
    found = identity.users([one for one in ids if one is not None])
    return {user_id: user.name for user_id, user in found.items()}


def _found(row: Proposal | None) -> Proposal:
    if row is None:
        raise NotFound()
    return row
