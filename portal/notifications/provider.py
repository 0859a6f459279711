"""What this room needs from outside."""

from typing import Protocol


class Mailer(Protocol):
    """Hands one mail to a server. Raises ProviderUnavailable when it may be tried again and
    ProviderRefused when this recipient will never get it."""

    def send(self, *, recipient: str, subject: str, text: str, html: str) -> None: ...
