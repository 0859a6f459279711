"""How a caption and a post's address are read: lines, tags, disclosure words, platforms. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

# Settings, not law: R110 for English; a line longer than a phone's is cut by "more" (R111).
FIRST_LINES = 3
LINE_CHARACTERS = 60
BLOCK_TAGS = 3  # so many hashtags in a row are a block
PRIMARY_TAGS = frozenset({"#ad", "#sponsored"})
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
