"""What rooms above know of a program, and lend to its pages: gifts, when its brand pays, and what
its tiers are called."""

from collections.abc import Callable, Mapping


def _nothing(_program_id: int, _has_joined: bool) -> list[str]:
    return []


def _monthly(_brand_id: int) -> str:
    return "every month"


def _no_names(_program_id: int) -> Mapping[str, str]:
    return {}


# (program row id, whether she has joined it) → what it gives now, each as a sentence to a creator.
sentences_of: Callable[[int, bool], list[str]] = _nothing

# brand row id → when it pays, as a sentence's part: "on the 5th of each month".
paid_of: Callable[[int], str] = _monthly

# Program row id → what a tier was called before, in lower case → what it is called now.
tier_names_of: Callable[[int], Mapping[str, str]] = _no_names
