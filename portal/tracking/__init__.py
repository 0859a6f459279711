"""Discount codes, affiliate links and the clicks on them.

Invariant: a code belongs to one ambassador for ever, whatever its case or look-alikes (R38, R41),
a slug to one link for ever, and a link leads only to hosts its brand allows (R55). Announces
CodeActivated, CodeChanged, CodeRetired; clicks are read by attribution when an order comes in.
"""
