"""Pay for clicks: one commission for each creator, program and day on which people followed her
links, once the day is over and its clicks are all here.

Invariant: a day earns what its counted clicks make under the version in force when it began, no
more than the limits of that version allow, and never twice. Announces nothing: what it earns, the
room of commissions announces.
"""
