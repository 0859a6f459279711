"""Register people and brands, give and take roles, open and end sessions. Callers commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from portal.audit.commands import note
from portal.identity import passwords, queries, rules
from portal.identity.events import SignInCodeRequested, StaffInvited, UserRegistered
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
from portal.jobs.commands import announce
from portal.kernel import clock, codes, currencies
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import is_open

WRONG_PAIR = (
    "This e-mail address and password do not go together. Try again, or get a code by e-mail."
)
WRONG_CODE = "This code is not right. Look at the newest e-mail from us and type its six digits."
EXPIRED_CODE = "This code has expired: a code works for 10 minutes. Ask for a new one."
USED_CODE = "This code was already used. Ask for a new one."
TOO_MANY_CODES = "Many codes were sent to this address. Use the newest, or wait an hour."
TOO_MANY_TRIES = "Five wrong tries: this code no longer works. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of answering a challenge. A wrong try has to be counted, so it cannot raise
    inside the unit of work that counts it: read `email` after that unit of work."""

    is_right: bool
    _email: str

    @property
    def email(self) -> str:
        """The proven address. Raises InvalidInput (field code) when the answer was wrong."""
        if is_open():
            raise RuntimeError("Read the answer after its unit of work, or no try is counted.")
        if not self.is_right:
            raise InvalidInput("code", WRONG_CODE)
        return self._email


def register(
    email: str, name: str, password: str | None = None, *, is_operator: bool = False
) -> User:
    """Make an account. Raises InvalidInput for a bad address, name or password, Conflict for a
    known address."""
    email, name = rules.email_of(email), rules.name_of(name)
    if password is not None:
        rules.check_password(password)
    if queries.user_by_email(email) is not None:
        raise Conflict("There is already an account with this e-mail address.")
    made = User(
        email=email,
        name=name,
        password_hash=None if password is None else passwords.hashed(password),
        is_operator=is_operator,
        is_active=True,
        created_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    note(made.id, "user.registered", made.id)
    announce(UserRegistered(made.id))
    return made


def create_brand(
    name: str, slug: str, currency: str, zone: str, *, by: int | None = None, **details: Any
) -> Brand:
    """Make a brand; whoever made it owns it. `details` are Brand's other columns.

    Raises InvalidInput for a bad slug, currency or zone, Conflict for a taken slug.
    """
    rules.check_slug(slug)
    if not currencies.is_code(currency):
        raise InvalidInput("currency", "Write a currency as three letters, such as USD.")
    if not clock.is_zone(zone):
        raise InvalidInput("zone", "Write a time zone such as Europe/Berlin.")
    if queries.brand_id_of(slug) is not None:
        raise Conflict(f"There is already a brand at /brand/{slug}.")
    made = Brand(
        name=rules.name_of(name),
        slug=slug,
        currency=currency,
        zone=zone,
        created_at=clock.now(),
        **details,
    )
    db.session.add(made)
    db.session.flush()
    note(by, "brand.created", made.id, brand_id=made.id, name=made.name)
    if by is not None:
        grant(made.id, by, Capability.OWNER, by=by)
    return made


def grant(brand_id: int, user_id: int, capability: str, by: int | None = None) -> None:
    """Give a person a role in a brand; giving it twice changes nothing."""
    wanted = Capability(capability)
    role = (StaffRole.brand_id == brand_id, StaffRole.user_id == user_id)
    if db.session.scalar(select(StaffRole.id).where(*role, StaffRole.capability == wanted)):
        return
    db.session.add(
        StaffRole(brand_id=brand_id, user_id=user_id, capability=wanted, created_at=clock.now())
    )
    db.session.flush()
    note(by, "staff-role.granted", user_id, brand_id=brand_id, capability=wanted.value)


def revoke(brand_id: int, user_id: int, capability: str, by: int | None = None) -> None:
    """Take a role. Raises NotFound when she does not have it, Conflict for a brand's last owner."""
    unwanted = Capability(capability)
    lock(Brand, brand_id)  # two owners removing each other must not leave the brand without one
    role = db.session.scalar(
        select(StaffRole).where(
            StaffRole.brand_id == brand_id,
            StaffRole.user_id == user_id,
            StaffRole.capability == unwanted,
        )
    )
    if role is None:
        raise NotFound("This person does not have that role any more.")
    if unwanted is Capability.OWNER and not _has_another_owner(brand_id, user_id):
        raise Conflict("A brand keeps at least one owner. Make somebody else an owner first.")
    db.session.delete(role)
    db.session.flush()
    note(by, "staff-role.revoked", user_id, brand_id=brand_id, capability=unwanted.value)


def set_roles(
    brand_id: int, user_id: int, capabilities: Iterable[str], by: int | None = None
) -> None:
    """Give a team member exactly these roles; none of them: she leaves the team.

    Raises Conflict when the brand would lose its last owner.
    """
    lock(Brand, brand_id)
    wanted, held = set(map(Capability, capabilities)), _roles_of(brand_id, user_id)
    if not held:
        raise NotFound("This person is not in the team any more.")
    for capability in sorted(wanted - held):
        grant(brand_id, user_id, capability, by)
    for capability in sorted(held - wanted):
        revoke(brand_id, user_id, capability, by)


def invite_staff(
    brand_id: int, email: str, capabilities: Iterable[str], by: int | None
) -> Invitation:
    """Invite an address to a brand's team; the link is mailed by whoever hears StaffInvited.

    A former open invitation of the same address is replaced. Raises InvalidInput without an
    address or role, Conflict when that person already has all these roles.
    """
    email = rules.email_of(email)
    asked = set(map(Capability, capabilities))
    wanted = [role.value for role in Capability if role in asked]
    if not wanted:
        raise InvalidInput("capabilities", "Choose at least one role.")
    lock(Brand, brand_id)
    known = queries.user_by_email(email)
    if known is not None and asked <= _roles_of(brand_id, known.id):
        raise Conflict(f"{known.name} already has this role.")
    for former in queries.open_invitations(brand_id):
        if former.email == email:
            _end_invitation(former, InvitationStatus.REVOKED)
    made = Invitation(
        public_id=codes.public_id("inv"),
        brand_id=brand_id,
        email=email,
        capabilities=wanted,
        invited_by=by,
        status=InvitationStatus.SENT,
        created_at=clock.wall(),
        expires_at=clock.wall() + rules.INVITATION_LIFETIME,
    )
    made.token_hash = queries.token_hash(queries.invitation_token(made))
    db.session.add(made)
    db.session.flush()
    note(by, "invitation.sent", made.id, brand_id=brand_id, roles=wanted)
    announce(StaffInvited(made.id))
    return made


def accept_invitation(invitation_id: int, user_id: int) -> None:
    """Give the invited person her roles, once.

    Raises Conflict when the invitation is used, revoked or expired, or was sent to another address.
    """
    invitation = _answerable(invitation_id)
    person = queries.user(user_id)
    if person.email != invitation.email:
        raise Conflict(
            f"This invitation was sent to {invitation.email}, and you are signed in as "
            f"{person.email}. Sign out and open the link again, or ask for an invitation to "
            "your address."
        )
    _end_invitation(invitation, InvitationStatus.ACCEPTED)
    invitation.accepted_by = user_id
    for capability in invitation.capabilities:
        grant(invitation.brand_id, user_id, capability, by=user_id)
    note(user_id, "invitation.accepted", invitation.id, brand_id=invitation.brand_id)


def decline_invitation(invitation_id: int, by: int | None = None) -> None:
    """Say no to an invitation. Raises Conflict when it is no longer open."""
    invitation = _answerable(invitation_id)
    _end_invitation(invitation, InvitationStatus.DECLINED)
    note(by, "invitation.declined", invitation.id, brand_id=invitation.brand_id)


def revoke_invitation(invitation_id: int, by: int | None = None) -> None:
    """Take an invitation back. Raises Conflict when it was already answered."""
    invitation = lock(Invitation, invitation_id)
    if invitation.status is not InvitationStatus.SENT:
        raise Conflict(f"This invitation is already {invitation.status}.")
    _end_invitation(invitation, InvitationStatus.REVOKED)
    note(by, "invitation.revoked", invitation.id, brand_id=invitation.brand_id)


def start_challenge(email: str, purpose: str) -> SignInChallenge:
    """Ask for a 6-digit code by mail. Asked again within 30 seconds: the same one, no second mail.

    Known and unknown addresses take the same path (whether mail goes out is decided by the
    subscriber: `queries.wants_mail`). Raises InvalidInput for a bad address, Conflict for the
    13th code of an hour.
    """
    email, wanted, now = rules.email_of(email), ChallengePurpose(purpose), clock.wall()
    recent = queries.challenges_since(email, wanted, now - rules.CODES_PERIOD)
    if recent and not rules.may_be_sent_again(recent[0], now):
        return recent[0]
    if len(recent) >= rules.CODES_PER_PERIOD:
        raise Conflict(TOO_MANY_CODES)
    made = SignInChallenge(
        email=email,
        purpose=wanted,
        created_at=now,
        expires_at=now + rules.CODE_LIFETIME,
        tries=0,
    )
    db.session.add(made)
    db.session.flush()
    announce(SignInCodeRequested(made.id))
    return made


def answer_challenge(public_id: str, code: str, purpose: str | None = None) -> Answer:
    """Try a code: `with unit_of_work(): answer = answer_challenge(…)`, then `answer.email`.

    Counts the try; the right code works once. Raises Conflict when the challenge is used, expired
    or was tried five times, NotFound when there is none (of this purpose).
    """
    asked = lock(SignInChallenge, queries.challenge_by_public_id(public_id).id)
    if purpose is not None and asked.purpose != purpose:
        raise NotFound()
    if asked.used_at is not None:
        raise Conflict(USED_CODE)
    if clock.wall() >= asked.expires_at:
        raise Conflict(EXPIRED_CODE)
    if asked.tries >= rules.CODE_TRIES:
        raise Conflict(TOO_MANY_TRIES)
    asked.tries += 1
    is_right = rules.same_code(queries.code_for(asked), code)
    if is_right:
        asked.used_at = clock.wall()
    db.session.flush()
    return Answer(is_right, asked.email)


def check_password(email: str, password: str) -> User:
    """The user with this address and password. Raises InvalidInput (field password) otherwise.

    Takes as long for an address nobody has. Writes nothing.
    """
    found = queries.user_by_email(email)
    usable = found.password_hash if found is not None and found.is_active else None
    if not passwords.matches(usable, password[: rules.PASSWORD_MOST]) or found is None:
        raise InvalidInput("password", WRONG_PAIR)
    return found


def change_password(user_id: int, password: str, keep_session_id: int | None = None) -> None:
    """Set a password and end every other session. Raises InvalidInput for a bad one."""
    rules.check_password(password)
    person = lock(User, user_id)
    person.password_hash = passwords.hashed(password)
    end_other_sessions(user_id, keep_session_id)
    note(user_id, "user.password-changed", user_id)


def open_session(user_id: int, agent: str = "", *, waits: bool = False) -> str:
    """Sign a browser in: returns the token for its cookie, of which only a hash is stored.

    A session that `waits` opens no door before `prove_second`.
    """
    token, now = codes.secret(), clock.wall()
    made = Session(
        token_hash=queries.token_hash(token),
        user_id=user_id,
        created_at=now,
        seen_at=now,
        waits=waits,
        user_agent=agent[:200],
    )
    db.session.add(made)
    db.session.flush()
    note(user_id, "session.opened", made.id)
    return token


def prove_second(session_id: int) -> str:
    """The second factor of a sign-in was given: a fresh proof, and the session's new token."""
    lock(Session, session_id).waits = False
    return step_up(session_id)


def note_second_factor(user_id: int, *, has_one: bool) -> None:
    """Keep since when a person has a second factor, or that she has none any more."""
    person = lock(User, user_id)
    if has_one and person.second_factor_at is None:
        person.second_factor_at = clock.wall()
    elif not has_one:
        person.second_factor_at = None


def end_session(session_id: int) -> None:
    """Sign a browser out; a copy of its cookie is worthless from now on."""
    session = lock(Session, session_id)
    if session.ended_at is None:
        session.ended_at, session.typed = clock.wall(), None
        note(session.user_id, "session.ended", session.id)


def end_other_sessions(user_id: int, keep_session_id: int | None = None) -> int:
    """End a user's sessions but one; returns how many ended."""
    result: Any = db.session.execute(
        update(Session)
        .where(
            Session.user_id == user_id,
            Session.ended_at.is_(None),
            Session.id != (keep_session_id or 0),
        )
        .values(ended_at=clock.wall())
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


def touch_session(session_id: int) -> None:
    """Note that a session is in use (only from requests that may write)."""
    lock(Session, session_id).seen_at = clock.wall()


def step_up(session_id: int) -> str:
    """Note that the person proved herself again; returns the session's new token."""
    session, token = lock(Session, session_id), codes.secret()
    session.token_hash, session.stepped_up_at = queries.token_hash(token), clock.wall()
    session.seen_at = clock.wall()
    note(session.user_id, "session.stepped-up", session.id)
    return token


def keep_typed(session_id: int, page: str, fields: Mapping[str, str]) -> None:
    """Keep what stands in a form of this page while the person proves herself again."""
    second = int(clock.wall().timestamp())
    lock(Session, session_id).typed = {"page": page, "fields": dict(fields), "at": second}


def forget_typed(session_id: int) -> None:
    """The form was sent again; nothing of it is kept."""
    lock(Session, session_id).typed = None


def _roles_of(brand_id: int, user_id: int) -> set[Capability]:
    held = select(StaffRole.capability).where(
        StaffRole.brand_id == brand_id, StaffRole.user_id == user_id
    )
    return set(db.session.scalars(held))


def _has_another_owner(brand_id: int, user_id: int) -> bool:
    others = select(StaffRole.id).where(
        StaffRole.brand_id == brand_id,
        StaffRole.capability == Capability.OWNER,
        StaffRole.user_id != user_id,
    )
    return db.session.scalar(others.limit(1)) is not None


def _answerable(invitation_id: int) -> Invitation:
    invitation = lock(Invitation, invitation_id)
    refusal = rules.refusal_of(invitation.status, invitation.expires_at, clock.wall())
    if refusal:
        raise Conflict(refusal)
    return invitation


def _end_invitation(invitation: Invitation, status: InvitationStatus) -> None:
    ended_at: datetime = clock.wall()
    invitation.status, invitation.ended_at = status, ended_at
