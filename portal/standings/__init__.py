"""Who moves up or down a ladder, and why: looked at daily, shown before it takes effect.

Invariant: a standing is the sum of its moves, and nothing here changes what was earned (R15, R16).
Announces nothing; tiers announces what moves.
"""
