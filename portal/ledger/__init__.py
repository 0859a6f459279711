"""The books: accounts, journals and entries, in double entry, per currency.

Invariant: every journal sums to zero per currency, nothing is ever changed or deleted, and
`commands.post` is the only writer. The room knows nothing of commissions or payouts.
"""
