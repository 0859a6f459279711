"""What a program gives beside its rates: rooms above know it, and lend it to its pages."""

from collections.abc import Callable


def _nothing(_program_id: int, _has_joined: bool) -> list[str]:
    return []


# (program row id, whether she has joined it) → what it gives now, each as a sentence to a creator.
sentences_of: Callable[[int, bool], list[str]] = _nothing
