"""Who did what, when, to which thing.

Invariant: rows are only ever added (a trigger refuses change), one for each state change, in the
same transaction as the change itself (R143).
"""
