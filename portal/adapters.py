"""The outside world, chosen by the settings: the only things that are injected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.config import Settings
from portal.creators.models import Rail
from portal.files.provider import FileFormat
from portal.integrations.carried.rail import FileRail
from portal.integrations.paypal.payments import PayPalFormat
from portal.integrations.paypal.report import PayPalReport
from portal.integrations.sepa.camt import CamtStatement
from portal.integrations.sepa.statement import BankStatement
from portal.integrations.sepa.transfers import SepaFormat
from portal.integrations.shop_apis import ShopApis
from portal.integrations.smtp.mailer import SmtpMailer
from portal.integrations.store_credit.rail import CreditRail
from portal.integrations.stripe.rail import StripeRail
from portal.notifications.provider import Mailer
from portal.payouts.provider import PayoutProvider
from portal.reconciliation.provider import ReportReader

FORMATS: dict[Rail, FileFormat] = {Rail.SEPA: SepaFormat(), Rail.PAYPAL: PayPalFormat()}


READERS: tuple[ReportReader, ...] = (PayPalReport(), CamtStatement(), BankStatement())


@dataclass(frozen=True)
class Adapters:
    """What talks to the outside: each implements a Protocol declared by the room that needs it."""

    rails: dict[str, PayoutProvider]
    mailer: Mailer | None
    shops: ShopApis = field(default_factory=ShopApis)
    formats: Mapping[Rail, FileFormat] = field(default_factory=lambda: FORMATS)
    readers: tuple[ReportReader, ...] = READERS

    @classmethod
    def from_settings(cls, settings: Settings) -> Adapters:
        """Stripe when a key is set (the simulator's address in a demo); SMTP when a mail URL is."""
        mailer = SmtpMailer(settings.mail_url, settings.mail_from) if settings.mail_url else None
        rails: dict[str, PayoutProvider] = {
            Rail.CREDIT.value: CreditRail(),
            **{rail.value: FileRail(form) for rail, form in FORMATS.items()},
        }
        if settings.stripe_secret_key:
            rails["stripe"] = StripeRail(
                settings.stripe_secret_key, settings.stripe_api_base, settings.instance,
                calls_a_second=settings.stripe_calls_a_second,
            )  # fmt: skip
        is_rehearsal = settings.demo or settings.testing
        shops = ShopApis(settings.stripe_api_base, allows_loopback=is_rehearsal)
        return cls(rails=rails, mailer=mailer, shops=shops)
