"""Which client talks to which kind of shop."""

from dataclasses import dataclass, field

from portal.integrations.shop_api import ShopApi
from portal.integrations.shopify.client import ShopifyApi
from portal.integrations.stripe.shop import StripeShop
from portal.integrations.woocommerce.client import WooCommerceApi
from portal.sales.models import Source

STRIPE = "https://api.stripe.com"


@dataclass(frozen=True, slots=True)
class Reach:
    """How one shop is reached, as plain values: no row is held during a call."""

    source: Source
    address: str
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShopApis:
    """Makes the client of a shop. `allows_loopback`: in a demo and in tests shops are here."""

    stripe_api_base: str = STRIPE
    allows_loopback: bool = False

    def of(self, reach: Reach) -> ShopApi:
        """The client. A source without an interface is a programming mistake."""
        if reach.source is Source.STRIPE:
            return StripeShop(reach.secret, self.stripe_api_base)
        if reach.source is Source.WOOCOMMERCE:
            return WooCommerceApi(
                reach.address, reach.key, reach.secret, allows_loopback=self.allows_loopback
            )
        assert reach.source is Source.SHOPIFY, reach.source
        return ShopifyApi(reach.address, reach.secret, allows_loopback=self.allows_loopback)
