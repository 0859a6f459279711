"""How messages are signed, when they are tried again, and where they may go."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.webhooks import rules

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_signatures_are_those_of_the_scheme():
    secret = rules.new_secret()
    headers = rules.headers([secret], "msg_1", int(clock.wall().timestamp()), '{"a":"é"}')
    assert Webhook(secret).verify('{"a":"é"}', headers) == {"a": "é"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify('{"a":"e"}', headers)


def test_the_signature_of_a_known_message():
    # Reckoned with openssl: printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -mac HMAC
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    assert (
        rules.signature(secret, "msg_1", 1700000000, "{}")
        == "v1,2c4VI0bO4Wd5svqP2unEA9pCk0dTAXr/elrHCJ+/efk="
    )


def test_retries_take_four_days_and_then_end():
    at, waits = NOON, []
    for failures in range(1, 12):
        again = rules.next_try(at, failures, seed=0)
        if again is None:
            break
        waits.append(again - at)
        at = again
    assert waits[:3] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    assert len(waits) == 9
    assert timedelta(days=3) < at - NOON < rules.GIVE_UP_AFTER


def test_many_that_fail_together_do_not_come_back_together():
    times = {rules.next_try(NOON, 2, seed) for seed in range(100)}
    assert len(times) == 100
    assert max(times) - NOON < timedelta(minutes=5, seconds=30)


def test_two_failures_do_not_make_an_endpoint_rest():
    assert [rules.rest_until(NOON, failures) for failures in (1, 2)] == [None, None]
    assert rules.rest_until(NOON, 3) == NOON + timedelta(minutes=1)
    assert rules.rest_until(NOON, 99) == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "counts"), [(200, True), (204, True), (299, True), (301, False), (410, False),
                           (500, False), (None, False)],
)  # fmt: skip
def test_only_2xx_counts_as_received(status, counts):
    assert rules.succeeded(status) is counts


def test_no_types_means_all_and_all_means_no_types():
    assert rules.wanted([], "order.recorded")
    assert not rules.wanted(["payout.paid"], "order.recorded")
    assert rules.checked_types(rules.TYPES) == []
    assert rules.checked_types(["payout.paid", "order.recorded"]) == [
        "order.recorded", "payout.paid",
    ]  # fmt: skip
    with pytest.raises(InvalidInput):
        rules.checked_types(["order.eaten"])


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hooks", "ftp://shop.example", "https://", "https://127.0.0.1/x",
        "https://localhost/x", "https://[::1]/x", "https://169.254.169.254/latest", "shop.example",
        "https://10.0.0.8/x", "https://me@shop.example/", "https://intranet/x",
        "javascript:alert(1)", "https://shop.example/" + "x" * 500, "https://2130706433/",
        "https://0x7f.1/", "//shop.example", "https://shop.example:port/", "",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_called_is_refused(url):
    with pytest.raises(InvalidInput) as refused:
        rules.checked_url(url, allows_loopback=False)
    assert refused.value.message.endswith(".")


def test_a_public_address_is_taken_as_it_is():
    url = "https://shop.example:8443/hooks?from=vouch"
    assert rules.checked_url(f" {url} ", allows_loopback=False) == url


def test_a_rehearsal_may_call_this_machine():
    assert rules.checked_url("http://127.0.0.1:9000/x", allows_loopback=True)
