"""Amounts that a person adds or takes, and negative balances that two people give up.

Invariant: what is above the brand's limit, and every write-off, is posted by somebody else than its
proposer; an adjustment is never edited, a mistake gets the opposite entry. Each posted one has
exactly its journal. Announces AdjustmentProposed and AdjustmentPosted.
"""
