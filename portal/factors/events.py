"""What factors announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecondFactorChanged:
    """Something about a person's second factor changed: `change` is a word such as "app-added".

    `name` is the passkey's name, or how many recovery codes are left. `moment` is the
    wall clock in microseconds (`rules.instant_of`).
    """

    user_id: int
    change: str
    name: str
    moment: int
