"""What finance has to look at, across all runs: one queue, with an owner and an end.

Invariant: an exception is open exactly while its cause stands or until a person resolves it with a
note; the same cause is opened once. Announces nothing.
"""
