"""Where the real invoices are looked for."""

import pytest

from portal.bench import invoices
from portal.kernel.errors import InvalidInput


def test_a_file_or_the_folder_it_lies_in_and_a_sentence_for_anything_else(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_REAL_ORDERS", str(tmp_path))
    with pytest.raises(InvalidInput, match="PORTAL_REAL_ORDERS names no file"):
        invoices.path()
    file = tmp_path / invoices.BESIDE.name
    file.touch()
    assert invoices.path() == file
    monkeypatch.setenv("PORTAL_REAL_ORDERS", str(file))
    assert invoices.path() == file
