"""The key that puts the reports of one order, refund or dispute in order, whoever came first.

A report applies when its key is greater than the one applied last; so any order of arrival, and
any repetition, ends in the same rows (RELIABILITY P7, P8).
"""

import hashlib
from datetime import UTC, datetime

from portal.sales.rules import DisputeReport, DisputeState, OrderReport, RefundReport

NEVER = "0" * 20
DISPUTE_RANKS = {DisputeState.OPEN: 0, DisputeState.WON: 1, DisputeState.LOST: 2}


def order_key(report: OrderReport) -> str:
    """By the shop's own time; within one second the further state, then the report that names
    more codes (a promotion's id was learned since); then any fixed order."""
    state = f"{int(report.is_cancelled)}{int(report.is_paid)}{len(report.refunds):04d}"
    rank = f"{state}{min(len(report.codes), 99):02d}"
    return f"{_stamp(report.updated_at)}|{rank}|{_digest(report)}"


def plain_key(named_codes: int, digest: str) -> str:
    """As `order_key`, for a paid purchase that carries no time of a change and no refund."""
    return f"{NEVER}|010000{named_codes:02d}|{digest[:16]}"


def refund_key(report: RefundReport) -> str:
    """By what the report knows, then by time: a failure follows the refund it undoes."""
    rank = f"{int(report.precision)}|{_stamp(report.occurred_at)}|{int(report.is_withdrawn)}"
    return f"{rank}|{report.amount.minor:018d}|{_digest(report)}"


def dispute_key(report: DisputeReport) -> str:
    """By time; within one second a decision follows the opening."""
    rank = DISPUTE_RANKS[report.state]
    return f"{_stamp(report.occurred_at)}|{rank}|{_digest(report)}"


def _stamp(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S%f}" if moment else NEVER


def _digest(report: object) -> str:
    return hashlib.sha256(repr(report).encode()).hexdigest()[:16]
