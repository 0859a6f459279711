"""Which files may be attached to an adjustment. Pure."""

from collections.abc import Mapping

from portal.kernel.errors import InvalidInput

MOST_BYTES, NAME_CHARACTERS = 1_500_000, 120
BEGINS: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
}
TEXTS = (".csv", ".txt", ".eml")


def checked_file(name: str, body: bytes) -> tuple[str, str]:
    """(name, media type) by what the file is, not by what it says. Raises InvalidInput at "file"
    for one that is empty, too large, or neither PDF, PNG, JPEG nor text."""
    last = " ".join(name.replace("\\", "/").rpartition("/")[2].split())
    kept = "".join(one for one in last if one.isprintable())[-NAME_CHARACTERS:] or "file"
    if not body:
        raise InvalidInput("file", "This file is empty.")
    if len(body) > MOST_BYTES:
        raise InvalidInput("file", "Attach a file of at most 1.5 MB.")
    for media, starts in BEGINS.items():
        if body.startswith(starts):
            return kept, media
    if kept.lower().endswith(TEXTS) and _is_text(body):
        return kept, "text/plain"
    raise InvalidInput("file", "Attach a PDF, a PNG or JPEG picture, or a text or CSV file.")


def _is_text(body: bytes) -> bool:
    try:
        return "\x00" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False
