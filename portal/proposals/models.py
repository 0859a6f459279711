"""What was put forward, by whom, and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, sealed_column, word_column


class ProposalStatus(StrEnum):
    """`waited`: nobody else could confirm it, so it took effect after its wait."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WAITED = "in_effect_after_wait"
    WITHDRAWN = "withdrawn"


class Proposal(Model):
    """One change of one kind of policy of a brand. `facts` are what takes effect (sealed: they may
    name an account), `lines` the same in words: (what, before, after). `waits_until` is set only
    where nobody else could confirm it."""

    __tablename__ = "policy_proposals"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_policy_proposals_brand", "brand_id", "status", "id"),
        Index(
            "uq_policy_proposals_open", "brand_id", "kind", unique=True,
            sqlite_where=text("status = 'proposed'"),
            postgresql_where=text("status = 'proposed'"),
        ),
        CheckConstraint("decided_by <> proposed_by OR status <> 'confirmed'", name="two_people"),
    )  # fmt: skip

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("pch"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    kind: Mapped[str] = mapped_column(String(40))
    status: Mapped[ProposalStatus] = word_column(ProposalStatus, default=ProposalStatus.PROPOSED)
    facts: Mapped[str] = sealed_column()
    lines: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    waits_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_open(self) -> bool:
        return self.status is ProposalStatus.PROPOSED
