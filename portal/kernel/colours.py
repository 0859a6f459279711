"""A brand's colour, made readable: contrast as WCAG 2.2 counts it, in exact decimals."""

import re
from decimal import Decimal

WHITE, PAPER, INK = "#FFFFFF", "#FFFEFB", "#1D1C18"
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_STEPS = 20


def is_colour(text: str) -> bool:
    """Whether this is a colour as we store it: "#8F3A1D"."""
    return bool(_HEX.fullmatch(text))


def contrast(one: str, other: str) -> Decimal:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + Decimal("0.05")) / (dark + Decimal("0.05"))


def readable(colour: str, on: str, least: str = "4.5") -> str:
    """The colour nearest to this one, darker or lighter, with that contrast on a ground.

    On a light ground it is darkened in steps of 5 %; on a dark one it is made as bright as it can
    be without losing its hue, then lightened.
    """
    target = WHITE if _luminance(on) < Decimal("0.2") else "#000000"
    if target == WHITE and contrast(colour, on) < Decimal(least):
        colour = _bright(colour)
    for step in range(_STEPS + 1):
        mixed = mix(colour, target, step, _STEPS)
        if contrast(mixed, on) >= Decimal(least):
            return mixed
    return target


def mix(colour: str, target: str, part: int, whole: int) -> str:
    """`part` of `whole` steps on the way from one colour to another."""
    pairs = zip(_channels(colour), _channels(target), strict=True)
    return "#" + "".join(f"{(a * (whole - part) + b * part) // whole:02X}" for a, b in pairs)


def _bright(colour: str) -> str:
    most = max(_channels(colour)) or 1
    return "#" + "".join(f"{channel * 255 // most:02X}" for channel in _channels(colour))


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> Decimal:
    red, green, blue = (_linear(Decimal(channel) / 255) for channel in _channels(colour))
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


def _linear(share: Decimal) -> Decimal:
    if share <= Decimal("0.04045"):
        return share / Decimal("12.92")
    lifted: Decimal = ((share + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
    return lifted
