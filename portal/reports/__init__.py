"""Read-only pages that look across rooms: home pages and statements.

Invariant: nothing here writes, and nobody imports it. Announces nothing.
"""
