"""The Stripe simulator, reached as the portal reaches it: by the unmodified SDK."""

import http.server
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from portal.demo.stripe_simulator import running

REPOSITORY = Path(__file__).resolve().parents[3]
RETURN, REFRESH = "http://localhost:8000/creator/back", "http://localhost:8000/creator/again"
TRANSFERS = {"transfers": {"requested": True}}


@pytest.fixture
def base_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("PORTAL_STRIPE_SECRET_KEY", "STRIPE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with running() as url:
        yield url


@pytest.fixture
def sdk(base_url: str) -> stripe.StripeClient:
    return client_of(base_url)


def client_of(base_url: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_tests", base_addresses={"api": base_url}, max_network_retries=0
    )


def send(method: str, url: str, body: str = "", kind: str = "application/json") -> HTTPResponse:
    """One request by hand; the reply is already read (`.text`)."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    address = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, address, body, {"Content-Type": kind})
    reply = connection.getresponse()
    reply.text = reply.read().decode()
    connection.close()
    return reply


def press(url: str, choice: str, return_url: str = RETURN) -> HTTPResponse:
    form = urlencode({"return_url": return_url, "choice": choice})
    return send("POST", url.partition("?")[0], form, "application/x-www-form-urlencoded")


def onboarded(sdk: stripe.StripeClient, base_url: str, **metadata: str) -> str:
    account = sdk.v1.accounts.create(
        {"type": "express", "capabilities": TRANSFERS, "metadata": metadata}
    )
    send("POST", f"{base_url}/_simulator/onboard", f'{{"account": "{account.id}"}}')
    return account.id


def onboarding_link(sdk: stripe.StripeClient, account: str) -> str:
    params = {
        "account": account,
        "type": "account_onboarding",
        "refresh_url": REFRESH,
        "return_url": RETURN,
    }
    return sdk.v1.account_links.create(params).url


def pay(sdk: stripe.StripeClient, account: str, key: str, amount: int = 1250) -> stripe.Transfer:
    params = {"amount": amount, "currency": "eur", "destination": account, "transfer_group": "run"}
    return sdk.v1.transfers.create(params, {"idempotency_key": key})


def held(sdk: stripe.StripeClient) -> int:
    return sum(x.amount for x in sdk.v1.balance.retrieve().available if x.currency == "eur")


def test_a_creator_is_set_up_and_paid_once_per_key(sdk, base_url):
    account = onboarded(sdk, base_url)
    assert sdk.v1.accounts.retrieve(account).payouts_enabled is True
    first, again = pay(sdk, account, "k1"), pay(sdk, account, "k1")
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert held(sdk) == 1_000_000 - 1250
    with pytest.raises(stripe.IdempotencyError):
        pay(sdk, account, "k1", amount=1)


def test_a_lost_answer_is_brought_back_by_the_same_key(sdk, base_url):
    account = onboarded(sdk, base_url)
    fault = '[{"path": "/v1/transfers", "method": "POST", "when": "after", "action": "drop"}]'
    send("POST", f"{base_url}/_simulator/faults", fault)
    with pytest.raises(stripe.APIConnectionError):
        pay(sdk, account, "k2")
    settled = pay(sdk, account, "k2")
    assert [t.id for t in sdk.v1.transfers.list({"transfer_group": "run"}).data] == [settled.id]
    assert held(sdk) == 1_000_000 - 1250


def test_beyond_a_limit_calls_are_refused_before_anything_happens(sdk, base_url):
    account = onboarded(sdk, base_url)
    send("POST", f"{base_url}/_simulator/limit", '{"calls_a_second": 1}')
    pay(sdk, account, "k5")
    with pytest.raises(stripe.RateLimitError):
        pay(sdk, account, "k6")
    told = send("POST", f"{base_url}/_simulator/limit", '{"calls_a_second": 0}')
    assert '"refused": 1' in told.text
    assert held(sdk) == 1_000_000 - 1250
    assert pay(sdk, account, "k6").amount == 1250


def test_a_transfer_needs_a_finished_set_up_and_the_refusal_is_kept(sdk, base_url):
    account = sdk.v1.accounts.create({"type": "express", "capabilities": TRANSFERS}).id
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as no:
            pay(sdk, account, "early")
        assert no.value.code == "insufficient_capabilities_for_transfer"
        send("POST", f"{base_url}/_simulator/onboard", f'{{"account": "{account}"}}')
    assert pay(sdk, account, "early, attempt 2").amount == 1250


def test_an_account_can_be_told_to_refuse_every_transfer(sdk, base_url):
    account = onboarded(sdk, base_url, simulate="transfer_refused")
    with pytest.raises(stripe.InvalidRequestError) as no:
        pay(sdk, account, "k3")
    assert (no.value.http_status, no.value.code) == (400, "transfers_not_allowed")
    assert held(sdk) == 1_000_000
    sdk.v1.accounts.update(account, {"metadata": {"simulate": ""}})
    assert pay(sdk, account, "k4").destination == account


def test_a_reversal_gives_the_money_back(sdk, base_url):
    transfer = pay(sdk, onboarded(sdk, base_url), "k5")
    sdk.v1.transfers.reversals.create(transfer.id, {"amount": 250})
    sdk.v1.transfers.reversals.create(transfer.id)
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.transfers.reversals.create(transfer.id)
    assert sdk.v1.transfers.retrieve(transfer.id).reversed is True
    assert [r.amount for r in sdk.v1.transfers.reversals.list(transfer.id).data] == [1000, 250]
    assert held(sdk) == 1_000_000


def test_the_set_up_page_finishes_once_and_goes_back_where_the_link_said(sdk, base_url):
    account = sdk.v1.accounts.create({"type": "express", "email": "ada@example.com"}).id
    url = onboarding_link(sdk, account)
    page = send("GET", url)
    assert page.status == 200
    assert "Stripe simulator, no real bank" in page.text
    assert re.findall(r"<button[^>]*>([^<]+)", page.text) == [
        "Finish set-up (simulated)",
        "Leave it unfinished",
    ]
    left = press(url, "leave")
    assert (left.status, left.headers["Location"]) == (303, RETURN)
    assert sdk.v1.accounts.retrieve(account).payouts_enabled is False
    for _ in range(2):
        done = press(url, "finish")
        assert (done.status, done.headers["Location"]) == (303, RETURN)
    assert sdk.v1.accounts.retrieve(account).payouts_enabled is True
    assert len(sdk.v1.events.list({"type": "account.updated"}).data) == 1
    assert "already be paid" in send("GET", url).text


def test_the_set_up_page_goes_nowhere_that_the_portal_did_not_name(sdk):
    account = sdk.v1.accounts.create({"type": "express"}).id
    url = onboarding_link(sdk, account)
    assert press(url, "finish", "https://elsewhere.example/").status == 404
    assert send("GET", url.replace(account, "acct_nobody")).status == 404
    assert sdk.v1.accounts.retrieve(account).payouts_enabled is False


@pytest.fixture
def inbox() -> Iterator[queue.Queue]:
    """The webhooks that arrive at `inbox.url`."""
    arrived: queue.Queue = queue.Queue()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    arrived.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield arrived
    server.shutdown()
    thread.join()
    server.server_close()


def test_webhooks_arrive_signed_and_can_be_fetched_again(sdk, base_url, inbox):
    endpoint = sdk.v1.webhook_endpoints.create({"url": inbox.url, "enabled_events": ["*"]})
    account = onboarded(sdk, base_url)
    body, signature = inbox.get(timeout=5)
    event = stripe.Webhook.construct_event(body, signature, endpoint.secret)
    assert (event.type, event.account) == ("account.updated", account)
    assert event.data.previous_attributes["payouts_enabled"] is False
    assert sdk.v1.events.retrieve(event.id).data.object.id == account
    sdk.v1.webhook_endpoints.delete(endpoint.id)
    pay(sdk, account, "k6")
    assert inbox.empty()


def test_a_webhook_goes_only_to_this_machine(sdk):
    for url in ("https://hooks.example.com/in", "http://10.0.0.7/in", "file:///etc/hosts"):
        with pytest.raises(stripe.InvalidRequestError) as no:
            sdk.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
        assert no.value.param == "url"


def test_a_promotion_code_belongs_to_one_creator_at_a_time(sdk):
    coupon = sdk.v1.coupons.create({"percent_off": 12.5, "duration": "forever"})
    params = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "ADA15"}
    made = sdk.v1.promotion_codes.create(params)
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.promotion_codes.create({**params, "code": "ada15"})
    assert [p.id for p in sdk.v1.promotion_codes.list({"code": "ada15"}).data] == [made.id]


def test_a_restart_finds_everything_that_was_answered(tmp_path):
    file = tmp_path / "stripe" / "state.jsonl"
    with running(state_file=file) as url:
        sdk = client_of(url)
        account = onboarded(sdk, url)
        paid = pay(sdk, account, "before")
    with file.open("ab") as torn:
        torn.write(b'[["balance","eur"')
    with running(state_file=file) as url:
        sdk = client_of(url)
        assert pay(sdk, account, "before").id == paid.id
        assert sdk.v1.accounts.retrieve(account).payouts_enabled is True
        assert held(sdk) == 1_000_000 - 1250
        send("POST", f"{url}/_simulator/reset")
    with running(state_file=file) as url:
        assert held(client_of(url)) == 1_000_000


def test_an_unreadable_state_file_is_said_aloud_and_left_alone(tmp_path):
    file = tmp_path / "state.jsonl"
    file.write_text('not ours\n[["balance","eur",1]]\n')
    with pytest.raises(SystemExit, match="cannot read line 1"), running(state_file=file):
        pass
    assert file.read_text().startswith("not ours")


def test_a_second_simulator_leaves_the_first_one_alone(tmp_path):
    file = tmp_path / "state.jsonl"
    with running(state_file=file) as url:
        account = onboarded(client_of(url), url)
        with pytest.raises(SystemExit, match="cannot listen"):
            running(urlsplit(url).port or 0, state_file=file).__enter__()
        with pytest.raises(SystemExit, match="Another Stripe simulator"):
            running(state_file=file).__enter__()
        paid = pay(client_of(url), account, "k7")
    with running(state_file=file) as url:
        assert client_of(url).v1.transfers.retrieve(paid.id).amount == 1250


@pytest.mark.parametrize("name", ["PORTAL_STRIPE_SECRET_KEY", "STRIPE_API_KEY"])
def test_it_refuses_to_start_beside_a_live_key(monkeypatch, name):
    monkeypatch.setenv(name, "sk_live_abc")
    with pytest.raises(SystemExit, match=f"{name} holds a live Stripe key") as no, running():
        pass
    assert "abc" not in str(no.value)


def test_it_listens_on_loopback_only_and_takes_no_live_calls(base_url):
    with pytest.raises(SystemExit, match="loopback only"), running(host="0.0.0.0"):
        pass
    live = stripe.StripeClient("sk_live_abc", base_addresses={"api": base_url})
    with pytest.raises(stripe.AuthenticationError, match="takes no live keys"):
        live.v1.balance.retrieve()


@pytest.mark.parametrize(
    ("control", "body"),
    [
        ("faults", "{}"),
        ("faults", '[{"path": "/v1/", "action": "explode"}]'),
        ("faults", '[{"headers": 7}]'),
        ("hooks", '{"drop": 2}'),
        ("hooks", "[]"),
        ("balance", '{"amount": -1, "currency": "eur"}'),
        ("balance", '{"amount": 1.5, "currency": "eur"}'),
        ("limit", "{}"),
        ("limit", '{"calls_a_second": -1}'),
        ("onboard", "{}"),
        ("onboard", "not json"),
    ],
)
def test_wrong_control_gets_a_sentence_and_changes_nothing(sdk, base_url, control, body):
    reply = send("POST", f"{base_url}/_simulator/{control}", body)
    assert reply.status == 400
    assert '"message": ' in reply.text
    assert held(sdk) == 1_000_000


def test_the_honesty_check_passes_whole(base_url):
    given = os.environ.get("PORTAL_STRIPE_CHECK")
    check = Path(given) if given else REPOSITORY.parent / "shared" / "checks" / "stripe_honest.py"
    if not check.exists():
        pytest.skip("No stripe_honest.py: name it in PORTAL_STRIPE_CHECK to run it.")
    command = [sys.executable, str(check), "--base", base_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    failed = [line for line in done.stdout.splitlines() if not line.startswith("OK ")]
    assert done.returncode == 0, "\n".join([*failed, done.stderr])
