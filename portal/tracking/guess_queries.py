"""Who has been guessing codes."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from portal.kernel import clock
from portal.storage.model import db
from portal.tracking.issue_models import CodeAlert

SHOWN_DAYS = 2
SHOWN = 2


def recent_alerts(brand_id: int) -> Sequence[CodeAlert]:
    """The latest alerts of the last days, newest first."""
    rows = db.session.scalars(
        select(CodeAlert)
        .where(
            CodeAlert.brand_id == brand_id,
            CodeAlert.last_at >= clock.now() - timedelta(days=SHOWN_DAYS),
        )
        .order_by(CodeAlert.starts_at.desc(), CodeAlert.id.desc())
        .limit(SHOWN)
    )
    return rows.all()
