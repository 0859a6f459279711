"""Real payloads of real shops: kind, currency, codes and every cent.

They belong to others and stay outside the repository: PORTAL_REAL_PAYLOADS names the folder, by
default the one beside the checkout. Without it this test is skipped, visibly.
"""

import json
import os
import random
from pathlib import Path

import pytest

from portal.integrations import commands as inbox
from portal.integrations import doors
from portal.integrations.preview import preview
from portal.kernel import currencies
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.unit_of_work import unit_of_work
from tests.support import schema
from tests.support.reports import picture

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


@pytest.mark.skipif(not EXPECTED.is_file(), reason="no real payloads beside the checkout")
@pytest.mark.parametrize("source", SOURCES)
def test_p8_in_any_order_and_twice_they_end_in_the_same_books(world, source):
    """Refunds before their orders, two messages about one order, objects without a moment."""
    files = sorted((FOLDER / source).glob("*.json"))
    chance, pictures = random.Random(20260302), []
    for _ in range(4):
        brand = world.brand("Shuffle")
        with unit_of_work():
            connection = sales.connect(brand.id, Source(source))
        door = doors.Door(Source(source), connection.public_id, (), connection.id, brand.id)
        arrivals = [*files, *chance.sample(files, len(files) // 2)]
        chance.shuffle(arrivals)
        for number, file in enumerate(arrivals):
            body = file.read_bytes()
            label = doors.Label(str(number), "", {}, f"{number:064d}")
            with unit_of_work():
                event_id = inbox.accept_inbound(door, label, body)
                inbox.process_inbound(event_id)
        pictures.append(picture())
        schema.empty()
    for one in pictures[1:]:
        for table, rows in one.items():
            assert rows == pictures[0][table]
    assert pictures[0]["orders"]
