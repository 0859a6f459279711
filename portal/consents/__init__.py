"""What each ambassador says to terms or tiers that take something from her, and which is hers.

Invariant: a version that takes something from a member is hers only by her own yes, or by the
silence that the version itself allows (R17). Announces that somebody is asked.
"""
