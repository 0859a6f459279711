"""Banks at the Stripe simulator: payouts to them look as Stripe's own, and can be refused."""

import json
from pathlib import Path

import pytest

from portal.demo.stripe_simulator import running
from portal.integrations.stripe.accounts import state_of
from portal.kernel.money import Money
from tests.support.stripe import Simulator, transfer

SCHEMA = Path(__file__).parents[4] / "shared" / "data" / "stripe" / "spec3.portal-subset.json"


@pytest.fixture
def simulator():
    with running() as url:
        yield Simulator(url)


def events_of(simulator, kind):
    found = simulator.rail()._client.v1.events.list({"type": kind})
    return [one.to_dict() for one in found.data]


@pytest.mark.skipif(not SCHEMA.is_file(), reason="no Stripe schema beside the checkout")
def test_a_refused_payout_has_the_fields_of_stripes_schema(simulator):
    account = simulator.account()
    simulator.control("bank-payout", {"account": account, "amount": 900, "fails": "no_account"})
    (event,) = events_of(simulator, "payout.failed")
    schema = json.loads(SCHEMA.read_text())["components"]["schemas"]["payout"]
    body = event["data"]["object"]
    assert set(body) == set(schema["properties"])
    assert event["account"] == account
    assert (body["status"], body["failure_code"]) == ("failed", "no_account")


def test_a_payout_carries_what_lies_there_and_may_fail_later(simulator):
    account = simulator.account()
    sent = transfer(account, Money.of("25.00 USD"))
    simulator.rail().send(sent, idempotency_key=sent.key)
    simulator.control("bank-payout", {"account": account})
    (made,) = simulator.state()["payouts"]
    assert (made["amount"], made["status"]) == (2500, "paid")
    simulator.control("bank-failure", {"payout": made["id"], "code": "account_closed"})
    assert simulator.state()["payouts"][0]["status"] == "failed"
    body = simulator.state()["accounts"][account]
    assert state_of(body).missing == ("external_account.errored",)
