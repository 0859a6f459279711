"""Look at files of orders."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from portal.integrations.models import Upload
from portal.kernel.errors import NotFound
from portal.storage.model import db

LATEST = 20


def latest(brand_id: int) -> Sequence[Upload]:
    """A brand's last twenty files, newest first, without their contents."""
    rows = select(Upload).where(Upload.brand_id == brand_id).order_by(Upload.id.desc())
    return db.session.scalars(rows.limit(LATEST).options(defer(Upload.body))).all()  # type: ignore[no-any-return]


def one_of_brand(brand_id: int, public_id: str) -> Upload:
    """Raises NotFound."""
    found = db.session.scalar(
        select(Upload)
        .where(Upload.brand_id == brand_id, Upload.public_id == public_id)
        .options(defer(Upload.body))
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]
