"""How a caption and a post's address are read: lines, tags, disclosure words, platforms. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from urllib.parse import SplitResult, urlsplit

# Settings, not law: R110 for English; a line longer than a phone's is cut by "more" (R111).
FIRST_LINES = 3
LINE_CHARACTERS = 60
BLOCK_TAGS = 3  # so many hashtags in a row are a block
PRIMARY_TAGS = frozenset({"#ad", "#sponsored"})
PRIMARY_WORDS = PRIMARY_TAGS | {"ad"}  # any of them stands for any other
WEAK_TAGS = ("#sp", "#spon", "#partner", "#collab", "#aff", "#affiliate", "#ambassador", "#gifted")

_TAG = re.compile(r"(?<![\w/&?=])#(\w+)")
_TOKEN = re.compile(r"(?<!\w)[#@]\w(?:[\w.]*\w)?")
_PHRASE = re.compile(r"\bpaid\s+partnership\s+with\s+[@#\w]", re.IGNORECASE)
# "Ad" as a word of its own: "Ad:", "[ad]", "roast | Ad | …"; not "this ad is funny".
_AD_ALONE = re.compile(
    r"(?:^[^\w#@]*|[\[(|:;.!?~*·•–—]\s*|\s[-/]\s*)ad(?=\s*(?:$|[\])|:;.,!~*·•–—])|\s+[-/])",
    re.IGNORECASE,
)
# "AD my morning", "Ad Winter roast"; not "Ad campaigns are fun".
_AD_OPENS = re.compile(r"^[^\w#@]*(?:AD\b|Ad(?=\s+[A-Z@#0-9]))")
_DENIAL = re.compile(r"\b(?:not|no|never|isn['’]?t|without)\s+(?:an?\s+)?[\W_]*$", re.IGNORECASE)
_THANKS = re.compile(r"\b(?i:thanks|thank\s+you)\b[\s,:!]*(?:to\s+)?(?:@\w|[A-Z])")

_WORD = re.compile(r"\S+\s*|^\s+")
DIFF_WORDS = 600

PLATFORM_HOSTS: Mapping[str, tuple[str, ...]] = {
    "instagram": ("instagram.com", "instagr.am"),
    "tiktok": ("tiktok.com",),
    "youtube": ("youtube.com", "youtu.be"),
    "twitch": ("twitch.tv",),
    "x": ("x.com", "twitter.com"),
    "pinterest": ("pinterest.com", "pin.it"),
    "facebook": ("facebook.com", "fb.watch"),
    "threads": ("threads.net", "threads.com"),
}
PLATFORM_WORDS: Mapping[str, str] = {
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "twitch": "Twitch",
    "x": "X",
    "pinterest": "Pinterest",
    "facebook": "Facebook",
    "threads": "Threads",
    "other": "Elsewhere",
}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was found: `line` is 1–3 when valid, else `short` and `advice` say why."""

    is_valid: bool
    words: str = ""
    line: int = 0
    short: str = ""
    advice: str = ""


def folded(text: str) -> str:
    """Compared form: NFKC, without invisible signs, in one case."""
    return _clean(text).strip().casefold()


def one_line(text: str) -> str:
    """Folded, with every run of white space as one space."""
    return " ".join(folded(text).split())


def tokens(caption: str) -> frozenset[str]:
    """Every #tag and @mention of a caption as whole words, folded."""
    return frozenset(found.casefold() for found in _TOKEN.findall(_clean(caption)))


def find_disclosure(caption: str) -> Disclosure:
    """The first valid disclosure of a caption, or why there is none (R110–R112)."""
    text = _clean(caption).strip()
    hidden: Disclosure | None = None
    for first, line in _shown_lines(text):
        for words, start in _candidates(line):
            if _DENIAL.search(line[:start]):
                continue
            number = first + start // LINE_CHARACTERS
            if number > FIRST_LINES:
                hidden = hidden or _too_late(words, number)
            elif words.startswith("#") and _is_buried(
                line, start, opens=number == 1 and start == 0
            ):
                hidden = hidden or _buried(words)
            else:
                return Disclosure(True, words=words, line=number)
    return hidden or _absent(text)


def _clean(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text)
    return "".join(c for c in wide if unicodedata.category(c) != "Cf")


def _shown_lines(text: str) -> list[tuple[int, str]]:
    """(number of the first shown line, typed line): a long typed line takes several shown ones."""
    lines, number = [], 1
    for line in text.splitlines():
        lines.append((number, line.strip()))
        number += max(1, -(-len(line.strip()) // LINE_CHARACTERS))
    return lines


def _candidates(line: str) -> list[tuple[str, int]]:
    """Accepted forms of a typed line with the place where each starts, in order."""
    found = [(f"#{m[1]}", m.start()) for m in _TAG.finditer(line) if _is_primary(m[0])]
    found += [("Paid partnership with", m.start()) for m in _PHRASE.finditer(line)]
    found += [("Ad", m.end() - 2) for m in _AD_ALONE.finditer(line)]
    found += [("Ad", m.start()) for m in _AD_OPENS.finditer(line)]
    return sorted(found, key=lambda candidate: candidate[1])


def _is_primary(tag: str) -> bool:
    return tag.casefold() in PRIMARY_TAGS


def _is_buried(line: str, start: int, *, opens: bool) -> bool:
    """Whether the tag stands in a run of hashtags (R111). One that opens the caption is seen."""
    runs: list[list[int]] = [[]]
    end = 0
    for tag in _TAG.finditer(line):
        if line[end : tag.start()].strip(" \t,.·|"):
            runs.append([])
        runs[-1].append(tag.start())
        end = tag.end()
    return not opens and any(start in run and len(run) >= BLOCK_TAGS for run in runs)


def _too_late(words: str, line: int) -> Disclosure:
    return Disclosure(
        False,
        short=f"{words} only in line {line}",
        advice=f"Move “{words}” into the first three lines: after that people must press “more”.",
    )


def _buried(words: str) -> Disclosure:
    return Disclosure(
        False,
        short=f"{words} among other hashtags",
        advice=f"Take “{words}” out of the row of hashtags and put it at the very start.",
    )


def _absent(text: str) -> Disclosure:
    weak = next((tag for tag in WEAK_TAGS if tag in tokens(text)), None)
    if weak is None and _THANKS.search(text):
        weak = "Thanks"
    if weak:
        return Disclosure(
            False,
            short=f"“{weak}” alone is not enough",
            advice=f"“{weak}” does not say that this is paid. Start the caption with #ad.",
        )
    return Disclosure(False, short="none found", advice="Start the caption with #ad.")


# ---- a caption with its changes and quotes


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a caption: `change` is "", "new" or "gone"; `place` is the number of the
    comment that quotes them, or 0."""

    text: str
    change: str = ""
    place: int = 0


def marked(
    caption: str, before: str | None = None, quotes: Sequence[tuple[int, str]] = ()
) -> list[list[Piece]]:
    """The typed lines of a caption in pieces: what is new or gone since `before`, what is quoted.

    `quotes` are (place of the comment, words). Very long captions are shown without changes.
    """
    places = _quoted(caption, quotes)
    pieces: list[Piece] = []
    at = 0
    for change, text in _changes(before, caption):
        if change in ("gone", "gap"):  # neither stands in the caption of today
            pieces.append(Piece(text, "gone" if change == "gone" else ""))
            continue
        for place, run in groupby(range(at, at + len(text)), key=lambda i: places.get(i, 0)):
            pieces.append(Piece("".join(caption[i] for i in run), change, place))
        at += len(text)
    return _lines_of(pieces)


def _changes(before: str | None, caption: str) -> list[tuple[str, str]]:
    old, new = _WORD.findall(before or ""), _WORD.findall(caption)
    if before is None or max(len(old), len(new)) > DIFF_WORDS:
        return [("", caption)]
    made: list[tuple[str, str]] = []
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        now, then = "".join(new[c:d]), "".join(old[a:b])
        words = now.rstrip()
        made += [("" if step == "equal" else "new", words), ("", now[len(words) :])]
        if step in ("replace", "delete"):
            before_it = " " if words == now else ""
            made += [("gap", before_it), ("gone", " ".join(then.split())), ("gap", " ")]
    return [(change, text) for change, text in made if text]


def _quoted(caption: str, quotes: Sequence[tuple[int, str]]) -> dict[int, int]:
    places: dict[int, int] = {}
    for place, quote in quotes:
        words = r"\s+".join(re.escape(word) for word in quote.split())
        found = re.search(words, caption, re.IGNORECASE) if words else None
        if found:
            places.update(dict.fromkeys(range(*found.span()), place))
    return places


def _lines_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        for number, text in enumerate(piece.text.splitlines() or [""]):
            if number:
                lines.append([])
            if text:
                lines[-1].append(replace(piece, text=text))
        if piece.text.endswith(("\n", "\r")):
            lines.append([])
    return lines


# ---- the address of a post


def address_of(url: str) -> SplitResult | None:
    """A complete http(s) address with a dotted host and no password in it, or None."""
    if any(c.isspace() or ord(c) < 32 for c in url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return None
    is_page = parts.scheme in ("http", "https") and "@" not in parts.netloc
    return parts if is_page and "." in host.strip(".") else None


def platform_of(url: str) -> str:
    """The platform a post's address belongs to; "other" for any other site, "" for no address."""
    parts = address_of(url)
    if parts is None:
        return ""
    host = (parts.hostname or "").lower()
    for platform, hosts in PLATFORM_HOSTS.items():
        if any(host == known or host.endswith(f".{known}") for known in hosts):
            return platform
    return "other"
