"""Work that happens after the transaction that asked for it: the outbox and the worker.

Invariant: a job is enqueued in the caller's transaction, so nothing happens for a transaction
that rolled back; what a subscriber did and its job's completion are committed together.
"""
