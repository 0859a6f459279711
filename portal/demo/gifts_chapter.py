"""What is given that is no money, and a change of policy that waits for a second person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from portal.demo import cast
from portal.kernel import clock
from portal.kernel.money import Money
from portal.paying import change_commands as paying
from portal.rewards import commands as rewards
from portal.rewards import item_commands as catalogue
from portal.rewards.models import RewardKind
from portal.storage.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from portal.demo.joining import Member
    from portal.demo.story import Stage

GIVEN = (900, 400, 250)  # beans, to the first ambassadors
WHY = "For your latte art, which everybody asked about."


def tell(stage: Stage, members: list[Member]) -> None:
    """A catalogue two weeks old; beans given, a grinder bought with them, a card to be issued."""
    brand, owner = stage.brand.id, stage.staff["manager"]
    with clock.at(stage.now - timedelta(days=14)), unit_of_work():
        beans = catalogue.add_item(brand, RewardKind.POINTS, "Beans", _usd(5), by=owner).id
        grinder = catalogue.add_item(
            brand, RewardKind.PRODUCT, "Hand grinder", _usd(4_500), points_price=600, stock=12,
            by=owner,
        ).id  # fmt: skip
        card = catalogue.add_item(
            brand, RewardKind.GIFT_CARD, "Gift card for the shop", _usd(2_500), points_price=400,
            by=owner,
        ).id  # fmt: skip
    with clock.at(stage.now - timedelta(days=9)), unit_of_work():
        for member, many in zip(members, GIVEN, strict=False):
            source = f"demo:beans:{member.ambassador_id}"
            rewards.give(beans, member.creator_id, many, source=source, note=WHY, by=owner)
    with clock.at(stage.now - timedelta(days=1)), unit_of_work():
        first = members[0]
        rewards.redeem(grinder, first.creator_id, source="demo:grinder", by=first.user_id)
        rewards.give(
            card, members[-1].creator_id, source="demo:card", note="Welcome, with a first bag.",
            by=owner,
        )  # fmt: skip
    with clock.at(stage.now - timedelta(hours=5)), unit_of_work():
        paying.put_forward_limit(brand, _usd(500_000), by=stage.staff["preparer"])


def _usd(cents: int) -> Money:
    return Money(cents, cast.CURRENCY)
