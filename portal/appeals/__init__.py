"""A creator objects: to an order that was not credited, an amount, a hold, a membership, a fee, a
payout. People talk it over, one of them decides, and the decision calls down in one transaction.

Invariant: one open appeal per creator and subject, and every appeal that was decided with money
names the one journal that moved it. Announces AppealOpened, AppealAnswered and AppealDecided.
"""
