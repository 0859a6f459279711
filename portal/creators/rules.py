"""How handles are compared, and what an account's state means for a destination (UX 6.13)."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from portal.creators.models import DestinationState, Platform, Rail
from portal.kernel.errors import InvalidInput

COOLING = timedelta(hours=72)
CONFIRMATION = "confirmation"  # what a changed destination lacks until she confirms it by mail
RECONNECTION = "reconnection"  # what a destination lacks that its owner disconnected herself
ZONES = tuple(
    sorted(one for one in available_timezones() if "/" in one and not one.startswith("Etc"))
)
REPORTED = ("payable", "not_payable", "restricted")
ENDED = {
    "rejected": DestinationState.REJECTED,
    "disconnected": DestinationState.DISCONNECTED,
}
HANDLE_MOST = 30
HANDLE_TYPED_MOST = 120
PLATFORM_NAMES: dict[Platform, str] = {
    Platform.INSTAGRAM: "Instagram",
    Platform.TIKTOK: "TikTok",
    Platform.YOUTUBE: "YouTube",
    Platform.TWITCH: "Twitch",
    Platform.X: "X",
    Platform.PINTEREST: "Pinterest",
    Platform.BLOG: "Blog",
    Platform.NEWSLETTER: "Newsletter",
    Platform.PODCAST: "Podcast",
    Platform.OTHER: "Somewhere else",
}
_HOSTS = {
    "instagram.com": Platform.INSTAGRAM,
    "tiktok.com": Platform.TIKTOK,
    "youtube.com": Platform.YOUTUBE,
    "youtu.be": Platform.YOUTUBE,
    "twitch.tv": Platform.TWITCH,
    "x.com": Platform.X,
    "twitter.com": Platform.X,
    "pinterest.com": Platform.PINTEREST,
    "substack.com": Platform.NEWSLETTER,
}
_PROFILES = {
    Platform.INSTAGRAM: "https://www.instagram.com/{}",
    Platform.TIKTOK: "https://www.tiktok.com/@{}",
    Platform.YOUTUBE: "https://www.youtube.com/@{}",
    Platform.TWITCH: "https://www.twitch.tv/{}",
    Platform.X: "https://x.com/{}",
    Platform.PINTEREST: "https://www.pinterest.com/{}",
}
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


def channel_in(where: str, platform: str = "") -> tuple[str, str, str]:
    """(platform, handle, address) of a pasted profile address or a typed handle.

    "instagram.com/aisha" gives ("instagram", "aisha", "https://instagram.com/aisha"). A part that
    cannot be known is ""; a platform that was chosen wins.
    """
    text = where.strip()
    if "/" not in text and not text.startswith("www.") and not _platform_at(text.lower()):
        handle = text.lstrip("@")[:HANDLE_TYPED_MOST]
        pattern = _PROFILES.get(Platform(platform)) if platform else None
        return platform, handle, pattern.format(handle) if pattern and handle else ""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return platform, "", ""
    found = _platform_at(parts.hostname)
    steps = [step for step in parts.path.split("/") if step not in ("", "c", "channel", "user")]
    handle = parts.hostname.removeprefix("www.")
    if found in _PROFILES:
        handle = steps[0].lstrip("@") if steps else ""
    return (
        platform or found,
        handle[:HANDLE_TYPED_MOST],
        f"https://{parts.netloc}{parts.path}"[:400],
    )


def _platform_at(host: str) -> str:
    for end, platform in _HOSTS.items():
        if host == end or host.endswith(f".{end}"):
            return platform.value
    return ""


def was_usable(state: DestinationState) -> bool:
    """Whether money could be sent there, now or after its waiting time."""
    return state in (DestinationState.READY, DestinationState.COOLING)


def has_ended(state: DestinationState) -> bool:
    """Whether nothing the provider reports brings it back: rejected for good, or taken away."""
    return state in ENDED.values()


def may_return(state: DestinationState, missing: Sequence[str]) -> bool:
    """Whether its owner may be paid there again: what has ended stays ended, but for an account
    that she disconnected herself."""
    return not has_ended(state) or RECONNECTION in missing


def state_when_set(
    rail: Rail,
    former: DestinationState | None,
    cooling_until: datetime | None,
    now: datetime,
) -> DestinationState:
    """The state of a destination just chosen; `former` is what the same account had before."""
    is_cooling = cooling_until is not None and now < cooling_until
    if rail is not Rail.STRIPE or (former is not None and was_usable(former)):
        return DestinationState.COOLING if is_cooling else DestinationState.READY
    return former or DestinationState.ONBOARDING


def state_after_report(
    reported: str, missing: list[str], cooling_until: datetime | None, now: datetime
) -> DestinationState:
    """The destination's state once the provider has reported payable, not_payable, restricted,
    rejected or disconnected. One that waits for its confirmation stays so, unless it has ended.
    Raises InvalidInput for another word."""
    if reported in ENDED:
        return ENDED[reported]
    if CONFIRMATION in missing and reported in REPORTED:
        return DestinationState.ACTION_NEEDED
    if reported == "payable":
        is_cooling = cooling_until is not None and now < cooling_until
        return DestinationState.COOLING if is_cooling else DestinationState.READY
    if reported == "not_payable":
        return DestinationState.ACTION_NEEDED if missing else DestinationState.VERIFYING
    if reported == "restricted":
        return DestinationState.RESTRICTED
    raise InvalidInput("state", f"{reported!r} is not a state of an account.")


def known_zone(zone: str) -> str:
    """The zone a browser named, or "" when it named none that we know."""
    return zone if zone in ZONES or zone == "UTC" else ""
