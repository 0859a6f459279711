"""A person decides about an order that the rules left open, or decides otherwise.

Invariant: a decision is made once, by somebody, with a reason; what it gives above the brand's
limit waits until finance agrees; it can be taken back while nothing of it is payable. Announces
OrderDeclined and OrderPutForward.
"""
