"""What an order or a finished brief earns, when it matures, and what a refund takes back.

Invariant: `amount_minor` is what was earned and never changes; every reversal is its own row with
its own journal, and the ledger's sums equal the sums of these rows. Announces CommissionEarned,
CommissionReversed, CommissionHeld and CommissionReleased.
"""
