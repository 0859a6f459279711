"""Applications: a creator asks to join a program, the brand decides once.

Invariant: approval enrols the ambassador and reserves her code in one transaction, or not at all;
what a decision tells the creator leaves only after the undo time. Announces ApplicationSubmitted
and ApplicationDecided.
"""
