"""Shop connections, and orders, refunds and disputes as the shops report them.

Invariant: a report is a fact. Rows are added and their payment state moves forward; what a shop
said is never rewritten to suit a commission. Announces OrderRecorded, OrderRefunded,
OrderCancelled and OrderDisputed.
"""
