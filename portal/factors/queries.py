"""Look up what a person proves herself with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from portal.factors import rules
from portal.factors.models import (
    Authenticator,
    FactorTries,
    Passkey,
    PasskeyQuestion,
    RecoveryCode,
    RememberedDevice,
)
from portal.identity import queries as identity
from portal.identity.models import Session, StaffRole, User
from portal.identity.rules import needs_second_factor
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Factors:
    """Everything one person proves herself with."""

    app: Authenticator | None
    passkeys: Sequence[Passkey]
    codes_left: int
    devices: Sequence[RememberedDevice]
    is_needed: bool

    @property
    def count(self) -> int:
        """How many second factors she has; recovery codes do not count."""
        return len(self.passkeys) + (self.app is not None)

    @property
    def may_lose_one(self) -> bool:
        return not self.is_needed or self.count > 1


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the operator's list of people."""

    user: User
    seen_at: datetime | None
    roles: Sequence[str]
    needs_factor: bool


def factors_of(user_id: int) -> Factors:
    """What a person has, in all."""
    return Factors(
        app_of(user_id),
        passkeys_of(user_id),
        codes_left(user_id),
        devices_of(user_id),
        identity.must_have_second_factor(user_id),
    )


def app_of(user_id: int) -> Authenticator | None:
    """Her authenticator app, once it is in use."""
    found = authenticator_of(user_id)
    return found if found is not None and found.is_in_use else None


def authenticator_of(user_id: int) -> Authenticator | None:
    """Her authenticator app, also while it is being set up."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(Authenticator).where(Authenticator.user_id == user_id)
    )


def passkeys_of(user_id: int) -> Sequence[Passkey]:
    """Her passkeys, oldest first."""
    rows = db.session.scalars(
        select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    )
    return rows.all()  # type: ignore[no-any-return]


def passkey_of(user_id: int, public_id: str) -> Passkey:
    """One of her passkeys. Raises NotFound."""
    found = db.session.scalar(
        select(Passkey).where(Passkey.user_id == user_id, Passkey.public_id == public_id)
    )
    if found is None:
        raise NotFound("This passkey was removed already.")
    return found  # type: ignore[no-any-return]


def passkey_with(user_id: int, credential_id: str) -> Passkey | None:
    """Her passkey with this credential id; None when it is not hers."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(Passkey).where(Passkey.user_id == user_id, Passkey.credential_id == credential_id)
    )


def is_known_credential(credential_id: str) -> bool:
    """Whether anybody has this passkey."""
    found = select(Passkey.id).where(Passkey.credential_id == credential_id)
    return db.session.scalar(found) is not None


def codes_left(user_id: int) -> int:
    """How many of her recovery codes still work."""
    unused = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return int(db.session.scalar(unused) or 0)


def devices_of(user_id: int) -> Sequence[RememberedDevice]:
    """The browsers in which she is not asked, newest first."""
    rows = db.session.scalars(
        select(RememberedDevice)
        .where(RememberedDevice.user_id == user_id, RememberedDevice.expires_at > clock.wall())
        .order_by(RememberedDevice.id.desc())
    )
    return rows.all()  # type: ignore[no-any-return]


def is_device_of(user_id: int, token: str) -> bool:
    """Whether this cookie's token is one of her remembered browsers."""
    hashed = identity.token_hash(token)
    return any(one.token_hash == hashed for one in devices_of(user_id))


def question_of(session_id: int) -> PasskeyQuestion | None:
    """What this session's passkey was asked, if it is not older than five minutes."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(PasskeyQuestion).where(
            PasskeyQuestion.session_id == session_id,
            PasskeyQuestion.asked_at > clock.wall() - rules.PASSKEY_PATIENCE,
        )
    )


def tries_of(user_id: int) -> FactorTries | None:
    """The wrong codes she typed lately."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(FactorTries).where(FactorTries.user_id == user_id)
    )


def usable_code(user_id: int) -> str | None:
    """The code her app shows, or its next when that was used: for demo and tests, nobody else."""
    found = app_of(user_id)
    if found is None:
        return None
    return rules.code_at(found.secret, rules.usable_step(clock.wall(), found.last_step))


def secret_of(user_id: int) -> str | None:
    """The key of her app, for `portal demo-facts` and nobody else."""
    found = app_of(user_id)
    return None if found is None else found.secret


def people(search: str, asked: PageRequest) -> Page[PersonRow]:
    """Everybody with an account, newest first, for the operator; `search` in name and address."""
    found = select(User)
    if search:
        name_or_address = (func.lower(User.name), func.lower(User.email))
        found = found.where(
            or_(*(one.contains(search.lower(), autoescape=True) for one in name_or_address))
        )
    counted = select(func.count()).select_from(found.limit(COUNT_CAP + 1).subquery())
    total = int(db.session.scalar(counted) or 0)
    after = asked.row_id()
    if after is not None:
        found = found.where(User.id < after)
    rows = db.session.scalars(found.order_by(User.id.desc()).limit(asked.size + 1)).all()
    cursor = cursor_of(rows[asked.size - 1].id) if len(rows) > asked.size else None
    return Page(_described(rows[: asked.size]), cursor, total, is_first=after is None)


def _described(users: Sequence[User]) -> list[PersonRow]:
    ids = [one.id for one in users]
    seen = dict(
        db.session.execute(
            select(Session.user_id, func.max(Session.seen_at))
            .where(Session.user_id.in_(ids), Session.waits.is_(False))
            .group_by(Session.user_id)
        ).all()
    )
    granted: dict[int, list[str]] = {}
    for user_id, capability in db.session.execute(
        select(StaffRole.user_id, StaffRole.capability).where(StaffRole.user_id.in_(ids))
    ):
        granted.setdefault(user_id, []).append(capability)
    return [
        PersonRow(
            one,
            seen.get(one.id),
            sorted(set(granted.get(one.id, ()))),
            one.is_operator or needs_second_factor(granted.get(one.id, ())),
        )
        for one in users
    ]


def person(public_id: str) -> User:
    """Somebody by her public id, for the operator. Raises NotFound."""
    found = db.session.scalar(select(User).where(User.public_id == public_id))
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]
