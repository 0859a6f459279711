"""The outside world: shops and payment providers, one folder each, and the inbox of raw events.

Invariant: an inbound message is stored before any thinking; whatever is then done about it can be
done again with the same result. Readers are pure: bytes in, `sales.rules.Reading` out.
"""
