"""The ledger beside what banks and providers report: matched both ways, and what is left over.

Invariant: a row of a report counts once however often it is uploaded, and a difference stands
until it is 0.00 or somebody has written why. Announces nothing.
"""
