"""Payees whom finance holds as a whole: no run pays them until somebody releases them.

Invariant: a creator is held by a brand at most once at a time; a hold has a reason, and a released
one is kept as it was. Nothing moves in the books. Announces that a hold began or ended.
"""
