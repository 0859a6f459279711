"""What creators are given that is no money: points, products, store credit, gift cards.

Invariant: it stands in accounts of its own, at its fair value, which no payout run reads; what is
given is told to tax once. Announces that something was given, sent or taken back.
"""
