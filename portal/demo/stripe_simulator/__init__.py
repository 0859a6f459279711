"""A Stripe for demo and tests: stateful, on loopback only, reached by the unmodified SDK.

It keeps Stripe's rules (capabilities, balance, idempotency keys, signed webhooks) and can be
told to fail as Stripe fails (faults, held or lost webhooks). No money appears or disappears.
It imports nothing else of the portal, so that it can be trusted as a second opinion.
"""

from portal.demo.stripe_simulator.server import running, serve

__all__ = ["running", "serve"]
