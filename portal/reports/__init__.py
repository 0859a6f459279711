"""Read-only pages that look across rooms: the home pages and their figures.

Invariant: reads anything below, writes nothing, announces nothing, and every sum it shows comes
from the room that owns it (balances from the ledger).
"""
