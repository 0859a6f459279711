"""What a brand's finance has agreed on: limits, days, and the codes of its accounts.

Invariant: what is in force was proposed by one person and agreed to by another, and a policy is
never edited: a change is a new row. Announces nothing.
"""
