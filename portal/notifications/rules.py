"""How a letter's plain text becomes its parts: paragraphs, at most one button, the footer."""

import re
from dataclasses import dataclass

BUTTON = re.compile(r"^\[(?P<label>[^\]]+)\]\((?P<url>\S+)\)$")
SUBJECT_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in parts. `text` is what a plain mail reader shows."""

    subject: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None
    why: str

    @property
    def text(self) -> str:
        button = f"\n\n{self.button[0]}:\n{self.button[1]}" if self.button else ""
        return "\n\n".join(self.paragraphs) + button + f"\n\n-- \n{self.why}\n"


def letter_of(subject: str, body: str, why: str) -> Letter:
    """Take a rendered body apart. A line "[Label](url)" alone is the button; one is allowed."""
    paragraphs, button = [], None
    for block in re.split(r"\n\s*\n", body.strip()):
        found = BUTTON.match(block.strip())
        if found:
            assert button is None, "one button per mail (UX §5)"
            button = found["label"], found["url"]
        else:
            paragraphs.append(" ".join(block.split()))
    clean = " ".join(subject.split())[:SUBJECT_CHARACTERS]
    return Letter(clean, tuple(paragraphs), button, why)
