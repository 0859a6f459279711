"""Stripe messages of our own making: each holds one trap."""

import contextlib
import json

import pytest

from portal.integrations.stripe.accounts import state_of
from portal.integrations.stripe.reading import read
from portal.kernel.errors import InvalidInput
from portal.sales.rules import DisputeState, RefundFamily, ReportKind

SENT = 1_772_380_800  # 2026-03-01T16:00:00Z


def event(topic, body, **more):
    return {"id": "evt_1", "object": "event", "type": topic, "created": SENT,
            "data": {"object": body}, **more}  # fmt: skip


def understood(topic, body, **more):
    return read(json.dumps(event(topic, body, **more)).encode(), None)


def session(**more):
    return {
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete",
        "payment_status": "paid", "currency": "usd", "amount_subtotal": 10000, "amount_total": 9350,
        "payment_intent": "pi_1", "customer": "cus_1", "customer_details": {"email": "sam@example.com"},
        "total_details": {"amount_discount": 2000, "amount_shipping": 500, "amount_tax": 850},
        **more,
    }  # fmt: skip


DONE = "checkout.session.completed"


def test_a_checkout_is_its_total_without_tax_and_shipping():
    found = understood(DONE, session())
    assert (found.kind, str(found.commissionable)) == (ReportKind.SALE, "80.00 USD")
    assert found.external_id == "cs_1"
    assert found.order.references == ("cs_1", "pi_1")


def test_r3_tax_inside_the_price_is_taken_out_too():
    totals = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 2000}
    found = understood(
        DONE, session(amount_subtotal=12000, amount_total=12000, total_details=totals)
    )
    assert str(found.commissionable) == "100.00 USD"


def test_tax_on_shipping_is_not_taken_out_twice():
    totals = {"amount_discount": 0, "amount_shipping": 600, "amount_tax": 2100}
    cost = {"amount_subtotal": 600, "amount_tax": 100, "amount_total": 600}
    inclusive = session(amount_total=12600, total_details=totals, shipping_cost=cost)
    assert str(understood(DONE, inclusive).commissionable) == "100.00 USD"


@pytest.mark.parametrize(("currency", "minor", "base"), [
    ("jpy", 5000, "5000 JPY"), ("kwd", 5000, "5.000 KWD"), ("isk", 500000, "5000 ISK"),
    ("ugx", 500000, "5000 UGX"), ("mga", 5000, "5000.00 MGA"), ("eur", "5000", "50.00 EUR"),
])  # fmt: skip
def test_r1_stripes_own_exponents(currency, minor, base):
    found = understood(DONE, session(currency=currency, amount_total=minor, total_details=None))
    assert str(found.commissionable) == base


def test_the_shops_currency_where_stripe_converted_for_the_customer():
    conversion = {
        "source_currency": "usd",
        "amount_total": 10800,
        "amount_subtotal": 10800,
        "fx_rate": "0.92",
    }
    totals = {"amount_tax": 936, "amount_shipping": 0}
    found = understood(
        DONE,
        session(
            currency="eur", amount_total=9936, total_details=totals, currency_conversion=conversion
        ),
    )
    assert str(found.commissionable) == "97.83 USD"


@pytest.mark.parametrize(("more", "topic", "kind"), [
    ({"payment_status": "unpaid"}, DONE, ReportKind.SALE_UNPAID),
    ({"payment_status": None}, DONE, ReportKind.SALE),
    ({"payment_status": "no_payment_required", "amount_total": 0, "total_details": {}}, DONE, ReportKind.SALE),
    ({}, "checkout.session.async_payment_succeeded", ReportKind.SALE),
    ({"payment_status": "unpaid"}, "checkout.session.async_payment_failed", ReportKind.CANCEL),
    ({"payment_status": "unpaid", "status": "expired"}, "checkout.session.expired", ReportKind.IGNORE),
    ({"payment_status": "unpaid", "status": "open"}, "checkout.session.created", ReportKind.IGNORE),
    ({"mode": "setup"}, DONE, ReportKind.IGNORE),
])  # fmt: skip
def test_kinds_of_checkouts(more, topic, kind):
    assert understood(topic, session(**more)).kind is kind


def test_a_session_that_names_its_invoice_is_that_invoice():
    found = understood(
        DONE, session(invoice={"id": "in_1"}, mode="subscription", subscription="sub_1")
    )
    assert found.external_id == "in_1"
    assert set(found.order.references) == {"cs_1", "in_1", "pi_1", "sub_1:first"}


@pytest.mark.parametrize("more", [
    {"client_reference_id": "4211"}, {"metadata": {"vclid": 4211}},
    {"metadata": {"vclid": "4211"}, "client_reference_id": "cart-9"},
])  # fmt: skip
def test_the_click_id_comes_back(more):
    assert understood(DONE, session(**more)).order.click_id == "4211"


def test_promotion_codes_where_they_are_written_out():
    discounts = [{"coupon": None, "promotion_code": {"id": "promo_1", "code": "ADA15"}}]
    assert understood(DONE, session(discounts=discounts)).codes == ("ADA15",)
    assert understood(DONE, session(discounts=[{"promotion_code": "promo_1"}])).codes == ()


def test_a_first_version_session_lists_what_it_sells():
    old = session(amount_total=None, amount_subtotal=None, total_details=None, payment_status=None,
                  display_items=[{"amount": 1500, "quantity": 2}, {"amount": 500}])  # fmt: skip
    assert str(understood(DONE, old).commissionable) == "35.00 USD"


def invoice(**more):
    return {
        "id": "in_1", "object": "invoice", "status": "paid", "currency": "usd", "total": 2000,
        "number": "A-1", "payment_intent": "pi_1", "charge": "ch_1", "subscription": "sub_1",
        "billing_reason": "subscription_cycle", "created": SENT,
        "status_transitions": {"paid_at": SENT + 60},
        "lines": {"data": [{"id": "il_1", "amount": 2000, "quantity": 1, "description": "Pro"}]},
        **more,
    }  # fmt: skip


@pytest.mark.parametrize("more", [
    {"tax": 261}, {"total_tax_amounts": [{"amount": 261, "inclusive": True}]},
    {"total_taxes": [{"amount": 261, "tax_behavior": "inclusive"}]}, {"total_excluding_tax": 1739},
    {"total": 2261, "total_taxes": [{"amount": 522}]},
    {"total": 2500, "tax": 261, "shipping_cost": {"amount_total": 500, "amount_tax": 0}},
])  # fmt: skip
def test_r3_an_invoices_tax_and_shipping_in_every_version(more):
    assert str(understood("invoice.paid", invoice(**more)).commissionable) == "17.39 USD"


def test_r46_a_proration_is_what_was_charged():
    lines = [{"id": "a", "amount": -1500, "proration": True}, {"id": "b", "amount": 3000}]
    found = understood("invoice.paid", invoice(total=1500, lines={"data": lines}))
    assert str(found.commissionable) == "15.00 USD"
    assert len(found.order.lines) == 2


def test_a_credit_invoice_is_worth_nothing():
    assert understood("invoice.paid", invoice(total=-500)).commissionable.minor == 0


def test_a_cut_off_list_of_lines_becomes_one_line_of_the_whole():
    found = understood("invoice.paid", invoice(total=50000))
    assert [str(one.net) for one in found.order.lines] == ["500.00 USD"]


@pytest.mark.parametrize(("topic", "more", "kind"), [
    ("invoice.payment_succeeded", {}, ReportKind.SALE),
    ("invoice.payment_failed", {"status": "open"}, ReportKind.IGNORE),
    ("invoice.created", {"status": "draft"}, ReportKind.IGNORE),
    ("invoice.finalized", {"status": "open"}, ReportKind.IGNORE),
    ("invoice.voided", {"status": "void"}, ReportKind.IGNORE),
    ("invoice.updated", {}, ReportKind.SALE),
    ("invoice.paid", {"status": None, "paid": True}, ReportKind.SALE),
])  # fmt: skip
def test_kinds_of_invoices(topic, more, kind):
    assert understood(topic, invoice(**more)).kind is kind


def test_the_first_invoice_meets_its_checkout_in_the_subscription():
    first = understood("invoice.paid", invoice(billing_reason="subscription_create"))
    assert "sub_1:first" in first.order.references
    assert "sub_1:first" not in understood("invoice.paid", invoice()).order.references


def test_a_recent_invoice_keeps_payments_and_subscription_elsewhere():
    recent = invoice(
        payment_intent=None, charge=None, subscription=None, billing_reason="subscription_create",
        payments={"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_9"}}]},
        parent={"subscription_details": {"subscription": "sub_9", "metadata": {"vclid": "4211"}}},
    )  # fmt: skip
    order = understood("invoice.paid", recent).order
    assert {"in_1", "pi_9", "sub_9:first"} <= set(order.references)
    assert order.click_id == "4211"


def test_an_invoices_payment_links_it_to_its_payment_intent():
    body = {"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1",
            "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}  # fmt: skip
    assert understood("invoice_payment.paid", body).links == ("in_1", "pi_1")


def charge(**more):
    return {"id": "ch_1", "object": "charge", "amount": 9350, "amount_captured": 9350,
            "amount_refunded": 4675, "currency": "usd", "payment_intent": "pi_1", **more}  # fmt: skip


def test_a_charge_tells_all_that_was_given_back_so_far():
    found = understood("charge.refunded", charge())
    report = found.refunds[0]
    assert (found.kind, str(found.clawback)) == (ReportKind.REFUND, "46.75 USD")
    assert (report.family, str(report.cumulative_of)) == (RefundFamily.CHARGE, "93.50 USD")
    assert report.order_references == ("ch_1", "pi_1")


def test_a_payment_is_no_order():
    assert understood("charge.succeeded", charge(amount_refunded=0)).kind is ReportKind.IGNORE
    assert (
        understood("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"}).kind
        is ReportKind.IGNORE
    )


def refund(**more):
    return {"id": "re_1", "object": "refund", "amount": 4675, "currency": "usd", "charge": "ch_1",
            "payment_intent": "pi_1", "status": "succeeded", **more}  # fmt: skip


@pytest.mark.parametrize("topic", ["refund.created", "refund.updated", "charge.refund.updated"])
def test_one_refund(topic):
    found = understood(topic, refund())
    assert (found.kind, str(found.clawback)) == (ReportKind.REFUND, "46.75 USD")
    assert found.refunds[0].family is RefundFamily.PAYMENT


def test_a_failed_refund_is_withdrawn():
    found = understood("refund.failed", refund(status="failed"))
    assert (found.clawback.minor, found.refunds[0].is_withdrawn) == (0, True)
    assert str(found.refunds[0].amount) == "46.75 USD"


def credit_note(**more):
    return {"id": "cn_1", "object": "credit_note", "invoice": "in_1", "currency": "usd",
            "amount": 1190, "total": 1190, "total_excluding_tax": 1000, "status": "issued", **more}  # fmt: skip


def test_a_credit_note_is_its_goods_without_tax():
    assert str(understood("credit_note.created", credit_note()).clawback) == "10.00 USD"
    old = credit_note(total_excluding_tax=None, tax_amounts=[{"amount": 190}])
    assert str(understood("credit_note.created", old).clawback) == "10.00 USD"
    shipped = credit_note(amount_shipping=300)
    assert str(understood("credit_note.created", shipped).clawback) == "7.00 USD"


def test_a_credit_note_that_was_refunded_is_that_refund():
    alone = understood("credit_note.created", credit_note()).refunds[0]
    refunded = understood("credit_note.created", credit_note(refund="re_1")).refunds[0]
    assert (alone.family, refunded.family) == (RefundFamily.OWN, RefundFamily.CREDIT_NOTE)
    voided = understood("credit_note.voided", credit_note(status="void")).refunds[0]
    assert voided.is_withdrawn


@pytest.mark.parametrize(("status", "kind", "state", "clawback"), [
    ("needs_response", ReportKind.DISPUTE_OPEN, DisputeState.OPEN, None),
    ("under_review", ReportKind.DISPUTE_OPEN, DisputeState.OPEN, None),
    ("warning_needs_response", ReportKind.DISPUTE_OPEN, DisputeState.OPEN, None),
    ("won", ReportKind.DISPUTE_WON, DisputeState.WON, 0),
    ("warning_closed", ReportKind.DISPUTE_WON, DisputeState.WON, 0),
    ("charge_refunded", ReportKind.DISPUTE_WON, DisputeState.WON, 0),
    ("lost", ReportKind.DISPUTE_LOST, DisputeState.LOST, 9350),
])  # fmt: skip
def test_disputes(status, kind, state, clawback):
    body = {"id": "dp_1", "object": "dispute", "amount": 9350, "currency": "usd", "charge": "ch_1",
            "payment_intent": "pi_1", "status": status}  # fmt: skip
    found = understood("charge.dispute.updated", body)
    assert (found.kind, found.dispute.state) == (kind, state)
    assert (None if found.clawback is None else found.clawback.minor) == clawback
    assert found.dispute.order_references == ("ch_1", "pi_1")


def account(**more):
    return {"id": "acct_1", "object": "account", "payouts_enabled": True,
            "capabilities": {"transfers": "active"}, **more}  # fmt: skip


@pytest.mark.parametrize(("more", "kind"), [
    ({}, ReportKind.ACCOUNT_PAYABLE),
    ({"payouts_enabled": False}, ReportKind.ACCOUNT_NOT_PAYABLE),
    ({"capabilities": {"transfers": "pending"}}, ReportKind.ACCOUNT_NOT_PAYABLE),
    ({"capabilities": {}}, ReportKind.ACCOUNT_NOT_PAYABLE),
    ({"capabilities": None, "payouts_enabled": "true"}, ReportKind.ACCOUNT_NOT_PAYABLE),
])  # fmt: skip
def test_an_account_is_payable_only_when_both_hold(more, kind):
    assert understood("account.updated", account(**more)).kind is kind


def test_what_an_account_still_lacks():
    lacking = account(
        payouts_enabled=False,
        requirements={"currently_due": ["external_account"], "past_due": ["dob"]},
    )
    assert understood("account.updated", lacking).account.missing == ("dob", "external_account")


DEADLINE = 1_778_716_800  # 14 May 2026


@pytest.mark.parametrize(("more", "requirements", "state", "missing"), [
    ({"payouts_enabled": False}, {"disabled_reason": "rejected.fraud"},
     "rejected", ("rejected.fraud",)),
    ({}, {"disabled_reason": "rejected.other", "currently_due": ["dob"]},
     "rejected", ("rejected.other",)),
    ({"payouts_enabled": False, "details_submitted": True},
     {"disabled_reason": "requirements.past_due", "past_due": ["dob"], "currently_due": ["dob"]},
     "restricted", ("dob",)),
    ({"payouts_enabled": False, "details_submitted": False},
     {"disabled_reason": "requirements.past_due", "past_due": ["dob"]}, "not_payable", ("dob",)),
    ({"payouts_enabled": False, "details_submitted": True}, {"disabled_reason": "under_review"},
     "restricted", ("under_review",)),
    ({"payouts_enabled": False, "details_submitted": True},
     {"disabled_reason": "requirements.pending_verification"}, "not_payable", ()),
])  # fmt: skip
def test_a_stopped_account_reads_the_same_in_a_webhook_and_in_a_refresh(
    more, requirements, state, missing
):
    body = account(requirements=requirements, **more)
    report = understood("account.updated", body).account
    assert (report.state, report.missing) == (state, missing)
    asked = state_of(body)
    assert (asked.state, asked.missing) == (report.state, report.missing)


def test_what_a_payable_account_still_has_to_give_keeps_its_date():
    wanted = {"currently_due": ["individual.id_number"], "current_deadline": DEADLINE}
    bank = {"data": [{"object": "bank_account", "last4": "6789"}]}
    for name in ("requirements", "future_requirements"):
        body = account(**{name: wanted, "external_accounts": bank, "country": "DE"})
        report = understood("account.updated", body).account
        assert (report.state, report.missing) == ("payable", ())
        assert (report.due, f"{report.due_at:%d %b %Y}") == (
            ("individual.id_number",),
            "14 May 2026",
        )
        assert (report.label, report.country) == ("••6789", "DE")
        assert state_of(body).due_at == report.due_at


def bank(**more):
    return {"object": "bank_account", "last4": "6789", "country": "US", "fingerprint": "fp_A",
            "default_for_currency": True, **more}  # fmt: skip


@pytest.mark.parametrize(("banks", "named", "label"), [
    ([bank()], "fp_A", "••6789"),
    ([bank(fingerprint=None)], "US6789", "••6789"),
    ([bank(fingerprint="fp_B", default_for_currency=False), bank()], "fp_A", "••6789"),
    ([bank(default_for_currency=None)], "fp_A", "••6789"),
    ([bank(), bank(fingerprint="fp_0", last4="1111")], "fp_0 fp_A", "••6789 and ••1111"),
    ([bank(fingerprint="fp_0", last4="1111"), bank()], "fp_0 fp_A", "••1111 and ••6789"),
    ([], "", ""),
])  # fmt: skip
def test_r91_the_banks_behind_an_account_are_named_by_their_fingerprints(banks, named, label):
    found = understood("account.updated", account(external_accounts={"data": banks})).account
    assert (found.bank, found.label) == (named, label)


@pytest.mark.parametrize("status", ["errored", "verification_failed"])
def test_an_account_whose_bank_refused_is_not_payable_and_says_what_it_lacks(status):
    found = understood(
        "account.updated", account(external_accounts={"data": [bank(status=status)]})
    )
    assert (found.account.state, found.account.missing) == (
        "not_payable", ("external_account.errored",)
    )  # fmt: skip


def bank_payout(**more):
    return {"id": "po_1", "object": "payout", "amount": 4000, "currency": "usd", "status": "paid",
            "failure_code": None, "failure_message": None, "created": DEADLINE, **more}  # fmt: skip


@pytest.mark.parametrize(("topic", "more", "state"), [
    ("payout.paid", {}, "paid"),
    ("payout.failed", {"status": "failed", "failure_code": "account_closed"}, "failed"),
    ("payout.updated", {"status": "failed", "failure_code": "account_closed"}, "failed"),
])  # fmt: skip
def test_a_payout_of_a_connected_account_to_its_bank(topic, more, state):
    found = understood(topic, bank_payout(**more), account="acct_1")
    told = found.bank_payout
    assert (found.kind, found.currency) == (ReportKind.IGNORE, "USD")
    assert (told.account_ref, told.provider_ref, told.state) == ("acct_1", "po_1", state)
    assert (str(told.amount), told.failure_code) == ("40.00 USD", more.get("failure_code", ""))


@pytest.mark.parametrize(("topic", "more", "account_id"), [
    ("payout.paid", {}, None),  # the platform's own
    ("payout.created", {"status": "pending"}, "acct_1"),
    ("payout.canceled", {"status": "canceled"}, "acct_1"),
])  # fmt: skip
def test_other_payouts_to_banks_change_nothing(topic, more, account_id):
    assert understood(topic, bank_payout(**more), account=account_id).bank_payout is None


def test_a_bank_that_changed_is_no_state_it_is_asked_for():
    found = understood("account.external_account.updated", bank(), account="acct_1")
    assert (found.kind, found.account.account_id) == (ReportKind.REFETCH, "acct_1")
    assert found.account.state == ""


def test_a_disconnected_account_is_named_by_the_event_not_the_application():
    found = understood(
        "account.application.deauthorized",
        {"id": "ca_1", "object": "application"},
        account="acct_1",
    )
    assert (found.kind, found.account.account_id) == (ReportKind.ACCOUNT_DISCONNECTED, "acct_1")


def test_a_reversed_transfer():
    body = {
        "id": "tr_1",
        "object": "transfer",
        "amount": 2500,
        "amount_reversed": 2500,
        "currency": "usd",
    }
    found = understood("transfer.reversed", body)
    assert (found.kind, found.transfer.transfer_id, found.transfer.is_whole) == (
        ReportKind.IGNORE,
        "tr_1",
        True,
    )
    part = understood("transfer.reversed", body | {"amount_reversed": 1000})
    assert (part.transfer.is_whole, str(part.transfer.reversed)) == (False, "10.00 USD")
    assert understood("transfer.created", body | {"amount_reversed": 0}).transfer is None


@pytest.mark.parametrize(
    "body",
    [
        account(),
        {"id": "tr_1", "object": "transfer", "currency": "usd"},
        {"id": "dp_1", "object": "dispute"},
    ],
)
def test_a_bare_object_of_another_kind_is_a_reference(body):
    found = read(json.dumps(body).encode(), "account.updated")
    assert (found.kind, found.currency) == (ReportKind.REFERENCE, None)


def test_the_data_of_an_event_alone():
    found = read(json.dumps({"object": session(), "previous_attributes": {}}).encode(), DONE)
    assert found.kind is ReportKind.SALE


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"7", b"{}", b"\xff", json.dumps({"hello": 1}).encode(),
    json.dumps(event(DONE, [])).encode(),
    json.dumps({"object": "event", "type": DONE}).encode(),
    json.dumps(event(DONE, session(currency=None))).encode(),
    json.dumps(event(DONE, session(id=None))).encode(),
    json.dumps(event(DONE, session(amount_total="much"))).encode(),
    json.dumps(event("refund.created", refund(charge=None, payment_intent=None))).encode(),
    json.dumps(event("credit_note.created", credit_note(invoice=None))).encode(),
])  # fmt: skip
def test_what_cannot_be_read_says_so_in_one_sentence(body):
    with pytest.raises(InvalidInput) as refused:
        read(body, None)
    assert refused.value.message.endswith(".")


THINGS = [
    (DONE, session), ("invoice.paid", invoice), ("charge.refunded", charge),
    ("refund.created", refund), ("credit_note.created", credit_note), ("account.updated", account),
]  # fmt: skip


@pytest.mark.parametrize("odd", [[], {}, "x", 7, True, None, [1], [[]], {"a": []}, {"data": [1]}])
@pytest.mark.parametrize(("topic", "make"), THINGS)
def test_a_field_of_the_wrong_shape_never_crashes(topic, make, odd):
    extra = [
        "discounts",
        "shipping_cost",
        "total_taxes",
        "requirements",
        "payments",
        "parent",
        "currency_conversion",
    ]
    for field in [*make(), *extra]:
        with contextlib.suppress(InvalidInput):
            understood(topic, make(**{field: odd}))
