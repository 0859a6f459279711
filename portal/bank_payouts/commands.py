"""Note what the provider tells of payouts to banks. Callers commit."""

from portal.audit import commands as audit
from portal.bank_payouts import rules
from portal.bank_payouts.events import BankPayoutFailed
from portal.bank_payouts.models import BankPayout, BankPayoutState
from portal.bank_payouts.rules import BankPayoutTold
from portal.creators import commands as creators
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.storage.model import db


def record(told: BankPayoutTold) -> BankPayout:
    """Note that a payout from a creator's account to her bank was paid, or failed; what is paid
    may still fail. Repeating it changes nothing. Raises NotFound for an account nobody has."""
    owner = creators.lock_account(told.account_ref)
    found = (
        db.session.query(BankPayout)
        .filter_by(account_ref=told.account_ref, provider_ref=told.provider_ref)
        .one_or_none()
    )
    if found is not None and rules.state_after(found.state, told.state) is found.state:
        return found
    if found is None:
        found = BankPayout(
            creator_id=owner.creator_id, account_ref=told.account_ref,
            provider_ref=told.provider_ref, made_at=told.made_at, told_at=clock.now(),
        )  # fmt: skip
        db.session.add(found)
    found.state, found.failure_code, found.failure = told.state, told.failure_code, told.failure
    found.amount_minor, found.currency = told.amount.minor, told.amount.currency
    is_failed = told.state is BankPayoutState.FAILED
    found.failed_at = clock.now() if is_failed else None
    db.session.flush()
    if is_failed:
        audit.note(None, "bank-payout.failed", found.id, code=told.failure_code)
        announce(BankPayoutFailed(found.id))
    return found
