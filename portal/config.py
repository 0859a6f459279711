"""Settings: read once from the environment (`PORTAL_*`), frozen, refusing half a configuration."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.kernel.errors import InvalidInput

LIVE_PREFIXES = ("sk_live_", "rk_live_")
TEST_KEY = "sk_test_demo_simulator"  # the simulator takes any test key


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: its name, what it does, and whether its value is a secret."""

    name: str
    meaning: str
    default: str = ""
    is_secret: bool = False


SETTINGS = (
    Setting(
        "PORTAL_DATABASE_URL",
        "Database: postgresql://… or sqlite:///…",
        "SQLite under PORTAL_DATA",
    ),
    Setting("PORTAL_DATA", "Folder of the SQLite file and of the demo's own files", "./var"),
    Setting("PORTAL_SECRET_KEY", "Signs sessions and hashes customer keys; at least 32 characters",
            is_secret=True),
    Setting("PORTAL_ENCRYPTION_KEYS",
            "Seal shops' keys, tax numbers and bank details in the database; comma-separated, the "
            "newest first", "derived from PORTAL_SECRET_KEY", is_secret=True),
    Setting("PORTAL_BASE_URL", "Where people reach the portal; used in links and mails",
            "http://localhost:8000"),
    Setting("PORTAL_MAIL_URL", "smtp://user:password@host:587, or empty to keep mail in the outbox",
            is_secret=True),
    Setting("PORTAL_MAIL_FROM", "Sender of all mail", "Vouch <no-reply@localhost>"),
    Setting("PORTAL_STRIPE_SECRET_KEY", "Stripe secret key; empty: no Stripe payouts",
            is_secret=True),
    Setting("PORTAL_STRIPE_WEBHOOK_SECRET", "Signing secret of the platform's own Stripe webhook",
            is_secret=True),
    Setting("PORTAL_STRIPE_API_BASE", "Address of Stripe's API; the simulator's in demo and tests",
            "https://api.stripe.com"),
    Setting("PORTAL_STRIPE_CALLS_A_SECOND", "How many transfers a second Stripe allows", "25"),
    Setting("PORTAL_CLICK_DURABILITY",
            "spool: a click survives a killed process; fsync: and a power cut, before its redirect",
            "spool"),
    Setting("PORTAL_CLICK_IP_HOURS",
            "How many hours a click keeps its visitor’s address; 0: it is never stored", "0"),
    Setting("PORTAL_TRUSTED_PROXIES",
            "How many proxies in front add to X-Forwarded-For; 0: the header is not read", "0"),
    Setting("PORTAL_RAW_BODY_DAYS",
            "How many days the raw bodies of shops' messages are kept; 0: for ever", "90"),
    Setting("PORTAL_INSTANCE", "Part of every idempotency key; change it when you restore a backup",
            "vouch"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """The portal's configuration. `from_env` is the only reader of the environment."""

    database_url: str
    data: Path
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    base_url: str = "http://localhost:8000"
    mail_url: str = field(default="", repr=False)
    mail_from: str = "Vouch <no-reply@localhost>"
    stripe_secret_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str = "https://api.stripe.com"
    stripe_calls_a_second: int = 25
    click_durability: str = "spool"
    click_ip_hours: int = 0
    trusted_proxies: int = 0
    raw_body_days: int = 90
    instance: str = "vouch"
    demo: bool = False
    testing: bool = False
    undo_seconds: int = 300
    api_per_minute: int = 600

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read PORTAL_*. Raises InvalidInput naming the variable that is missing or wrong."""
        data = Path(environ.get("PORTAL_DATA") or "var")
        settings = cls(
            database_url=environ.get("PORTAL_DATABASE_URL") or sqlite_in(data),
            data=data,
            secret_key=environ.get("PORTAL_SECRET_KEY", ""),
            encryption_keys=_listed(environ.get("PORTAL_ENCRYPTION_KEYS", "")),
            base_url=(environ.get("PORTAL_BASE_URL") or "http://localhost:8000").rstrip("/"),
            mail_url=environ.get("PORTAL_MAIL_URL", ""),
            mail_from=environ.get("PORTAL_MAIL_FROM") or "Vouch <no-reply@localhost>",
            stripe_secret_key=environ.get("PORTAL_STRIPE_SECRET_KEY", ""),
            stripe_webhook_secret=environ.get("PORTAL_STRIPE_WEBHOOK_SECRET", ""),
            stripe_api_base=(environ.get("PORTAL_STRIPE_API_BASE") or "https://api.stripe.com").rstrip("/"),
            stripe_calls_a_second=_whole(environ, "PORTAL_STRIPE_CALLS_A_SECOND", 25),
            click_durability=environ.get("PORTAL_CLICK_DURABILITY") or "spool",
            click_ip_hours=_whole(environ, "PORTAL_CLICK_IP_HOURS"),
            trusted_proxies=_whole(environ, "PORTAL_TRUSTED_PROXIES"),
            raw_body_days=_whole(environ, "PORTAL_RAW_BODY_DAYS", 90),
            instance=environ.get("PORTAL_INSTANCE") or "vouch",
        )  # fmt: skip
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse to start half-configured."""
        if len(self.secret_key) < 32:
            raise InvalidInput(
                "PORTAL_SECRET_KEY",
                "PORTAL_SECRET_KEY is missing or shorter than 32 characters. "
                'Make one with: python -c "import secrets; print(secrets.token_hex(32))"',
            )
        if any(len(one) < 32 for one in self.encryption_keys):
            raise InvalidInput(
                "PORTAL_ENCRYPTION_KEYS",
                "A key in PORTAL_ENCRYPTION_KEYS is shorter than 32 characters.",
            )
        if self.click_durability not in ("spool", "fsync"):
            raise InvalidInput(
                "PORTAL_CLICK_DURABILITY", "PORTAL_CLICK_DURABILITY is spool or fsync."
            )
        if not self.stripe_calls_a_second:
            raise InvalidInput(
                "PORTAL_STRIPE_CALLS_A_SECOND", "PORTAL_STRIPE_CALLS_A_SECOND is 1 or more."
            )
        if not self.base_url.startswith(("http://", "https://")):
            raise InvalidInput(
                "PORTAL_BASE_URL", "PORTAL_BASE_URL starts with http:// or https://."
            )

    @property
    def has_live_keys(self) -> bool:
        """Whether real money could move with these settings."""
        return self.stripe_secret_key.startswith(LIVE_PREFIXES)

    @property
    def is_rehearsal(self) -> bool:
        """A demo or a test: calls to addresses that people typed may reach this machine."""
        return self.demo or self.testing

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def _listed(told: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in told.split(",") if one.strip())


def _whole(environ: Mapping[str, str], name: str, otherwise: int = 0) -> int:
    told = environ.get(name) or str(otherwise)
    if not (told.isascii() and told.isdigit()):
        raise InvalidInput(name, f"{name} is a whole number, 0 or more.")
    return int(told)


def sqlite_in(data: Path) -> str:
    """The default database: one file in the data folder."""
    return f"sqlite:///{(data / 'portal.sqlite').resolve()}"


def demo_settings(data: Path, base_url: str, stripe_api_base: str) -> Settings:
    """A demo's settings: its own secret kept in its data folder, the simulator as its Stripe.

    Raises InvalidInput when a live Stripe key stands in the environment.
    """
    if os.environ.get("PORTAL_STRIPE_SECRET_KEY", "").startswith(LIVE_PREFIXES):
        raise InvalidInput(
            "PORTAL_STRIPE_SECRET_KEY",
            "A live Stripe key is set (PORTAL_STRIPE_SECRET_KEY). The demo does not start with it.",
        )
    data.mkdir(parents=True, exist_ok=True)
    return Settings(
        database_url=sqlite_in(data),  # never PORTAL_DATABASE_URL: that may be a real portal
        data=data,
        secret_key=_kept_secret(data / "secret-key"),
        base_url=base_url,
        stripe_secret_key=TEST_KEY,
        stripe_webhook_secret=_kept_secret(data / "stripe-webhook-secret"),
        stripe_api_base=stripe_api_base,
        instance="demo",
        demo=True,
        undo_seconds=20,
    )


def _kept_secret(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text().strip()
