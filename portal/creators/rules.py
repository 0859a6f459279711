"""How handles are compared, and what an account's state means for a destination (UX 6.13)."""

import re
import unicodedata
from datetime import datetime, timedelta

from portal.creators.models import DestinationState
from portal.kernel.errors import InvalidInput

COOLING = timedelta(hours=72)
HANDLE_MOST = 30
_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9._]{0,28}[a-z0-9_])?")


def folded_handle(typed: str) -> str:
    """How handles are compared: no @, no case, compatible letters made one (NFKC)."""
    return unicodedata.normalize("NFKC", typed).strip().lstrip("@").casefold()


def check_handle(handle: str) -> None:
    """Raises InvalidInput unless the handle can stand in /@<handle>."""
    if not _HANDLE.fullmatch(folded_handle(handle)):
        raise InvalidInput(
            "handle", "Use letters, numbers, dots and underscores, at most 30 of them."
        )


def handle_from(name: str) -> str:
    """A first handle out of a name: "Diego Fernández" gives "diegofernandez"; may be empty."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in apart if c.isascii() and c.isalnum())[:20]


def state_after_report(
    reported: str, missing: list[str], cooling_until: datetime | None, now: datetime
) -> DestinationState:
    """The destination's state once the provider has reported payable, not_payable or
    disconnected. Raises InvalidInput for another word."""
    if reported == "payable":
        is_cooling = cooling_until is not None and now < cooling_until
        return DestinationState.COOLING if is_cooling else DestinationState.READY
    if reported == "not_payable":
        return DestinationState.ACTION_NEEDED if missing else DestinationState.VERIFYING
    if reported == "disconnected":
        return DestinationState.DISCONNECTED
    raise InvalidInput("state", f"{reported!r} is not a state of an account.")
