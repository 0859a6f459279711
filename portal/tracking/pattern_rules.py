"""How codes and UTM values are made from patterns: {first}{discount}{random:4}."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from portal.kernel import codes
from portal.kernel.errors import InvalidInput
from portal.tracking import rules

FIELD = re.compile(r"\{([a-z]+)(?::(\d{1,2}))?\}")
NAME_FIELDS = ("first", "last", "name", "handle")
CODE_FIELDS = (*NAME_FIELDS, "discount", "program", "year", "random")
UTM_FIELDS = ("handle", "first", "program", "brand", "channel", "label")
UTM_PARAMETERS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
UTM_CHARACTERS = 80
USUAL_PATTERN = "{first}{discount}"
USUAL_UTM = {"utm_source": "{handle}", "utm_medium": "ambassador", "utm_campaign": "{program}",
             "utm_content": "{channel}"}  # fmt: skip
LEAST_RANDOM = 6  # of a pool: R42 says what fewer symbols cost
TAIL_TRIES = 6


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What a pattern may say of one person and program."""

    name: str = ""
    handle: str = ""
    program: str = ""
    discount_bp: int = 0
    year: int = 0


def checked_pattern(pattern: str, *, for_pool: bool = False) -> str:
    """A code pattern as it is stored. Raises InvalidInput saying what is wrong with it.

    For a pool, whose codes belong to nobody yet, it names no person and ends in chance.
    """
    bare = "".join(pattern.split())
    for name, _ in FIELD.findall(bare):
        if name not in CODE_FIELDS:
            raise InvalidInput("pattern", f"There is no field {{{name}}}.")
    rest = FIELD.sub("", bare)
    if not bare or (rest and not codes.is_well_formed(f"AAA{rest.upper()}"[: codes.CODE_MAX])):
        raise InvalidInput("pattern", "Beside fields, a pattern has letters A–Z and digits only.")
    if len(rest) + _chance(bare) > codes.CODE_MAX - 2:
        raise InvalidInput("pattern", f"A code has at most {codes.CODE_MAX} characters.")
    if for_pool and any(name in NAME_FIELDS for name, _ in FIELD.findall(bare)):
        raise InvalidInput(
            "pattern", "A pool’s codes are nobody’s yet: use no names, as in FAIR{random:8}."
        )
    if for_pool and _chance(bare) < LEAST_RANDOM:
        raise InvalidInput("pattern", f"A pool needs {{random:{LEAST_RANDOM}}} or more.")
    if rest and rules.is_blocked(rest.upper()):
        raise InvalidInput("pattern", f"{rest.upper()} cannot be part of a code.")
    return FIELD.sub(lambda one: one.group(0), _upper_rest(bare))


def _upper_rest(bare: str) -> str:
    parts, at = [], 0
    for one in FIELD.finditer(bare):
        parts += [bare[at : one.start()].upper(), one.group(0)]
        at = one.end()
    return "".join([*parts, bare[at:].upper()])


def _chance(pattern: str) -> int:
    """How many random symbols a pattern holds."""
    return sum(_count(one) for name, one in FIELD.findall(pattern) if name == "random")


def _count(told: str) -> int:
    return int(told) if told else rules.RANDOM_SYMBOLS


def code_from(pattern: str, facts: CodeFacts, tail: str = "") -> str:
    """A pattern filled in, folded to A–Z and digits: "{first}{discount}" → DIEGO15 (R40).

    What does not fit into 20 characters is cut from the names; `tail` always fits.
    """
    parts = [(name, _value(name, count, facts)) for name, count in _tokens(pattern)]
    fixed = len(tail) + sum(len(text) for name, text in parts if name not in NAME_FIELDS)
    left = max(codes.CODE_MAX - fixed, 0)
    made = []
    for name, text in parts:
        made.append(text[:left] if name in NAME_FIELDS else text)
        left -= len(made[-1]) if name in NAME_FIELDS else 0
    return ("".join(made) + tail)[: codes.CODE_MAX]


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    at = 0
    for one in FIELD.finditer(pattern):
        if one.start() > at:
            yield "", pattern[at : one.start()]
        yield one.group(1), one.group(2) or ""
        at = one.end()
    if at < len(pattern):
        yield "", pattern[at:]


def _value(name: str, count: str, facts: CodeFacts) -> str:
    words = latin_words(facts.name) or latin_words(facts.handle)
    if name == "random":
        return codes.random_symbols(_count(count))
    values = {
        "": count, "first": "".join(words[:1]), "last": "".join(words[1:][-1:]),
        "name": "".join(words), "handle": "".join(latin_words(facts.handle)),
        "program": "".join(latin_words(facts.program)), "year": str(facts.year),
        "discount": percent_of(facts.discount_bp),
    }  # fmt: skip
    text = values[name]
    return text[: int(count)] if name and count else text


def latin_words(name: str) -> list[str]:
    """A name as words of A–Z and digits: "Diego Fernández" → DIEGO, FERNANDEZ."""
    found = (codes.ascii_letters(one) for one in name.translate(rules.TRANSLITERATION).split())
    return [one for one in found if one]


def percent_of(discount_bp: int) -> str:
    """A discount as the digits of a code; nothing for none, and for a broken percentage."""
    return str(discount_bp // 100) if discount_bp and discount_bp % 100 == 0 else ""


def ideas_from(pattern: str, facts: CodeFacts, blocked: Iterable[str] = ()) -> Iterator[str]:
    """Codes to try for one person by a pattern, best first; the later ones end in chance."""
    words = tuple(blocked)
    last = "".join(latin_words(facts.name)[1:][-1:])[:1]
    tails = ["", *([last] if "{last" not in pattern and "{name" not in pattern else [])]
    tails += [codes.random_symbols(count) for count in (2, 3, 4, 6)]
    seen: set[str] = set()
    for tail in [*tails, *(codes.random_symbols(rules.RANDOM_SYMBOLS) for _ in range(TAIL_TRIES))]:
        idea = code_from(pattern, facts, tail)
        if idea not in seen and is_usable(idea, words):
            seen.add(idea)
            yield idea
    while True:
        idea = codes.random_symbols(rules.RANDOM_SYMBOLS)
        if is_usable(idea, words):
            yield idea


def is_usable(code: str, blocked: Iterable[str] = ()) -> bool:
    """Whether a generated code is well-formed and holds no word that is blocked."""
    if not codes.is_well_formed(code) or rules.is_blocked(code):
        return False
    return blocking_word(code, blocked) == ""


def blocking_word(code: str, blocked: Iterable[str]) -> str:
    """The brand's own blocked word that a code holds, read as a tired eye does; "" for none."""
    read = rules.lookalike(code)
    return next((word for word in blocked if rules.lookalike(word) in read), "")


def checked_utm(template: Mapping[str, str]) -> dict[str, str]:
    """A UTM template as it is stored, empty values left out. Raises InvalidInput."""
    kept: dict[str, str] = {}
    for name in UTM_PARAMETERS:
        text = template.get(name, "").strip()
        if len(text) > UTM_CHARACTERS or not text.isprintable():
            raise InvalidInput(name, f"At most {UTM_CHARACTERS} characters, all of them visible.")
        unknown = [one for one, _ in FIELD.findall(text) if one not in UTM_FIELDS]
        if unknown or "{" in FIELD.sub("", text) or "}" in FIELD.sub("", text):
            known = ", ".join(f"{{{one}}}" for one in UTM_FIELDS)
            raise InvalidInput(name, f"The fields are {known}.")
        if text:
            kept[name] = text
    return kept


def utm_from(template: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """A UTM template filled in; a parameter whose value comes out empty is left out."""
    filled = {
        name: FIELD.sub(lambda one: values.get(one.group(1), ""), text).strip()
        for name, text in template.items()
    }
    return {name: text for name, text in filled.items() if text}
