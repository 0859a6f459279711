"""Where the next version of commission terms is written, tried and published.

Invariant: trying stores no commission, moves no money and changes no decision; what is shown is
calculated by the very functions that earn. Announces nothing; programs announces what is published.
"""
