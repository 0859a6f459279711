"""What became of money between a creator's account at the provider and her bank.

Invariant: one row for each payout of the provider to her bank, and what failed once stays failed.
The books do not move: our transfer stands, the money lies in her balance at the provider and
leaves it again when her bank is right. Announces BankPayoutFailed.
"""
