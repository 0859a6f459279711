"""Finance's own read pages: adjustments, balances and what they will become, the period's journal.

Invariant: nothing here writes, and every total is the sum of ledger entries. Announces nothing.
"""
