"""Milestone bonuses: an amount for reaching so many approved sales, so much net, so many leads.

Invariant: a bonus is earned once by each ambassador, or once in each window where it says so; one
that is not payable yet is hers only as long as her figures reach the goal. Announces nothing: what
it earns, the room of commissions announces.
"""
