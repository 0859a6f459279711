"""Real payloads of real shops: kind, currency, codes and every cent.

They belong to others and stay outside the repository: PORTAL_REAL_PAYLOADS names the folder, by
default the one beside the checkout. Without it this test is skipped, visibly.
"""

import json
import os
from pathlib import Path

import pytest

from portal.integrations.preview import preview
from portal.kernel import currencies

BESIDE = Path(__file__).parents[4] / "shared" / "data" / "payloads"
FOLDER = Path(os.environ.get("PORTAL_REAL_PAYLOADS") or BESIDE)
EXPECTED = FOLDER / "expected.json"
SOURCES = ("shopify", "woocommerce", "stripe")
WITHOUT = [
    pytest.param(
        None, id="no-payloads", marks=pytest.mark.skip(reason=f"no real payloads in {FOLDER.name}/")
    )
]


def cases():
    if not EXPECTED.is_file():
        return WITHOUT
    known = json.loads(EXPECTED.read_text())
    ours = [case for case in known if case["file"].partition("/")[0] in SOURCES]
    return [pytest.param(case, id=case["file"]) for case in ours]


def minor(text, currency):
    return None if text is None else currencies.to_minor(text, currency)


@pytest.mark.parametrize("guessed", [False, True], ids=["topic", "shape"])
@pytest.mark.parametrize("case", cases())
def test_payload_agrees_to_the_cent(case, guessed):
    source, body = case["file"].partition("/")[0], (FOLDER / case["file"]).read_bytes()
    found = preview(source, None if guessed else case["topic"], body)
    currency = case["currency"]
    assert found["kind"] == case["kind"]
    assert found["currency"] == currency
    assert found["codes"] == case["codes"]
    assert found["commissionable_minor"] == minor(case["commissionable"], currency)
    assert found["clawback_minor"] == minor(case["clawback"], currency)


@pytest.mark.skipif(not EXPECTED.is_file(), reason="no real payloads beside the checkout")
def test_all_of_them_are_there():
    assert len(cases()) >= 49
