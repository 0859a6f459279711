"""Ambassadors: a creator accepted into a program, since when, and what she agreed to.

Invariant: one membership per program and creator, and every status it ever had is kept with its
time, because credit follows the status at order time (R43). Announces AmbassadorEnrolled,
AgreementAccepted and AmbassadorEnded.
"""
