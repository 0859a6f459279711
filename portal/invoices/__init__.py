"""Self-billed invoices: what a brand writes in a creator's name for what she earned in a month.

Invariant: the numbers of one supplier with one brand have no gap (R108), and the VAT of every
invoice stands in the books. Announces nothing.
"""
