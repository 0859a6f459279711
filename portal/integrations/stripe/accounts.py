"""What Stripe says of a creator's payout account, and of our transfers to it."""

from portal.integrations.payloads import Entry, entries, ident, mapping, text
from portal.integrations.stripe import messages
from portal.integrations.stripe.messages import Message, amount
from portal.kernel.money import Money
from portal.sales.rules import AccountReport, Reading, ReportKind, TransferReport

DEAUTHORIZED = "account.application.deauthorized"


def account_reading(found: Message) -> Reading:
    """Payable when transfers may be sent to it *and* it may pay out to its bank."""
    account_id = ident(found.body) or found.account
    payable = is_payable(found.body)
    kind = ReportKind.ACCOUNT_PAYABLE if payable else ReportKind.ACCOUNT_NOT_PAYABLE
    missing = () if payable else _missing(found.body)
    report = AccountReport(account_id, "payable" if payable else "not_payable", missing)
    return Reading(kind, account_id, note=", ".join(missing), account=report)


def is_payable(account: Entry) -> bool:
    """The `transfers` capability is active and payouts are enabled."""
    transfers = mapping(account.get("capabilities")).get("transfers")
    return transfers == "active" and account.get("payouts_enabled") is True


def _missing(account: Entry) -> tuple[str, ...]:
    requirements = mapping(account.get("requirements"))
    wanted = [*_words(requirements.get("past_due")), *_words(requirements.get("currently_due"))]
    reason = text(requirements.get("disabled_reason"))
    return tuple(dict.fromkeys(wanted)) or ((reason,) if reason else ())


def _words(value: object) -> list[str]:
    return [text(word) for word in value if text(word)] if isinstance(value, list) else []


def disconnected_reading(found: Message) -> Reading:
    """The creator took our access away. The event's `account` says whose it was; the object is
    the application."""
    account_id = found.account or ident(found.body)
    report = AccountReport(account_id, "disconnected")
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


def _reversed_in(body: Entry, currency: str) -> Money:
    return messages.total_of(entries(body.get("reversals")), "amount", currency)
