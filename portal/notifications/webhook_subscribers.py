"""Who is told when an outgoing webhook is switched off: the brand's owners."""

from portal.identity import queries as identity
from portal.notifications.letters import link_to, send
from portal.webhooks import queries as webhooks
from portal.webhooks.events import WebhookDisabled

WHY = "You get this mail because you own this brand in Vouch."


def on_webhook_disabled(event: WebhookDisabled) -> None:
    found = webhooks.endpoint(event.endpoint_id)
    brand = identity.brand(found.brand_id)
    for user in identity.staff_with(found.brand_id, "brand.owner"):
        send(
            "webhook_disabled", event.delivery_id, user.email, brand=brand.name, url=found.url,
            reason=found.disabled_reason, why=WHY,
            link=link_to("webhooks_brand.endpoint", brand_id=brand.slug, hook=found.public_id),
        )  # fmt: skip
