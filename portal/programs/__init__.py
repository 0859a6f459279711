"""Programs: what a brand offers, its commission terms and its agreement, both versioned.

Invariant: a published version of terms or agreement is never edited; a new version follows it.
Announces TermsPublished.
"""
