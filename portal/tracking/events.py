"""What this room announces: the shops that mirror a code follow these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeActivated:
    """A code works from now on: new, resumed, or at the start of its validity."""

    code_id: int


@dataclass(frozen=True, slots=True)
class CodeChanged:
    """A code was paused, replaced, or given other dates or another limit: read it as it is now."""

    code_id: int


@dataclass(frozen=True, slots=True)
class CodeRetired:
    """A code works no more: retired, expired, or used up."""

    code_id: int


@dataclass(frozen=True, slots=True)
class ClicksCameLate:
    """Clicks of these ids and between reached the database so late that their orders may stand
    decided without them."""

    first_click_id: int
    last_click_id: int
