"""What rooms above know of a program, and lend to its pages: gifts, and when its brand pays."""

from collections.abc import Callable


def _nothing(_program_id: int, _has_joined: bool) -> list[str]:
    return []


def _monthly(_brand_id: int) -> str:
    return "every month"


# (program row id, whether she has joined it) → what it gives now, each as a sentence to a creator.
sentences_of: Callable[[int, bool], list[str]] = _nothing

# brand row id → when it pays, as a sentence's part: "on the 5th of each month".
paid_of: Callable[[int], str] = _monthly
