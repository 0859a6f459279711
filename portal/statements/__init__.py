"""Monthly statements: what a creator had, earned, lost and got, per brand and currency.

Invariant: opening + earned + taken back + adjusted + withheld + paid = closing, all of it read from
the ledger and kept as it was published. Announces StatementPublished.
"""
