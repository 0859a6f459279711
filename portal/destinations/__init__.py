"""Where creators want their money: bank accounts, PayPal, a connected account, store credit.

Invariant: what names an account is sealed and never edited, and a changed destination is confirmed
by mail and cools for 72 hours before anything is sent there (R91). Announces DestinationMissing,
DestinationToConfirm.
"""
