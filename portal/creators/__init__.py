"""Creators: who they are, where they post, where their money goes.

Invariant: one creator per user, and no two creators share a handle, whatever its letters' case.
Announces DestinationChanged.
"""
