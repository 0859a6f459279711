"""Stripe: signed webhooks for purchases, refunds, disputes and payout accounts; the payout rail."""
