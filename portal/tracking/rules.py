"""How codes and slugs are spelled, which destinations are allowed, and who may change what."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from portal.kernel import codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.tracking.models import CodeStatus, LinkStatus
from portal.tracking.words import RESERVED_WORDS, RUDE_PARTS, RUDE_WORDS

RANDOM_SYMBOLS = 8  # R42: 50,000 of them collide about once in seven hundred brands
STEM_LETTERS = 14
SLUG = re.compile(r"(?=.{3,40}$)[a-z0-9]+(-[a-z0-9]+)*")
SUB_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
URL_CHARACTERS = 2000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# Letters that NFKD does not take apart.
TRANSLITERATION = str.maketrans({
    "Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe",
    "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "TH", "þ": "th", "ß": "ss", "ı": "i",
})  # fmt: skip
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
DIGITS_READ_AS = str.maketrans("013457", "OIEAST")


@dataclass(frozen=True, slots=True)
class CodeStanding:
    """A code as it stood at one instant: whose it was and what it was then (R38)."""

    code_id: int
    ambassador_id: int
    code: str
    status: CodeStatus
    discount_bp: int
    since: datetime


def standing_of(changes: Iterable[tuple[datetime, CodeStatus]], at: datetime) -> CodeStatus | None:
    """The status in force at an instant; None before the code existed. Starts are inclusive."""
    found = None
    for since, status in changes:  # oldest first
        if since <= at:
            found = status
    return found


def lookalike(folded: str) -> str:
    """A code as a tired eye reads it: O is 0, I and L are 1. Two codes never share this."""
    return folded.translate(LOOKALIKES)


def check_code(typed: str) -> str:
    """The code as it will be stored, upper case. Raises InvalidInput saying what is wrong (R40)."""
    code = codes.folded(typed)
    if not codes.is_well_formed(code):
        raise InvalidInput(
            "code", "A code has 3 to 20 letters A–Z and digits, without spaces or signs."
        )
    if is_blocked(code):
        raise InvalidInput("code", f"{code} cannot be used as a code. Choose another word.")
    return code


def is_blocked(code: str) -> bool:
    """Whether a code says something rude or something that only the brand may say."""
    read = code.translate(DIGITS_READ_AS)
    first_word = code[: next((i for i, sign in enumerate(code) if sign.isdigit()), len(code))]
    whole = {code, first_word, read}
    if whole & (RESERVED_WORDS | RUDE_WORDS):
        return True
    return any(part in code or part in read for part in RUDE_PARTS)


def code_ideas(name: str, discount_bp: int, randoms: int = 20) -> Iterator[str]:
    """Codes to try for a person, best first: MAYA15, MAYAL15, MAYALINDQVIST15, then random.

    Works for any name: one without a Latin letter begins with the random ones.
    """
    words = [codes.ascii_letters(word.translate(TRANSLITERATION)) for word in name.split()]
    percent = str(discount_bp // 100) if discount_bp and discount_bp % 100 == 0 else ""
    stems = _stems([word for word in words if word])
    tails = [percent, *(percent + _suffix() for _ in range(3))]
    ideas = [stem[: codes.CODE_MAX - len(tail)] + tail for tail in tails for stem in stems]
    ideas += [codes.random_symbols(RANDOM_SYMBOLS) for _ in range(randoms)]
    for idea in dict.fromkeys(ideas):
        if codes.is_well_formed(idea) and not is_blocked(idea):
            yield idea


def _suffix() -> str:
    # Letters only: after a percentage, a digit would read as another percentage.
    return "".join(sign for sign in codes.random_symbols(16) if sign.isalpha())[:2]


def _stems(words: list[str]) -> list[str]:
    if not words:
        return []
    first, last = words[0][:STEM_LETTERS], words[-1] if len(words) > 1 else ""
    stems = [first, first + last[:1], (first + last)[:STEM_LETTERS]] if last else [first]
    return list(dict.fromkeys(stem for stem in stems if len(stem) > 1))


def slug_ideas(name: str, handle: str, label: str, brand_slug: str) -> Iterator[str]:
    """Slugs to try for a link, best first: maya-mug, maya-mug-northlight, then random ends.

    They begin with the first name, or with the handle when the name has no Latin letter.
    """
    first = "".join(name.translate(TRANSLITERATION).split()[:1])
    begin = first if codes.ascii_letters(first) else handle
    stem = codes.slug_of(f"{begin} {label.translate(TRANSLITERATION)}")[:40].rstrip("-")
    yield stem
    yield f"{stem}-{brand_slug}"[:58].rstrip("-")
    for count in (4, 6, 8, 8, 8):
        yield f"{stem}-{codes.random_symbols(count).lower()}"


def check_slug(typed: str) -> str:
    """A wished address as it is stored, in small letters. Raises InvalidInput saying what is
    wrong with it."""
    slug = typed.strip().casefold().removeprefix("/go/").removeprefix("/")
    if not SLUG.fullmatch(slug) or not any(sign.isalpha() for sign in slug):
        raise InvalidInput(
            "slug", "An address has 3 to 40 small letters, digits and single dashes between them."
        )
    words = [one.upper() for one in slug.split("-")]
    if is_blocked("".join(words)) or any(one in RUDE_WORDS for one in words):
        raise InvalidInput("slug", f"{slug} cannot be an address. Choose other words.")
    return slug


def slugs_near(typed: str) -> list[str]:
    """Addresses to offer instead of one that is taken."""
    slug = check_slug(typed)[:34].rstrip("-")
    return [f"{slug}-{end}" for end in ("2", "3", codes.random_symbols(4).lower())]


def check_sub_id(typed: str) -> str:
    """A sub-id as it travels to the shop; empty for none. Raises InvalidInput (R54)."""
    sub_id = typed.strip()
    if sub_id and not SUB_ID.fullmatch(sub_id):
        raise InvalidInput(
            "sub_id", "A sub-id has up to 40 letters, digits, dots, dashes and underscores."
        )
    return sub_id


def checked_destination(url: str, allowed_hosts: Iterable[str]) -> str:
    """The destination as it is stored and redirected to. Raises InvalidInput (R55).

    https only (http on this machine's own loopback, for the demo shop), host exactly one of the
    allowed; no user part, no backslash, no white space or control signs, no non-ASCII host.
    """
    parts = _parts(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and host not in LOOPBACK):
        raise InvalidInput("destination", "A link starts with https://.")
    if "@" in parts.netloc or "%" in parts.netloc or not host.isascii() or host.endswith("."):
        raise InvalidInput("destination", "The address must name the shop and nothing else.")
    if not is_allowed(host, port, allowed_hosts):
        raise InvalidInput("destination", f"{host} is not one of the brand’s own sites.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=-._~?[]")
    fragment = quote(parts.fragment, safe="/%:@!$&'()*+,;=-._~?")
    place = host if port is None else f"{host}:{port}"  # "shop.example:" names no port
    return urlunsplit((parts.scheme, place, path, query, fragment))


def _parts(url: str) -> SplitResult:
    if len(url) > URL_CHARACTERS:
        raise InvalidInput("destination", f"An address has at most {URL_CHARACTERS} characters.")
    if not url.isprintable() or any(sign in url for sign in ' \\"<>'):
        raise InvalidInput("destination", "The address holds a sign that no address has.")
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        raise InvalidInput("destination", "This is not a complete address.") from None
    if not parts.netloc or not parts.hostname:
        raise InvalidInput("destination", "Write the whole address, beginning with https://.")
    return parts


def leads_off_site(url: str, allowed_hosts: Iterable[str]) -> bool:
    """Whether a stored destination is on none of the brand's sites any more: the link then shows
    the program's page."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return True
    return not is_allowed(host, port, allowed_hosts)


def is_allowed(host: str, port: int | None, allowed_hosts: Iterable[str]) -> bool:
    """Whether a host (with a port, when it is not the usual one) is on the brand's list."""
    for entry in allowed_hosts:
        name, _, wanted = entry.strip().lower().partition(":")
        usual = port in (None, 443)
        same_port = usual if not wanted else port is not None and wanted == str(port)
        if name and host.lower() in (name, f"www.{name}") and same_port:
            return True
    return False


CODE_MOVES = {
    (CodeStatus.RESERVED, "activate"): CodeStatus.ACTIVE,
    (CodeStatus.PAUSED, "activate"): CodeStatus.ACTIVE,
    (CodeStatus.ACTIVE, "pause"): CodeStatus.PAUSED,
    (CodeStatus.ACTIVE, "replace"): CodeStatus.REPLACED,
    (CodeStatus.PAUSED, "replace"): CodeStatus.REPLACED,
    (CodeStatus.RESERVED, "retire"): CodeStatus.RETIRED,
    (CodeStatus.ACTIVE, "retire"): CodeStatus.RETIRED,
    (CodeStatus.PAUSED, "retire"): CodeStatus.RETIRED,
    (CodeStatus.REPLACED, "retire"): CodeStatus.RETIRED,
}
LINK_MOVES = {
    (LinkStatus.RESERVED, "activate"): LinkStatus.ACTIVE,
    (LinkStatus.PAUSED, "activate"): LinkStatus.ACTIVE,
    (LinkStatus.ACTIVE, "pause"): LinkStatus.PAUSED,
    (LinkStatus.RESERVED, "retire"): LinkStatus.RETIRED,
    (LinkStatus.ACTIVE, "retire"): LinkStatus.RETIRED,
    (LinkStatus.PAUSED, "retire"): LinkStatus.RETIRED,
    (LinkStatus.RETIRED, "restore"): LinkStatus.ACTIVE,
    (LinkStatus.RETIRED, "restore to rest"): LinkStatus.PAUSED,
}


def next_code_status(status: CodeStatus, action: str) -> CodeStatus:
    """The status after an action. Raises Conflict for a move that UX 6.7 does not have."""
    if (status, action) not in CODE_MOVES:
        raise Conflict(f"This code is {status}; it cannot be changed like that.")
    return CODE_MOVES[status, action]


def next_link_status(status: LinkStatus, action: str) -> LinkStatus:
    """The status after an action. Raises Conflict for a move that UX 6.8 does not have."""
    if (status, action) not in LINK_MOVES:
        raise Conflict(f"This link is {status}; it cannot be changed like that.")
    return LINK_MOVES[status, action]
