"""Authenticator apps, passkeys, recovery codes, remembered devices. All times are wall time."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, sealed_column

NAME_CHARACTERS = 60


class Authenticator(Model):
    """The app that shows a person six digits. `secret` is empty until its first code was typed.

    `next_secret` is one that is being set up; the one in use goes on until the new one is
    confirmed. `last_step` is the 30-second step of the last code that was taken.
    """

    __tablename__ = "authenticators"
    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    secret: Mapped[str] = sealed_column(default="")
    next_secret: Mapped[str] = sealed_column(default="")
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_in_use(self) -> bool:
        return bool(self.secret)


class Passkey(Model):
    """A key in a device or password manager; only its public half is here (base64url)."""

    __tablename__ = "passkeys"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("credential_id"),
        Index(None, "user_id", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("psk"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    credential_id: Mapped[str] = mapped_column(String(1400))
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class PasskeyQuestion(Model):
    """What a passkey was asked to sign for one session; answered once, and soon."""

    __tablename__ = "passkey_questions"
    __table_args__ = (UniqueConstraint("session_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    challenge: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime())


class RecoveryCode(Model):
    """One of ten codes for the day the phone is gone; only a hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class RememberedDevice(Model):
    """A browser in which the second factor is not asked for 30 days; its cookie is hashed here."""

    __tablename__ = "remembered_devices"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "user_id", "id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())


class FactorTries(Model):
    """How many wrong codes a person typed since when: five, and she waits."""

    __tablename__ = "factor_tries"
    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    wrong_count: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime] = mapped_column(UTCDateTime())
