"""What a brand's finance has agreed on: limits, days, and the codes of its accounts.

Invariant: limits come into force by `portal.proposals` alone, and a policy is never edited: a
change is a new row. Announces nothing.
"""
