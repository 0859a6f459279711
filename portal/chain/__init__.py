"""The hash chains over the audit trail and the books: what was written is what still stands there.

Invariant: every row that was sealed is in exactly one batch, a batch carries the hash of the one
before it, and no row is left out for ever. Sealing follows the rows; nobody waits for it.
"""
