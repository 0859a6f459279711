"""What a brand's own programs do here: REST doors under /api/v1, opened by a brand's API keys.

Invariant: a key opens the doors of its scopes, for its own brand, and nothing else; a request
with an Idempotency-Key has its effect once, however often it is sent. Announces nothing.
"""
