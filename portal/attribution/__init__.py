"""Which ambassador an order belongs to, and why.

Invariant: a decision is a pure function of what was true when the order was placed; it is stored
with the ordered checks that led to it, and a new decision is a new version. Announces
OrderAttributed.
"""
