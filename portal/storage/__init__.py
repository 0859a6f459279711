"""The database seam: typed models, money columns, locks, and the only commit in the portal.

Invariant: whoever writes does it inside `unit_of_work()`; a GET never writes.
"""
