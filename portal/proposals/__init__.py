"""Changes of money policy: put forward by one person, in effect when a second confirms.

Invariant: nothing here takes effect by its proposer's word alone. Where nobody else could confirm
it, it waits 7 days and the owners are told. Announces ChangePutForward.
"""
