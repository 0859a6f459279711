"""How a brand pays: when, by which ways, from which account, who bears fees, which rates are used.

Invariant: a rate that was used is never changed, and what is set here changes nothing that was
calculated before. Announces nothing.
"""
