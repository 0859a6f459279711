"""Money leaves: runs, approval, sending, settling, what comes back.

Invariant: whoever prepared or changed a run never approves it, and a payout leaves at most once,
whatever crashes or answers twice. An unknown answer is never treated as a failure.
Announces PayoutRunSubmitted, PayoutRunReturned, PayoutRunApproved, PayoutRunFinished,
PayoutSent, PayoutFailed, PayoutReturned.
"""
