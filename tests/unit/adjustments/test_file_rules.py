"""What may be attached to an adjustment, and under which name it is kept."""

import pytest

from portal.adjustments.file_rules import MOST_BYTES, NAME_CHARACTERS, checked_file
from portal.kernel.errors import InvalidInput

PDF = b"%PDF-1.7 letter"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("letters/letter.pdf", "letter.pdf"),
        ("C:\\letters\\letter.pdf", "letter.pdf"),
        ("let\0ter.pdf", "letter.pdf"),  # PostgreSQL keeps no NUL
        ("letter\u202efdp.exe", "letterfdp.exe"),  # would be read backwards: "letterexe.pdf"
        ("a\r\nX-Odd: 1.pdf", "a X-Odd: 1.pdf"),
        ("Bestätigung 1.pdf", "Bestätigung 1.pdf"),
        ("\0", "file"),
        ("", "file"),
        ("x" * 500 + ".pdf", "x" * (NAME_CHARACTERS - 4) + ".pdf"),
    ],
)
def test_a_name_is_kept_without_its_folder_and_what_cannot_be_read(sent, kept):
    assert checked_file(sent, PDF) == (kept, "application/pdf")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.pdf", b""), ("a.pdf", b"MZ\x90"), ("a.pdf", PDF + b" " * MOST_BYTES),
        ("a.html", b"<script>"), ("a.txt", b"\xff\xfe"), ("a.txt", b"a\0b"), ("a.svg", b"<svg/>"),
    ],
)  # fmt: skip
def test_what_is_no_letter_picture_or_text_is_refused(name, body):
    with pytest.raises(InvalidInput):
        checked_file(name, body)


def test_a_text_is_served_as_text_whatever_stands_in_it():
    assert checked_file("a.html.txt", b"<script>") == ("a.html.txt", "text/plain")
