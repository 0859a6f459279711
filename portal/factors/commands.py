"""Set up, use and take away second factors. Callers commit. Every time is wall time."""

from dataclasses import dataclass

from sqlalchemy import delete

from portal.audit.commands import note
from portal.factors import queries, rules
from portal.factors.events import SecondFactorChanged
from portal.factors.models import (
    Authenticator,
    FactorTries,
    Passkey,
    PasskeyQuestion,
    RecoveryCode,
    RememberedDevice,
)
from portal.factors.passkeys import NO_ANSWER, UNKNOWN, NewKey
from portal.identity import commands as identity
from portal.identity import queries as people
from portal.identity.models import User
from portal.jobs.commands import announce
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import is_open

WRONG_CODE = "This code is not right. Type the six digits that the app shows now."
USED_CODE = "This code was used already. Wait for the next one."
WRONG_RECOVERY = "This is none of your recovery codes, or it was used already."
TOO_MANY = "Five wrong codes: wait 15 minutes, or use a passkey."
NOT_BEGUN = "This set-up was open for too long. Start it again."
LAST_ONE = "Your role needs a second factor. Add another one first, then remove this one."
TOO_MANY_KEYS = f"An account holds {rules.MOST_PASSKEYS} passkeys. Remove one first."
KNOWN_KEY = "This passkey is in use already."


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome of a code. A wrong one has to be counted, so it cannot raise inside the unit of
    work that counts it: call `check` after that unit of work."""

    is_right: bool
    refusal: str

    def check(self) -> None:
        """Raises InvalidInput (field code) when the code was wrong."""
        if is_open():
            raise RuntimeError("Check the code after its unit of work, or no try is counted.")
        if not self.is_right:
            raise InvalidInput("code", self.refusal)


# ---- the app
def begin_app(user_id: int) -> None:
    """Make a new secret for an app; one in use goes on until the new one is confirmed."""
    lock(User, user_id)
    found = queries.authenticator_of(user_id)
    if found is None:
        found = Authenticator(user_id=user_id, secret="", last_step=0, created_at=clock.wall())
        db.session.add(found)
    found.next_secret = rules.new_secret()
    db.session.flush()


def confirm_app(user_id: int, typed: str, session_id: int | None = None) -> Tried:
    """Take the app into use when the code is right; the former app's codes end. Counts the try.

    A first factor signs out every session but this one: they never gave it. Raises Conflict when
    no set-up was begun or after five wrong codes.
    """
    lock(User, user_id)
    found = queries.authenticator_of(user_id)
    if found is None or not found.next_secret:
        raise Conflict(NOT_BEGUN)
    _refuse_when_locked(user_id)
    step = rules.matching_step(found.next_secret, typed, clock.wall(), 0)
    if step is None:
        return _wrong(user_id, WRONG_CODE)
    found.secret, found.next_secret, found.last_step = found.next_secret, "", step
    found.confirmed_at = found.last_used_at = clock.wall()
    _right(user_id)
    _added(user_id, "app-added", session_id)
    return Tried(is_right=True, refusal="")


def give_app(user_id: int, secret: str) -> None:
    """An app in use at once, for the demo's people and the cast of tests."""
    now = clock.wall()
    db.session.add(
        Authenticator(user_id=user_id, secret=secret, next_secret="", last_step=0,
                      created_at=now, confirmed_at=now)
    )  # fmt: skip
    db.session.flush()
    identity.note_second_factor(user_id, has_one=True)


def take_code(user_id: int, typed: str) -> Tried:
    """Try a code of the app: right once. Counts the try, also of one that was used already. Raises
    Conflict after five wrong ones."""
    lock(User, user_id)
    _refuse_when_locked(user_id)
    found = queries.app_of(user_id)
    step = None
    if found is not None:
        step = rules.matching_step(found.secret, typed, clock.wall(), found.last_step)
    if found is None or step is None:
        return _wrong(user_id, _refusal(found, typed))
    found.last_step, found.last_used_at = step, clock.wall()
    _right(user_id)
    return Tried(is_right=True, refusal="")


def _refusal(found: Authenticator | None, typed: str) -> str:
    # Said only to the very code that was taken: whoever guesses learns nothing by it.
    if found is None:
        return WRONG_CODE
    was_used = rules.was_used_last(found.secret, typed, clock.wall(), found.last_step)
    return USED_CODE if was_used else WRONG_CODE


def remove_app(user_id: int) -> None:
    """Forget the app. Raises Conflict when it is the last factor and a role needs one."""
    lock(User, user_id)
    found = queries.factors_of(user_id)
    if found.app is None:
        return
    if not found.may_lose_one:
        raise Conflict(LAST_ONE)
    db.session.delete(found.app)
    _changed(user_id, "app-removed")


# ---- passkeys
def ask_passkey(session_id: int) -> str:
    """A new challenge (base64url) for this session; the former one no longer counts."""
    db.session.execute(delete(PasskeyQuestion).where(PasskeyQuestion.session_id == session_id))
    challenge = codes.secret()
    db.session.add(
        PasskeyQuestion(session_id=session_id, challenge=challenge, asked_at=clock.wall())
    )
    db.session.flush()
    return challenge


def answered(session_id: int) -> str:
    """The challenge that this session's passkey was asked; it counts once, also for two answers at
    the same moment. Raises InvalidInput (field answer) when nothing was asked within the last five
    minutes."""
    found = queries.question_of(session_id)
    if found is None or not change(delete(PasskeyQuestion).where(PasskeyQuestion.id == found.id)):
        raise InvalidInput("answer", NO_ANSWER)
    return found.challenge


def add_passkey(user_id: int, name: str, key: NewKey, session_id: int | None = None) -> Passkey:
    """Keep a passkey that was just made; a first factor signs out every session but this one.

    Raises InvalidInput for a bad name, Conflict for a key that is known, and for an eleventh.
    """
    lock(User, user_id)
    known = queries.passkeys_of(user_id)
    if len(known) >= rules.MOST_PASSKEYS:
        raise Conflict(TOO_MANY_KEYS)
    if queries.is_known_credential(key.credential_id):
        raise Conflict(KNOWN_KEY)
    made = Passkey(
        user_id=user_id,
        name=rules.name_of_passkey(name),
        credential_id=key.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        transports=key.transports,
        created_at=clock.wall(),
    )
    db.session.add(made)
    _added(user_id, "passkey-added", session_id, made.name)
    return made


def passkey_for(user_id: int, credential_id: str) -> Passkey:
    """Her passkey with this id, locked. Raises InvalidInput (field answer) when it is not hers."""
    lock(User, user_id)
    found = queries.passkey_with(user_id, credential_id)
    if found is None:
        raise InvalidInput("answer", UNKNOWN)
    return lock(Passkey, found.id)


def note_passkey_use(key: Passkey, sign_count: int) -> None:
    """A passkey signed: keep its count and when."""
    key.sign_count, key.last_used_at = sign_count, clock.wall()
    db.session.flush()


def remove_passkey(user_id: int, public_id: str) -> None:
    """Forget a passkey. Raises NotFound, and Conflict for the last factor of a role that needs
    one."""
    lock(User, user_id)
    found = queries.passkey_of(user_id, public_id)
    if not queries.factors_of(user_id).may_lose_one:
        raise Conflict(LAST_ONE)
    db.session.delete(found)
    _changed(user_id, "passkey-removed", found.name)


# ---- recovery codes
def renew_recovery_codes(user_id: int) -> list[str]:
    """Ten new codes, to be shown once; the former ones no longer work."""
    lock(User, user_id)
    former = change(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    made, now = rules.new_recovery_codes(), clock.wall()
    db.session.add_all(
        RecoveryCode(user_id=user_id, code_hash=rules.recovery_hash(user_id, one), created_at=now)
        for one in made
    )
    db.session.flush()
    if former:
        _tell(user_id, "codes-renewed")
    else:
        note(user_id, "second-factor.codes-made", user_id)
    return made


def take_recovery_code(user_id: int, typed: str) -> Tried:
    """Try a recovery code: right once. Counts the try. Raises Conflict after five wrong ones."""
    lock(User, user_id)
    _refuse_when_locked(user_id)
    mine = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    used = change(
        RecoveryCode.__table__.update()  # type: ignore[attr-defined]
        .where(*mine, RecoveryCode.code_hash == rules.recovery_hash(user_id, typed))
        .values(used_at=clock.wall())
    )
    if not used:
        return _wrong(user_id, WRONG_RECOVERY)
    _right(user_id)
    _tell(user_id, "code-used", str(queries.codes_left(user_id)))
    return Tried(is_right=True, refusal="")


# ---- remembered devices
def remember_device(user_id: int, agent: str) -> str:
    """Do not ask in this browser for 30 days: the token for its cookie, kept as a hash."""
    token, now = codes.secret(), clock.wall()
    made = RememberedDevice(
        user_id=user_id,
        token_hash=people.token_hash(token),
        user_agent=agent[:200],
        created_at=now,
        expires_at=now + rules.REMEMBERED,
    )
    db.session.add(made)
    db.session.flush()
    note(user_id, "device.remembered", made.id)
    return token


def forget_devices(user_id: int) -> int:
    """Ask again everywhere; returns how many browsers were remembered."""
    count = change(delete(RememberedDevice).where(RememberedDevice.user_id == user_id))
    if count:
        note(user_id, "device.all-forgotten", user_id, count=count)
    return count


# ---- by the operator
def reset(user_id: int, *, by: int | None, reason: str) -> None:
    """Take every factor of somebody who lost them all, and sign her out everywhere.

    She sets up a new one at her next sign-in when a role needs it. `by` None: on the machine
    itself, for an operator who has nobody to ask. Raises InvalidInput without a reason, Conflict
    for one's own, and for somebody who has none.
    """
    person = lock(User, user_id)
    if user_id == by:
        raise Conflict("Nobody resets her own second factor. Ask another operator.")
    if person.second_factor_at is None:
        raise Conflict(f"{person.name} has no second factor.")
    if not reason.strip():
        raise InvalidInput("reason", "Write how you know that it is she who asks.")
    for model in (Authenticator, Passkey, RecoveryCode, FactorTries):
        db.session.execute(delete(model).where(model.user_id == user_id))
    forget_devices(user_id)
    identity.note_second_factor(user_id, has_one=False)
    ended = identity.end_other_sessions(user_id)
    note(by, "second-factor.reset", user_id, reason=reason.strip(), sessions_ended=ended)
    _announce(user_id, "reset")


def _added(user_id: int, act: str, session_id: int | None, name: str = "") -> None:
    """Other browsers came in without a first factor: whoever sits there has to come in anew."""
    if people.user(user_id).second_factor_at is None:
        identity.end_other_sessions(user_id, session_id)
    _changed(user_id, act, name)


def _changed(user_id: int, act: str, name: str = "") -> None:
    """Keep whether she has a factor; without one, recovery codes and devices mean nothing."""
    db.session.flush()
    has_one = queries.factors_of(user_id).count > 0
    identity.note_second_factor(user_id, has_one=has_one)
    forget_devices(user_id)
    if not has_one:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    _tell(user_id, act, name)


def _tell(user_id: int, act: str, name: str = "") -> None:
    note(user_id, f"second-factor.{act}", user_id, name=name)
    _announce(user_id, act, name)


def _announce(user_id: int, act: str, name: str = "") -> None:
    announce(SecondFactorChanged(user_id, act, name, rules.microseconds(clock.wall())))


def _refuse_when_locked(user_id: int) -> None:
    tries = queries.tries_of(user_id)
    if tries is not None and rules.is_locked(tries.wrong_count, tries.since, clock.wall()):
        raise Conflict(TOO_MANY)


def _wrong(user_id: int, refusal: str) -> Tried:
    now, tries = clock.wall(), queries.tries_of(user_id)
    if tries is None:
        tries = FactorTries(user_id=user_id, wrong_count=0, since=now)
        db.session.add(tries)
    if now - tries.since >= rules.WRONG_PERIOD:
        tries.wrong_count, tries.since = 0, now
    tries.wrong_count += 1
    if tries.wrong_count == rules.MOST_WRONG:
        tries.since = now
        note(user_id, "second-factor.locked", user_id)
    db.session.flush()
    return Tried(is_right=False, refusal=refusal)


def _right(user_id: int) -> None:
    db.session.execute(delete(FactorTries).where(FactorTries.user_id == user_id))
    db.session.flush()
