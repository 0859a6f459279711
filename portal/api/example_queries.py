"""A test order to copy: with a code, a click and the currency that this brand really has."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from portal.identity import queries as identity
from portal.kernel import currencies
from portal.kernel.money import Money
from portal.storage.model import db
from portal.tracking.models import AffiliateLink, Click, CodeStatus, DiscountCode, LinkStatus

PRICE = "80.00"
ORDER_ID = "test-1001"


@dataclass(frozen=True, slots=True)
class Example:
    """What a shop sends for a test order, and where its parts come from; "" where there is none."""

    code: str
    click_id: str
    slug: str
    amount_minor: int
    currency: str

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def conversion(self) -> str:
        """The body of a conversion, as JSON to read. A test order earns nothing."""
        told: dict[str, object] = {
            "order_id": ORDER_ID,
            "subtotal": {"amount_minor": self.amount_minor, "currency": self.currency},
        }
        if self.code:
            told["codes"] = [self.code]
        if self.click_id:
            told["click_id"] = self.click_id
        return json.dumps(told | {"is_test": True}, indent=2, ensure_ascii=False)

    @property
    def refund(self) -> str:
        """The body of a refund of a quarter of it."""
        part = {"amount_minor": self.amount_minor // 4, "currency": self.currency}
        told = {"order_id": ORDER_ID, "refund_id": f"{ORDER_ID}-r1", "amount": part}
        return json.dumps(told, indent=2)


def example_of(brand_id: int) -> Example:
    """The newest working code, link and click of a brand in a test order."""
    currency = identity.brand(brand_id).currency
    code = db.session.scalar(
        select(DiscountCode.code)
        .where(DiscountCode.brand_id == brand_id, DiscountCode.status == CodeStatus.ACTIVE)
        .order_by(DiscountCode.id.desc())
        .limit(1)
    )
    slug = db.session.scalar(
        select(AffiliateLink.slug)
        .where(AffiliateLink.brand_id == brand_id, AffiliateLink.status == LinkStatus.ACTIVE)
        .order_by(AffiliateLink.id.desc())
        .limit(1)
    )
    click_id = db.session.scalar(
        select(Click.id).where(Click.brand_id == brand_id).order_by(Click.at.desc()).limit(1)
    )
    price = currencies.to_minor(PRICE, currency)
    return Example(code or "", str(click_id or ""), slug or "", price, currency)
