"""The ladder of tiers of a program, and where on it each ambassador stands.

Invariant: a ladder is never edited, and every move is kept with its instant, because an order earns
by the tier in force when it was bought (R15, R16). Announces LadderPublished and
TierMoved.
"""
