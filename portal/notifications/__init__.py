"""Tell people: one message per event and recipient, written with the event, sent after it.

Invariant: a message exists only for something that happened (its subscriber ran in the outbox),
and never twice for the same event and recipient.
"""
