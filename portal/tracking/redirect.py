"""What GET /go/<slug> answers, as one pure function: the Flask view and the fast path share it.

The caller records the click when the answer says so, before it sends the answer.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

from werkzeug.http import parse_cookie

from portal.kernel.errors import InvalidInput
from portal.tracking import rules
from portal.tracking.models import AgentClass, LinkStatus

CLICK_PARAMETER = "vclid"
COOKIE = "vouch_click"
COOKIE_DAYS = 90
CARRIED_FIELDS, CARRIED_CHARACTERS = 40, 1500
HEADERS = (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"))
RANDOM_BITS = 21
PURPOSES = ("HTTP_PURPOSE", "HTTP_SEC_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
FETCHED_AHEAD = ("prefetch", "prerender", "preview")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLEAN = re.compile(r"[A-Za-z0-9_.~-]*")  # what stands in an address as it is
CLEAN_QUERY = re.compile(
    r"[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~-]*(?:&[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~-]*)*"
)
REMEMBERED_AGENTS = 20_000

# Agents that say themselves that nobody is looking. "cubot" is a telephone.
BOTS = re.compile(
    r"(?<!cu)bot\b|bot[/_;-]|crawl|spider|slurp|facebookexternalhit|meta-externalagent|whatsapp/|"
    r"skypeuripreview|embedly|vkshare|quora link|bitly|mediapartners|lighthouse|pagespeed|"
    r"pingdom|uptime|statuscake|linkcheck|link preview|preview/|feedfetcher|ia_archiver|"
    r"google-read-aloud|apis-google|bingpreview|yahoo! slurp|wget",
    re.IGNORECASE,
)
_says_bot: dict[str, bool] = {}


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
class Route:
    """Where a link leads, checked and taken apart once, so that a click only puts it together.

    Without `head` the visitor is shown the `fallback`: the link or the membership rests, or the
    brand has taken the host off its list (R55).
    """

    link_id: int
    fallback: str
    head: str = ""
    own: tuple[tuple[str, str], ...] = ()  # (name, "name=value" as it stands in an address)
    utm: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    plain: str = ""  # the location of a click that carries nothing, up to the click id
    plain_uncounted: str = ""

    def location(self, query: str, click_id: int | None) -> str:
        """The destination with, in this order: its own query, what came with the click (sub1…5,
        UTM), the link's UTM values where neither had one, and the click id (R54)."""
        if not query:
            if click_id is None:
                return self.plain_uncounted
            return f"{self.plain}{click_id}{self.tail}"
        return self._put_together(carried_of(query), click_id)

    def _put_together(self, carried: list[tuple[str, str]], click_id: int | None) -> str:
        taken = {name for name, _ in self.own}
        taken.add(CLICK_PARAMETER)
        parts = [pair for _, pair in self.own]
        came = [(name, value) for name, value in carried if name not in taken]
        parts += [_pair(name, value) for name, value in came]
        taken.update(name for name, _ in came)
        parts += [pair for name, pair in self.utm if name not in taken]
        if click_id is not None:
            parts.append(f"{CLICK_PARAMETER}={click_id}")
        query = "&".join(parts)
        return f"{self.head}?{query}{self.tail}" if query else f"{self.head}{self.tail}"


@dataclass(slots=True)  # not frozen, as Answer is not: that would double the price of making one
class Visit:
    """A request for /go/<slug>, reduced to what decides the answer. `headers` is a WSGI environ."""

    method: str
    query: str
    headers: Mapping[str, Any]
    cookies: Mapping[str, str]

    @property
    def may_be_remembered(self) -> bool:
        """False when the visitor refused: no cookie is set or read, no visitor hash is made."""
        if "HTTP_SEC_GPC" in self.headers and self.headers["HTTP_SEC_GPC"].strip() == "1":
            return False
        if "consent=denied" in self.query and "consent=denied" in self.query.split("&"):
            return False
        return not self.cookies or self.cookies.get("consent", "").lower() != "denied"

    @property
    def previous_click(self) -> int | None:
        """The click this browser's cookie tells of, when it may be remembered and makes sense."""
        told = self.cookies.get(COOKIE, "") if self.cookies and self.may_be_remembered else ""
        return read_click_id(told)

    @property
    def agent(self) -> str:
        return str(self.headers.get("HTTP_USER_AGENT", ""))


@dataclass(slots=True)
class Answer:
    """What to send. `seen_as` is None when the click is not written down at all; only a human's
    gets an id (`counts`)."""

    status: int
    location: str | None = None
    seen_as: AgentClass | None = None
    sets_cookie: bool = False

    @property
    def counts(self) -> bool:
        return self.seen_as is AgentClass.HUMAN


def visit_of(environ: Mapping[str, Any]) -> Visit:
    """The visit a WSGI request is."""
    query = environ.get("QUERY_STRING", "")
    if not query.isascii():
        query = query.encode("latin-1").decode("utf-8", "replace")
    told = environ.get("HTTP_COOKIE", "")
    matters = COOKIE in told or "consent" in told
    return Visit(
        environ["REQUEST_METHOD"], query, environ, parse_cookie(told) if matters else NO_COOKIES
    )


NO_COOKIES: Mapping[str, str] = {}


def route_of(link: LinkFacts | None) -> Route | None:
    """How a link answers; None when it does not: unknown, reserved, blocked or retired."""
    if link is None or link.status not in (LinkStatus.ACTIVE, LinkStatus.PAUSED):
        return None
    try:
        target = rules.checked_destination(link.destination_url, link.allowed_hosts)
    except InvalidInput:  # the brand has taken the host off its list: the link stops (R55)
        return Route(link.link_id, link.fallback)
    if link.status is LinkStatus.PAUSED:
        return Route(link.link_id, link.fallback)
    return _taken_apart(target, link.utm, link.link_id, link.fallback)


def location_of(
    target: str, utm: Mapping[str, str], query: str = "", click_id: int | None = None
) -> str:
    """Where a click on a link to this target lands, for pages that show it beforehand."""
    return _taken_apart(target, tuple(utm.items())).location(query, click_id)


def _taken_apart(
    target: str, utm: tuple[tuple[str, str], ...], link_id: int = 0, fallback: str = ""
) -> Route:
    parts = urlsplit(target)
    head = urlunsplit(parts._replace(query="", fragment=""))
    tail = f"#{parts.fragment}" if parts.fragment else ""
    own = tuple(
        (name, _pair(name, value))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name != CLICK_PARAMETER
    )
    added = tuple((name, _pair(name, value)) for name, value in utm if value)
    bare = Route(link_id, fallback, head, own, added, tail)
    counted = bare._put_together([], 0)
    plain = counted[: len(counted) - len(tail) - 1]
    return replace(bare, plain=plain, plain_uncounted=bare._put_together([], None))


def answer_for(route: Route | None, visit: Visit, click_id: int) -> Answer:
    """302 to the shop with the click id, 302 to the program's page while paused, else 404."""
    if route is None:
        return Answer(404)
    if not route.head:
        return Answer(302, route.fallback)
    seen_as = agent_class(visit)
    if seen_as is not AgentClass.HUMAN:
        return Answer(302, route.location(visit.query, None), seen_as)
    location = route.location(visit.query, click_id)
    return Answer(302, location, seen_as, sets_cookie=visit.may_be_remembered)


def carried_of(query: str) -> list[tuple[str, str]]:
    """The parameters that came with the click, in order; nothing when there are far too many."""
    if not query or len(query) > CARRIED_CHARACTERS:
        return []
    if CLEAN_QUERY.fullmatch(query):  # most are; parse_qsl costs ten times as much
        pairs = query.split("&")
        return [] if len(pairs) > CARRIED_FIELDS else [_split(pair) for pair in pairs]
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=CARRIED_FIELDS)
    except ValueError:
        return []


def _split(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return name, value


def _pair(name: str, value: str) -> str:
    return f"{_quoted(name)}={_quoted(value)}"


def _quoted(text: str) -> str:
    return text if CLEAN.fullmatch(text) else quote_plus(text)


def agent_class(visit: Visit) -> AgentClass:
    """Who asks: a person, a machine that says so, or a browser fetching ahead or into a frame."""
    headers = visit.headers
    if visit.method != "GET" or headers.get("HTTP_SEC_FETCH_DEST", "document") != "document":
        return AgentClass.PREFETCH
    for name in PURPOSES:
        if name in headers and any(word in headers[name].lower() for word in FETCHED_AHEAD):
            return AgentClass.PREFETCH
    return AgentClass.BOT if says_bot(visit.agent) else AgentClass.HUMAN


def says_bot(agent: str) -> bool:
    """Whether a user agent says itself that nobody is looking; remembered per agent."""
    found = _says_bot.get(agent)
    if found is None:
        if len(_says_bot) >= REMEMBERED_AGENTS:
            _says_bot.clear()
        found = _says_bot[agent] = BOTS.search(agent) is not None
    return found


def cookie_of(click_id: int, *, secure: bool) -> str:
    """The Set-Cookie header of a click (R52): first party, out of reach of scripts."""
    seconds = COOKIE_DAYS * 86400
    return (
        f"{COOKIE}={click_id}; Max-Age={seconds}; {'Secure; ' if secure else ''}HttpOnly; "
        "Path=/; SameSite=Lax"
    )


def day_key(secret: str, day: date) -> bytes:
    """The key of one UTC day's visitor hashes."""
    return hashlib.blake2b(
        day.isoformat().encode(), key=secret.encode()[:64], person=b"vouch visitor"
    ).digest()


def visitor_of(key: bytes, ip: str, agent: str) -> str:
    """A hash of address and agent under the day's key: 32 hex digits that follow nobody on."""
    told = f"{ip}\0{agent}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, key=key, digest_size=16).hexdigest()


def click_id_of(at: datetime, random_bits: int) -> int:
    """A 63-bit id: 42 bits of milliseconds, then 21 random bits, so that ids sort by time."""
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    return (milliseconds << RANDOM_BITS | random_bits & ((1 << RANDOM_BITS) - 1)) & ((1 << 63) - 1)


def clicked_at(click_id: int) -> datetime:
    """When a click with this id happened, to the millisecond; also for an id nobody gave out."""
    return EPOCH + timedelta(milliseconds=click_id >> RANDOM_BITS)


def read_click_id(told: str | None) -> int | None:
    """A click id out of a cookie, a webhook or a CSV cell; None when it is not one."""
    text = (told or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    value = int(text)
    return value if 0 < value < 1 << 63 else None


def host_of(url: str) -> str:
    """The host of a referrer, at most 120 characters and without NUL; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").replace("\0", "")[:120]
    except ValueError:
        return ""
