"""The SMTP mailer: implements `notifications.provider.Mailer`."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from portal.kernel.errors import InvalidInput, ProviderRefused, ProviderUnavailable

TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class SmtpMailer:
    """Sends over `smtp://` (STARTTLS when the server offers it) or `smtps://`."""

    url: str
    sender: str

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("smtp", "smtps") or not urlsplit(self.url).hostname:
            raise InvalidInput(
                "PORTAL_MAIL_URL", "PORTAL_MAIL_URL starts with smtp:// or smtps://."
            )

    def send(self, *, recipient: str, subject: str, text: str, html: str) -> None:
        """Hand one mail over. Raises ProviderRefused for a recipient the server will not take,
        ProviderUnavailable for everything that may pass."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, recipient, subject
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        try:
            with self._connection() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise ProviderRefused(f"The mail server refused {recipient}.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise ProviderUnavailable(f"The mail server did not take the mail: {error}") from error

    def _connection(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server
