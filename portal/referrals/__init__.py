"""Creators bring creators, and earn a share of what those sell, for at most two levels (R79–R82).

Invariant: a recruiter's share is the brand's cost beside what the recruit earns, never taken from
it, and what is left of it is in the same ratio as what is left of the recruit's. Who recruited whom
is fixed when she applies and never changes. Announces nothing.
"""
