"""Look at a brand's keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from portal.api import rules
from portal.api.models import ApiKey, KeptAnswer
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose program calls: what a live key says of itself."""

    key_id: int
    key_public_id: str
    brand_id: int
    name: str
    scopes: tuple[str, ...]
    connection_id: int | None
    masked: str

    def may(self, scope: str) -> bool:
        return scope == rules.ANY or scope in self.scopes


def caller(token: str) -> Caller | None:
    """Who holds this key; None for a key that was never issued, was revoked or has ended."""
    now = clock.now()
    found = db.session.scalar(
        select(ApiKey).where(
            ApiKey.token_hash == rules.token_hash(token),
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now),
        )
    )
    if found is None:
        return None
    return Caller(
        found.id, found.public_id, found.brand_id, found.name, tuple(found.scopes),
        found.connection_id, found.masked,
    )  # fmt: skip


def nearest(header: str) -> ApiKey | None:
    """The key that an Authorization header was meant to hold, though it opens nothing: one that
    ended, or one that begins alike and goes on differently. None when nobody can say whose."""
    token = header.rpartition(" ")[2].strip()
    if len(token) < rules.SHOWN_CHARACTERS:
        return None
    alike = ApiKey.shown == token[: rules.SHOWN_CHARACTERS]
    found: ApiKey | None = db.session.scalar(
        select(ApiKey).where(alike).order_by(ApiKey.id.desc()).limit(1)
    )
    return found


def keys_of_connections(connection_ids: Sequence[int]) -> dict[int, list[ApiKey]]:
    """The keys that open something now, by the shop they belong to; the newest first."""
    now = clock.now()
    rows = select(ApiKey).where(
        ApiKey.connection_id.in_(connection_ids),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now),
    )
    found: dict[int, list[ApiKey]] = {}
    for key in db.session.scalars(rows.order_by(ApiKey.id.desc())):
        if key.connection_id is not None:
            found.setdefault(key.connection_id, []).append(key)
    return found


def keys_of(brand_id: int) -> Sequence[ApiKey]:
    """A brand's keys, the newest first; the last 100."""
    rows = select(ApiKey).where(ApiKey.brand_id == brand_id).order_by(ApiKey.id.desc()).limit(100)
    return db.session.scalars(rows).all()  # type: ignore[no-any-return]


def one_of_brand(brand_id: int, public_id: str) -> ApiKey:
    """A brand's key by its public id. Raises NotFound, for another brand's too."""
    found = db.session.scalar(
        select(ApiKey).where(ApiKey.brand_id == brand_id, ApiKey.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def kept_answer(brand_id: int, idempotency_key: str) -> KeptAnswer:
    """The answer kept under an Idempotency-Key. Raises NotFound."""
    found = db.session.scalar(
        select(KeptAnswer).where(
            KeptAnswer.brand_id == brand_id, KeptAnswer.idempotency_key == idempotency_key
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]
