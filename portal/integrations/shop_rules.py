"""What people type about a shop, and what its kind asks of them. Pure."""

from urllib.parse import urlsplit

from portal.integrations.stripe import reading as stripe
from portal.kernel.errors import InvalidInput
from portal.sales.models import Source

SHORTEST_SECRET, LONGEST_SECRET = 8, 200
WITH_HOOK = (Source.SHOPIFY, Source.WOOCOMMERCE, Source.STRIPE)
NAMES = {
    Source.SHOPIFY: "Shopify", Source.WOOCOMMERCE: "WooCommerce", Source.STRIPE: "Stripe",
    Source.API: "REST API", Source.CSV: "CSV files",
}  # fmt: skip
CONNECTABLE = (*WITH_HOOK, Source.API)
# What to choose at the shop, as its own page calls it: what the readers make something of.
WANTED_TOPICS: dict[Source, tuple[str, ...]] = {
    Source.SHOPIFY: ("Order creation", "Order update", "Order cancellation", "Refund creation"),
    Source.WOOCOMMERCE: ("Order created", "Order updated", "Order deleted"),
    Source.STRIPE: stripe.TOPICS,
}
WHERE_SECRET = {
    Source.SHOPIFY: "in Shopify under Settings, Notifications, Webhooks, below the list",
    Source.WOOCOMMERCE: "on the webhook’s own page, under WooCommerce, Settings, Advanced, "
    "Webhooks",
    Source.STRIPE: "in Stripe under Developers, Webhooks, on the endpoint’s own page: “Reveal "
    "signing secret”",
}


def checked_secret(source: Source, typed: str) -> str:
    """A signing secret as it can be used. Raises InvalidInput saying what it looks like instead."""
    secret = "".join(typed.split())
    if secret.startswith(("sk_", "rk_", "pk_")):
        raise InvalidInput(
            "secret", "This is an API key of Stripe. The signing secret begins with whsec_."
        )
    if source is Source.STRIPE and not secret.startswith("whsec_"):
        raise InvalidInput("secret", "A signing secret of Stripe begins with whsec_.")
    if secret.startswith(("shpat_", "ck_", "cs_")):
        raise InvalidInput(
            "secret", "This is a key to the shop’s own interface. It belongs into step “Codes”."
        )
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise InvalidInput("secret", f"A signing secret has {SHORTEST_SECRET} to 200 characters.")
    return secret


def checked_address(source: Source, typed: str, *, allows_http: bool = False) -> str:
    """A shop's address as `https://host`. Raises InvalidInput. Stripe has one for all: ""."""
    if source is Source.STRIPE:
        return ""
    typed = typed.strip().rstrip("/")
    if typed and "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or "@" in parts.netloc or not (parts.scheme == "https" or allows_http):
        raise InvalidInput("address", "Write the shop’s address, such as https://shop.example.")
    if source is Source.SHOPIFY and not (host.endswith(".myshopify.com") or allows_http):
        raise InvalidInput(
            "address",
            "Write the address that ends in .myshopify.com: Shopify shows it under Settings, "
            "Domains.",
        )
    path = parts.path.rstrip("/") if source is Source.WOOCOMMERCE else ""
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def last_four(secret: str) -> str:
    """The end of a secret that is shown; "" for one too short to show any of."""
    return secret[-4:] if len(secret) >= SHORTEST_SECRET else ""
