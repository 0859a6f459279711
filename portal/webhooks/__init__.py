"""Tell a brand's own programs what happened: signed messages to addresses of their choice.

Invariant: one message per event, told at least once to each endpoint that wants it, always under
the same `webhook-id`; the network is never called inside a unit of work. Signed by the Standard
Webhooks scheme. Announces WebhookDisabled when an endpoint has failed for days.
"""
