"""Look up people, brands and roles."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select

from portal.identity import keys, rules
from portal.identity.models import (
    Brand,
    Capability,
    ChallengePurpose,
    Invitation,
    InvitationStatus,
    Session,
    SignInChallenge,
    StaffRole,
    User,
)
from portal.identity.rules import Hat as Hat
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.storage.model import db

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person in a brand's team with the roles as granted (not the implied ones)."""

    user: User
    capabilities: tuple[Capability, ...]
    since: datetime


def brand_id_of(slug: str) -> int | None:
    """A brand's row id by its slug; None when there is no such brand."""
    found: int | None = db.session.scalar(select(Brand.id).where(Brand.slug == slug))
    return found


def brand_slug_of(brand_id: int) -> str:
    """A brand's slug. Raises NotFound."""
    return brand(brand_id).slug


def brand(brand_id: int) -> Brand:
    """A brand by its row id. Raises NotFound."""
    return _found(db.session.get(Brand, brand_id))


def brand_by_slug(slug: str) -> Brand:
    """A brand by its slug. Raises NotFound."""
    return _found(db.session.scalar(select(Brand).where(Brand.slug == slug)))


def brands() -> Sequence[Brand]:
    """Every brand, by name."""
    return db.session.scalars(select(Brand).order_by(Brand.name, Brand.id)).all()  # type: ignore[no-any-return]


def allowed_hosts(brand_ids: Sequence[int]) -> dict[int, list[str]]:
    """The hosts that links of these brands may lead to: their own shops."""
    rows = db.session.execute(
        select(Brand.id, Brand.allowed_hosts).where(Brand.id.in_(set(brand_ids)))
    )
    return dict(rows.all())


def user(user_id: int) -> User:
    """A user by row id. Raises NotFound."""
    return _found(db.session.get(User, user_id))


def users(user_ids: Sequence[int]) -> dict[int, User]:
    """Several users by row id; ids that nobody has are missing from the answer."""
    if not user_ids:
        return {}
    rows = db.session.scalars(select(User).where(User.id.in_(set(user_ids))))
    return {row.id: row for row in rows}


def user_by_email(email: str) -> User | None:
    """The user with this address, in any spelling of its letters; None when nobody has it."""
    found: User | None = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    return found


def hats_of(user_id: int) -> list[Hat]:
    """The brands a user works in, by name, with all that her roles imply there."""
    rows = db.session.execute(
        select(Brand, StaffRole.capability)
        .join(StaffRole, StaffRole.brand_id == Brand.id)
        .where(StaffRole.user_id == user_id)
        .order_by(Brand.name, Brand.id)
    )
    granted: dict[int, tuple[Brand, list[str]]] = {}
    for found, capability in rows:
        granted.setdefault(found.id, (found, []))[1].append(capability)
    return [
        Hat(found.id, found.slug, found.name, found.colour, rules.implied(capabilities))
        for found, capabilities in granted.values()
    ]


def may(user_id: int, capability: str, brand_id: int) -> bool:
    """Whether a user's roles in a brand amount to a capability."""
    granted = db.session.scalars(
        select(StaffRole.capability).where(
            StaffRole.user_id == user_id, StaffRole.brand_id == brand_id
        )
    )
    return capability in rules.implied(granted)


def staff_of(brand_id: int) -> list[StaffMember]:
    """A brand's team, by name."""
    rows = db.session.execute(
        select(User, StaffRole)
        .join(StaffRole, StaffRole.user_id == User.id)
        .where(StaffRole.brand_id == brand_id)
        .order_by(func.lower(User.name), User.id, StaffRole.id)
    )
    team: dict[int, tuple[User, list[StaffRole]]] = {}
    for member, role in rows:
        team.setdefault(member.id, (member, []))[1].append(role)
    order = list(Capability)
    return [
        StaffMember(
            member,
            tuple(sorted((role.capability for role in roles), key=order.index)),
            min(role.created_at for role in roles),
        )
        for member, roles in team.values()
    ]


def staff_with(brand_id: int, capability: str) -> list[User]:
    """The people of a brand whose roles amount to a capability: whom to tell, who may approve."""
    return [m.user for m in staff_of(brand_id) if capability in rules.implied(m.capabilities)]


def member_of_brand(brand_id: int, public_id: str) -> StaffMember:
    """One person of a brand's team by her public id. Raises NotFound."""
    for member in staff_of(brand_id):
        if member.user.public_id == public_id:
            return member
    raise NotFound()


def open_invitations(brand_id: int) -> Sequence[Invitation]:
    """Invitations that wait for an answer, expired ones included, newest first."""
    rows = db.session.scalars(
        select(Invitation)
        .where(Invitation.brand_id == brand_id, Invitation.status == InvitationStatus.SENT)
        .order_by(Invitation.id.desc())
    )
    return rows.all()  # type: ignore[no-any-return]


def invitation(invitation_id: int) -> Invitation:
    """An invitation by row id. Raises NotFound."""
    return _found(db.session.get(Invitation, invitation_id))


def invitation_of_brand(brand_id: int, public_id: str) -> Invitation:
    """A brand's invitation. Raises NotFound."""
    return _found(
        db.session.scalar(
            select(Invitation).where(
                Invitation.brand_id == brand_id, Invitation.public_id == public_id
            )
        )
    )


def invitation_by_token(token: str) -> Invitation:
    """The invitation a link belongs to. Raises NotFound."""
    return _found(
        db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
    )


def invitation_token(found: Invitation) -> str:
    """The secret part of an invitation's link; derived, for the mail and nothing else."""
    raw = keys.derived("invitation", found.public_id)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def challenge(challenge_id: int) -> SignInChallenge:
    """A sign-in challenge by row id. Raises NotFound."""
    return _found(db.session.get(SignInChallenge, challenge_id))


def challenge_by_public_id(public_id: str) -> SignInChallenge:
    """A sign-in challenge by public id. Raises NotFound."""
    return _found(
        db.session.scalar(select(SignInChallenge).where(SignInChallenge.public_id == public_id))
    )


def challenges_since(
    email: str, purpose: ChallengePurpose, since: datetime
) -> Sequence[SignInChallenge]:
    """The challenges of an address since a wall-clock instant, newest first."""
    rows = db.session.scalars(
        select(SignInChallenge)
        .where(
            SignInChallenge.email == email,
            SignInChallenge.purpose == purpose,
            SignInChallenge.created_at > since,
        )
        .order_by(SignInChallenge.id.desc())
    )
    return rows.all()  # type: ignore[no-any-return]


def code_for(asked: SignInChallenge) -> str:
    """The 6-digit code of a challenge; for the mail and for checking the answer, never stored."""
    return rules.code_from(keys.derived("sign-in-code", asked.public_id))


def wants_mail(asked: SignInChallenge) -> bool:
    """Whether the code may be mailed: to sign in or confirm, the address must have an account."""
    if asked.purpose in (ChallengePurpose.APPLY, ChallengePurpose.SIGN_UP):
        return True
    found = user_by_email(asked.email)
    return found is not None and found.is_active


def session_with(token: str) -> tuple[Session, User] | None:
    """The live session and user behind a cookie's token; None when it is unknown or over.

    One that still `waits` for its second factor is found, too, for 15 minutes: look at it.
    """
    row = db.session.execute(
        select(Session, User)
        .join(User, User.id == Session.user_id)
        .where(Session.token_hash == token_hash(token), Session.ended_at.is_(None), User.is_active)
    ).one_or_none()
    if row is None:
        return None
    lifetime = rules.WAITING_LIFETIME if row[0].waits else rules.SESSION_LIFETIME
    return None if clock.wall() - row[0].created_at >= lifetime else (row[0], row[1])


def sessions_of(user_id: int) -> Sequence[Session]:
    """A user's live sessions, newest first."""
    born_after = clock.wall() - rules.SESSION_LIFETIME
    rows = db.session.scalars(
        select(Session)
        .where(
            Session.user_id == user_id,
            Session.ended_at.is_(None),
            Session.created_at > born_after,
            Session.waits.is_(False),
        )
        .order_by(Session.id.desc())
    )
    return rows.all()  # type: ignore[no-any-return]


def latest_sign_ins(user_id: int, limit: int = 10) -> Sequence[Session]:
    """A user's latest sign-ins, ended and unfinished ones too, newest first."""
    rows = db.session.scalars(
        select(Session).where(Session.user_id == user_id).order_by(Session.id.desc()).limit(limit)
    )
    return rows.all()  # type: ignore[no-any-return]


def must_have_second_factor(user_id: int) -> bool:
    """Whether a role of hers, in any brand or as operator, needs a second factor."""
    granted = db.session.scalars(select(StaffRole.capability).where(StaffRole.user_id == user_id))
    return user(user_id).is_operator or rules.needs_second_factor(granted)


def token_hash(token: str) -> str:
    """How a token that gives access is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row
