"""Payment files: rails whose orders a person carries to a bank or to PayPal.

Invariant: a file is written once and gives the same bytes at every download, a payout stands in at
most one line that could still be paid, and only a confirmation pays. Announces nothing.
"""
