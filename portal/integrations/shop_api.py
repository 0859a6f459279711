"""What the portal asks of a shop's own interface, and how an answer is understood."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.outbound import Answer, fetch

TIMEOUT_SECONDS = 20
MOST_BYTES = 8_000_000
LONGEST_WAIT_SECONDS = 300
READ = "read:"  # begins the id of a message that we read at a shop, where the shop gives none


class ShopBusy(ProviderUnavailable):
    """The shop asks us to slow down; nothing happened there."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = min(max(retry_after_seconds, 1), LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class WantedCode:
    """A discount as a shop shall hold it. `mark` is ours alone: it tells our discount from one
    of the same code that somebody made by hand."""

    code: str
    discount_bp: int
    mark: str
    usage_limit: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def title(self) -> str:
        return f"Vouch {self.code} ({self.mark})"

    @property
    def percent(self) -> str:
        """15 % as "15", 12.5 % as "12.5"."""
        whole, rest = divmod(self.discount_bp, 100)
        return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)

    @property
    def fraction(self) -> str:
        """15 % as "0.1500"."""
        return f"{self.discount_bp // 10_000}.{self.discount_bp % 10_000:04d}"


@dataclass(frozen=True, slots=True)
class Told:
    """One message as the shop's webhook would have told it, read again."""

    event_id: str
    topic: str
    body: bytes


class ShopApi(Protocol):
    """One shop. Every call may raise ProviderRefused (a definite no, with a sentence for the
    brand), ShopBusy, or ProviderUnavailable (nobody knows)."""

    def check(self) -> None:
        """Whether the key lets us in."""

    def put(self, wanted: WantedCode, reference: str, key: str, /) -> str:
        """Make the code work in the shop; returns the shop's id of it. Safe to repeat. `reference`
        is what was returned before, or ""; `key` is the same for the same attempt."""

    def end(self, wanted: WantedCode, reference: str) -> None:
        """Make the code stop working there. Safe to repeat."""

    def told(self, since: datetime, until: datetime) -> Iterator[Told]:
        """What changed in [since, until): orders with their refunds."""

    def subscribe(self, hook_url: str, secret: str, /) -> str:
        """Make the shop's webhooks for this address. Returns the secret they are signed with:
        the one given, the shop's own, or "" when a person must paste it. Safe to repeat."""

    def code_of(self, reference: str, /) -> str:
        """The code a promotion's id stands for; "" where checkouts name codes themselves."""


def taken(wanted: WantedCode, name: str) -> ProviderRefused:
    """The shop has this code already, and it is not ours."""
    return ProviderRefused(
        f"{wanted.code} exists in {name} already, as another discount. Delete it there and try "
        "again, or give the creator another code.",
        code="taken",
    )


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    document: Any = None,
    allows_loopback: bool,
) -> Answer:
    """One call with a JSON body. Raises as ShopApi says; 429 and 5xx are understood here."""
    sent = {"Accept": "application/json", **headers}
    body = None
    if document is not None:
        sent["Content-Type"], body = "application/json", json.dumps(document).encode()
    answer = fetch(
        url, method=method, headers=sent, body=body, timeout_seconds=TIMEOUT_SECONDS,
        most_bytes=MOST_BYTES, allows_loopback=allows_loopback,
    )  # fmt: skip
    if answer.status == 429:
        raise ShopBusy("The shop asks us to slow down.", seconds(answer.headers, 30))
    if answer.status >= 500 or answer.status in (408, 423):
        raise ProviderUnavailable(f"The shop answered {answer.status}; asking again.")
    if answer.is_redirect:
        raise ProviderRefused(
            "The shop’s address leads elsewhere. Write the address it leads to.", code="moved"
        )
    return answer


def seconds(headers: Mapping[str, str], otherwise: int) -> int:
    """What `Retry-After` asks for, in seconds."""
    given = headers.get("retry-after", "").partition(".")[0]
    return int(given) if given.isdecimal() else otherwise


def read_json(answer: Answer) -> Any:
    """The answer as JSON. Raises ProviderUnavailable: a page of a firewall is no answer."""
    try:
        return json.loads(answer.body)
    except ValueError:
        raise ProviderUnavailable("The shop’s answer was not JSON.") from None
