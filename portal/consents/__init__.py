"""What each ambassador says to terms that take something from her, and which version is hers.

Invariant: a version that takes something from a member is hers only by her own yes, or by the
silence that the version itself allows (R17). Announces that somebody is asked.
"""
