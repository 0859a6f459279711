"""Issue, rotate and end API keys; keep first answers. Callers commit."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from portal.api import queries, rules
from portal.api.models import ApiKey, KeptAnswer
from portal.audit import commands as audit
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.sales.models import Connection, Source
from portal.storage.changes import change
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db


def create_key(
    brand_id: int, name: str, scopes: Iterable[str], *, by: int | None,
    connection_id: int | None = None,
) -> tuple[ApiKey, str]:  # fmt: skip
    """A new key and its token, which is shown now and never again. Raises InvalidInput.

    With a connection it is that shop's: its orders are kept there.
    """
    if not name.strip() or len(name.strip()) > rules.NAME_CHARACTERS:
        raise InvalidInput("name", "Give the key a name of at most 60 characters.")
    token = rules.new_token()
    key = ApiKey(
        brand_id=brand_id, name=name.strip(), shown=token[: rules.SHOWN_CHARACTERS],
        last_four=token[-4:], token_hash=rules.token_hash(token),
        scopes=rules.checked_scopes(scopes), created_at=clock.now(), created_by=by,
        connection_id=connection_id,
    )  # fmt: skip
    db.session.add(key)
    db.session.flush()
    audit.note(by, "api-key.created", key.id, brand_id=brand_id, name=key.name, scopes=key.scopes)
    return key, token


def create_shop_key(connection_id: int, *, by: int | None) -> tuple[ApiKey, str]:
    """A key that may tell and read one shop's orders, named after it. Raises InvalidInput for a
    shop that sends webhooks or files."""
    shop = lock(Connection, connection_id)
    if shop.source is not Source.API:
        raise InvalidInput("connection", "This shop tells its orders another way.")
    name, scopes = shop.name[: rules.NAME_CHARACTERS], rules.SHOP_SCOPES
    return create_key(shop.brand_id, name, scopes, by=by, connection_id=shop.id)


def rotate_key(key_id: int, overlap_hours: int, *, by: int | None) -> tuple[ApiKey, str]:
    """A new key with the same rights; the old one ends after the overlap (one of OVERLAPS).

    Raises Conflict when the old key has ended or was rotated already, InvalidInput for an overlap
    that is not offered.
    """
    if overlap_hours not in rules.OVERLAPS:
        raise InvalidInput("overlap_hours", "Choose when the old key stops.")
    old, now = lock(ApiKey, key_id), clock.now()
    if not old.is_live(now):
        raise Conflict("This key no longer works. Create a new one.")
    if old.replaced_by_id is not None:
        raise Conflict("This key was rotated already; its successor can be rotated.")
    new, token = create_key(
        old.brand_id, old.name, old.scopes, by=by, connection_id=old.connection_id
    )
    old.replaced_by_id, old.ends_at = new.id, now + timedelta(hours=overlap_hours)
    facts = {"name": old.name, "overlap_hours": overlap_hours}
    audit.note(by, "api-key.rotated", old.id, brand_id=old.brand_id, **facts)
    return new, token


def revoke_key(key_id: int, *, by: int | None) -> ApiKey:
    """End a key at once, for ever. Raises Conflict when it has ended already."""
    key = lock(ApiKey, key_id)
    if not key.is_live(clock.now()):
        raise Conflict("This key no longer works already.")
    key.revoked_at, key.revoked_by = clock.now(), by
    audit.note(by, "api-key.revoked", key.id, brand_id=key.brand_id, name=key.name)
    return key


def note_use(key_public_id: str, at: datetime) -> None:
    """A key was used then; an earlier moment changes nothing."""
    older = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < at)
    mine = update(ApiKey).where(ApiKey.public_id == key_public_id, older)
    change(mine.values(last_used_at=at))


def claim_request(brand_id: int, idempotency_key: str, fingerprint: str) -> KeptAnswer | None:
    """Begin a request under an Idempotency-Key, in the transaction of its effect.

    Returns None when it is the first, else the first one's answer. Raises Conflict when the key
    was used for another request.
    """
    claimed = insert_once(
        KeptAnswer, brand_id=brand_id, idempotency_key=idempotency_key, fingerprint=fingerprint,
        status=0, body="", kept_at=clock.now(),
    )  # fmt: skip
    if claimed is not None:
        return None
    kept = queries.kept_answer(brand_id, idempotency_key)
    if kept.fingerprint != fingerprint:
        raise Conflict(
            "This Idempotency-Key was used for another request. Use a new key for a new request."
        )
    return kept


def keep_answer(brand_id: int, idempotency_key: str, status: int, body: str) -> None:
    """What the first request was answered: every repetition gets the same."""
    mine = update(KeptAnswer).where(
        KeptAnswer.brand_id == brand_id, KeptAnswer.idempotency_key == idempotency_key
    )
    change(mine.values(status=status, body=body))


def forget_answers(limit: int = 1000) -> int:
    """Delete answers kept longer than 30 days, the oldest first; returns how many."""
    until = clock.now() - rules.ANSWERS_KEPT
    old = select(KeptAnswer.id).where(KeptAnswer.kept_at < until).order_by(KeptAnswer.kept_at)
    return change(delete(KeptAnswer).where(KeptAnswer.id.in_(old.limit(limit))))
