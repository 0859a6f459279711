"""Payees: everybody a brand ever owed something, and what stands between her and her money.

Invariant: nothing here is stored. Whether she can be paid is said by the rules that runs use, so
that this page and a run never disagree. Announces nothing.
"""
