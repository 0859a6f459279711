"""What Stripe says of a creator's payout account, and of our transfers to it."""

from datetime import datetime
from typing import Any

from portal.bank_payouts.models import BankPayoutState
from portal.bank_payouts.rules import BankPayoutTold
from portal.destinations.provider import AccountState
from portal.destinations.wording import BANK_REFUSED
from portal.integrations.payloads import Entry, entries, ident, instant, mapping, text
from portal.integrations.stripe import messages
from portal.integrations.stripe.messages import Message, amount
from portal.kernel.money import Money
from portal.sales.rules import AccountReport, Reading, ReportKind, TransferReport

DEAUTHORIZED = "account.application.deauthorized"
BANKS = "account.external_account."
UNUSABLE_BANK = frozenset({
    "errored", "verification_failed", "tokenized_account_number_deactivated",
})  # fmt: skip
"""What Stripe says of a bank that it pays nothing out to until its details are changed."""
LABEL_MOST = 60  # as a payout keeps it
STOPPED = frozenset({
    "action_required.requested_capabilities", "listed", "other", "platform_paused", "under_review",
})  # fmt: skip
"""Why Stripe stops an account that may lack nothing; `rejected.*` is for good."""


def account_reading(found: Message) -> Reading:
    """Payable when transfers may be sent to it *and* it may pay out to its bank."""
    account_id = ident(found.body) or found.account
    now = state_of(found.body)
    is_paid = now.state == "payable"
    kind = ReportKind.ACCOUNT_PAYABLE if is_paid else ReportKind.ACCOUNT_NOT_PAYABLE
    report = AccountReport(
        account_id, now.state, now.missing, due=now.due, due_at=now.due_at, label=now.label,
        country=now.country, bank=now.bank, reported_at=found.sent_at,
    )  # fmt: skip
    return Reading(kind, account_id, note=", ".join(now.missing), account=report)


def state_of(account: Entry) -> AccountState:
    """An account as Stripe shows it, in our words: the one reading of webhooks and of a refresh.

    `missing` is what keeps money back now; `due` what a payable account still has to give by
    `due_at`, after which Stripe stops it.
    """
    needs = mapping(account.get("requirements"))
    state = _state(account, needs)
    due, due_at = _due(account) if state == "payable" else ((), instant(_deadline(needs)))
    return AccountState(
        state, () if state == "payable" else _missing(account, needs), _bank_label(account),
        text(account.get("country")), due=due, due_at=due_at, bank=_bank(account),
    )  # fmt: skip


def is_payable(account: Entry) -> bool:
    """The `transfers` capability is active and payouts are enabled."""
    transfers = mapping(account.get("capabilities")).get("transfers")
    return transfers == "active" and account.get("payouts_enabled") is True


def _state(account: Entry, needs: Entry) -> str:
    reason = text(needs.get("disabled_reason"))
    if reason.startswith("rejected"):
        return "rejected"
    if is_payable(account):
        return "not_payable" if _is_bank_refused(account) else "payable"
    # A new account is "past due" before its owner has said anything: that is no restriction yet.
    is_late = account.get("details_submitted") is True and bool(_words(needs.get("past_due")))
    return "restricted" if is_late or reason in STOPPED else "not_payable"


def _is_bank_refused(account: Entry) -> bool:
    return any(text(bank.get("status")) in UNUSABLE_BANK for bank in _banks(account))


def _missing(account: Entry, needs: Entry) -> tuple[str, ...]:
    reason = text(needs.get("disabled_reason"))
    if reason.startswith("rejected"):
        return (reason,)
    wanted = [*_words(needs.get("past_due")), *_words(needs.get("currently_due"))]
    if _is_bank_refused(account):
        wanted = [BANK_REFUSED, *wanted]
    return tuple(dict.fromkeys(wanted)) or ((reason,) if reason in STOPPED else ())


def _due(account: Entry) -> tuple[tuple[str, ...], datetime | None]:
    """What is due next: by the rules of today, else by those Stripe has announced."""
    for name in ("requirements", "future_requirements"):
        needs = mapping(account.get(name))
        wanted = [*_words(needs.get("past_due")), *_words(needs.get("currently_due"))]
        if wanted:
            return tuple(dict.fromkeys(wanted)), instant(_deadline(needs))
    return (), None


def _deadline(needs: Entry) -> Any:
    return needs.get("current_deadline")


def _bank_label(account: Entry) -> str:
    lasts = [text(bank.get("last4")) for bank in _banks(account)]
    return " and ".join(f"••{last}" for last in dict.fromkeys(lasts) if last)[:LABEL_MOST]


def _bank(account: Entry) -> str:
    """What names the banks that Stripe pays out to, whatever their order: Stripe's fingerprints,
    where one lacks it the last four and the country."""
    names = {
        text(bank.get("fingerprint")) or f"{text(bank.get('country'))}{text(bank.get('last4'))}"
        for bank in _banks(account)
    }
    return " ".join(sorted(name for name in names if name))


def _banks(account: Entry) -> list[Entry]:
    """The accounts that payouts go to: the default of each currency, all when none is marked."""
    known = entries(mapping(account.get("external_accounts")).get("data"))
    return [bank for bank in known if bank.get("default_for_currency") is True] or known


def _words(value: object) -> list[str]:
    return [text(word) for word in value if text(word)] if isinstance(value, list) else []


def bank_reading(found: Message) -> Reading:
    """A bank was added, changed or taken out: Stripe is asked which one it pays out to now."""
    account_id = found.account or ident(found.body.get("account"))
    note = "A bank account changed; Stripe is asked how the payout account stands."
    report = AccountReport(account_id, "")
    return Reading(ReportKind.REFETCH, account_id, note=note, account=report)


def disconnected_reading(found: Message) -> Reading:
    """The creator took our access away. The event's `account` says whose it was; the object is
    the application."""
    account_id = found.account or ident(found.body)
    report = AccountReport(account_id, "disconnected", reported_at=found.sent_at)
    return Reading(ReportKind.ACCOUNT_DISCONNECTED, account_id, account=report)


def transfer_reading(found: Message) -> Reading:
    """A transfer: only one that came back changes anything, and only when it is one of ours."""
    body, currency = found.body, found.currency
    note = "A transfer changes nothing by itself; our own are known by their id."
    if not currency:
        return Reading(ReportKind.IGNORE, ident(body), note=note)
    back = amount(body.get("amount_reversed"), currency)
    if not back and body.get("reversed") is True:
        back = amount(body.get("amount"), currency)
    whole = back or _reversed_in(body, currency)
    if not whole or not found.topic.startswith("transfer."):
        return Reading(ReportKind.IGNORE, ident(body), currency=currency, note=note)
    report = TransferReport(ident(body), amount(body.get("amount"), currency), whole)
    note = f"{whole} of the transfer came back."
    return Reading(ReportKind.IGNORE, ident(body), currency=currency, note=note, transfer=report)


def payout_reading(found: Message) -> Reading:
    """A payout to a bank: of a connected account it tells whether our money went on to it. The
    platform's own are nobody's payout here."""
    body, currency = found.body, found.currency
    status = text(body.get("status"))
    if not found.account or not currency or status not in set(BankPayoutState):
        note = "A payout to a bank; it changes no payout of ours."
        return Reading(ReportKind.IGNORE, ident(body), currency=currency, note=note)
    code = text(body.get("failure_code"))
    told = BankPayoutTold(
        found.account, messages.needed_id(found, "payout"), BankPayoutState(status),
        amount(body.get("amount"), currency), code, text(body.get("failure_message")),
        instant(body.get("created")),
    )  # fmt: skip
    note = f"Stripe’s payout to the bank of {found.account}: {status}"
    note = f"{note}, {code}." if code else f"{note}."
    return Reading(
        ReportKind.IGNORE, told.provider_ref, currency=currency, note=note, bank_payout=told
    )


def _reversed_in(body: Entry, currency: str) -> Money:
    return messages.total_of(entries(body.get("reversals")), "amount", currency)
