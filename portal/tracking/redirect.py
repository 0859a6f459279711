"""What GET /go/<slug> answers, as one pure function: the Flask view and any fast path share it.

The caller records the click when the answer says so, before it sends the answer.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from portal.kernel.errors import InvalidInput
from portal.tracking import rules
from portal.tracking.models import AgentClass, LinkStatus

CLICK_PARAMETER = "vclid"
COOKIE = "vouch_click"
COOKIE_DAYS = 90
CARRIED_FIELDS, CARRIED_CHARACTERS = 40, 1500
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
RANDOM_BITS = 21
PURPOSE_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
FETCHED_AHEAD = ("prefetch", "prerender", "preview")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Agents that say themselves that nobody is looking. "cubot" is a telephone.
BOTS = re.compile(
    r"(?<!cu)bot\b|bot[/_;-]|crawl|spider|slurp|facebookexternalhit|meta-externalagent|whatsapp/|"
    r"skypeuripreview|embedly|vkshare|quora link|bitly|mediapartners|lighthouse|pagespeed|"
    r"pingdom|uptime|statuscake|linkcheck|link preview|preview/|feedfetcher|ia_archiver|"
    r"google-read-aloud|apis-google|bingpreview|yahoo! slurp|wget",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """A link as the redirect needs it. `fallback` is the program's page on this portal."""

    link_id: int
    status: LinkStatus
    destination_url: str
    allowed_hosts: tuple[str, ...]
    utm: tuple[tuple[str, str], ...]
    fallback: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for /go/<slug>, reduced to what decides the answer. Header names in lower case."""

    method: str
    query: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]

    @property
    def may_be_remembered(self) -> bool:
        """False when the visitor refused: no cookie is set, none is read."""
        if self.headers.get("sec-gpc", "").strip() == "1":
            return False
        refused = "consent=denied" in self.query.split("&")
        return not refused and self.cookies.get("consent", "").lower() != "denied"

    @property
    def previous_click(self) -> int | None:
        """The click this browser's cookie tells of, when it may be remembered and makes sense."""
        told = self.cookies.get(COOKIE, "") if self.may_be_remembered else ""
        return read_click_id(told)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send. `records` says whether the click is to be kept under the id that was given."""

    status: int
    location: str | None = None
    records: bool = False
    sets_cookie: bool = False


def answer_for(link: LinkFacts | None, visit: Visit, click_id: int) -> Answer:
    """302 to the shop with the click id, 302 to the program's page while paused, else 404."""
    if link is None or link.status not in (LinkStatus.ACTIVE, LinkStatus.PAUSED):
        return Answer(404)
    try:
        target = rules.checked_destination(link.destination_url, link.allowed_hosts)
    except InvalidInput:  # the brand has taken the host off its list: the link stops (R55)
        return Answer(302, link.fallback)
    if link.status is LinkStatus.PAUSED:
        return Answer(302, link.fallback)
    counts = agent_class(visit) is AgentClass.HUMAN
    location = location_of(target, dict(link.utm), visit.query, click_id if counts else None)
    return Answer(302, location, records=counts, sets_cookie=counts and visit.may_be_remembered)


def location_of(target: str, utm: Mapping[str, str], query: str, click_id: int | None) -> str:
    """The destination with, in this order: its own query, what came with the click (sub1…5, UTM),
    the link's UTM values where neither had one, and the click id (R54)."""
    parts = urlsplit(target)
    own = parse_qsl(parts.query, keep_blank_values=True)
    taken = {name for name, _ in own} | {CLICK_PARAMETER}
    carried = [(name, value) for name, value in carried_of(query) if name not in taken]
    taken |= {name for name, _ in carried}
    added = [(name, value) for name, value in utm.items() if value and name not in taken]
    if click_id is not None:
        added.append((CLICK_PARAMETER, str(click_id)))
    own = [(name, value) for name, value in own if name != CLICK_PARAMETER]
    return urlunsplit(parts._replace(query=urlencode([*own, *carried, *added])))


def carried_of(query: str) -> list[tuple[str, str]]:
    """The parameters that came with the click, in order; nothing when there are far too many."""
    if len(query) > CARRIED_CHARACTERS:
        return []
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=CARRIED_FIELDS)
    except ValueError:
        return []


def agent_class(visit: Visit) -> AgentClass:
    """Who asks: a person, a machine that says so, or a browser fetching ahead or into a frame."""
    headers = visit.headers
    purpose = " ".join(headers.get(name, "") for name in PURPOSE_HEADERS).lower()
    if visit.method != "GET" or any(word in purpose for word in FETCHED_AHEAD):
        return AgentClass.PREFETCH
    if headers.get("sec-fetch-dest", "document") != "document":
        return AgentClass.PREFETCH
    return AgentClass.BOT if BOTS.search(headers.get("user-agent", "")) else AgentClass.HUMAN


def visitor_of(key: str, at: datetime, ip: str, agent: str) -> str:
    """A keyed hash of address and agent that changes with the UTC day: 32 hex digits."""
    told = f"{at:%Y-%m-%d}\0{ip}\0{agent}".encode()
    return hmac.new(b"vouch visitor\0" + key.encode(), told, hashlib.sha256).hexdigest()[:32]


def click_id_of(at: datetime, random_bits: int) -> int:
    """A 63-bit id: 42 bits of milliseconds, then 21 random bits, so that ids sort by time."""
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    return (milliseconds << RANDOM_BITS | random_bits & ((1 << RANDOM_BITS) - 1)) & ((1 << 63) - 1)


def read_click_id(told: str | None) -> int | None:
    """A click id out of a cookie, a webhook or a CSV cell; None when it is not one."""
    text = (told or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    value = int(text)
    return value if 0 < value < 1 << 63 else None


def host_of(url: str) -> str:
    """The host of a referrer, at most 120 characters; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "")[:120]
    except ValueError:
        return ""
