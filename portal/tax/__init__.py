"""Tax: which form a creator owes, what is counted of what she was paid, what is withheld.

One invariant: what is recorded as paid here is what payouts settled, by payment date; it is called
from there, in the same transaction. Every figure of a law is a dated rule that the operator must
confirm, never a claim of ours. Announces TaxFormAsked, TaxFormRejected and TaxFormExpiring.
"""
