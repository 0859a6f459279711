"""What a brand sees of rewards."""

from typing import Any

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import codes, currencies
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.kernel.sheets import sheet
from portal.rewards import queries, rules, sales_queries, wording
from portal.rewards.forms import BriefRewardForm, GiveForm, ItemForm
from portal.rewards.models import Reward, RewardItem
from portal.web.forms import SelectChoice
from portal.web.guards import person

STEPS = {
    "ship": "sent", "deliver": "delivered", "issue": "issued",
    "cancel": "cancelled, with its stock and points back where they were",
}  # fmt: skip


def listing(brand_id: int, view: str, page: PageRequest) -> dict[str, Any]:
    """What was given, and what there is to give."""
    view = view if view in ("open", "all") else "open"
    return {
        "brand": identity.brand(brand_id), "view": view, "wording": wording,
        "rows": queries.given_by(brand_id, page, only_open=view == "open"),
        "open_count": queries.open_count(brand_id), "items": queries.items_of(brand_id),
        "may_edit": person().may("brand.manager", brand_id),
        "promised": sales_queries.promised_without_points(brand_id),
    }  # fmt: skip


def one(found: Reward) -> dict[str, Any]:
    """One reward with its steps."""
    return {
        "brand": identity.brand(found.brand_id), "reward": found,
        "item": queries.item(found.item_id), "creator": creators.creator(found.creator_id),
        "wording": wording,
        "actions": [
            action for status, action in rules.STEPS if status is found.status
        ],
    }  # fmt: skip


def item_form(brand_id: int) -> ItemForm:
    """The form of one more thing, in the brand's currency."""
    form = ItemForm()
    form.currency_code = identity.brand(brand_id).currency
    return form


def give_form(brand_id: int, *, is_new: bool) -> GiveForm:
    """The form of giving, with what there is to give."""
    form = GiveForm(formdata=None, token=codes.public_id("gve")) if is_new else GiveForm()
    active = [one for one in queries.items_of(brand_id) if one.is_active]
    form.item.choices = [SelectChoice(one.public_id, wording.named(one)) for one in active]
    return form


def brief_form(brand_id: int, *, is_new: bool) -> BriefRewardForm:
    """The form of what briefs give."""
    form = BriefRewardForm(formdata=None) if is_new else BriefRewardForm()
    active = [one for one in queries.items_of(brand_id) if one.is_active]
    form.item.choices = [SelectChoice(one.public_id, wording.named(one)) for one in active]
    form.brief.choices = [
        SelectChoice(one.id, one.title) for one in queries.briefs_of(brand_id)
    ]  # fmt: skip
    return form


def briefs(brand_id: int, form: BriefRewardForm) -> dict[str, Any]:
    """What briefs give beside their fee."""
    return {
        "brand": identity.brand(brand_id), "form": form, "wording": wording,
        "promised": queries.promised_by(brand_id),
        "may_edit": person().may("brand.manager", brand_id),
    }  # fmt: skip


def change_values(item: RewardItem) -> dict[str, Any]:
    """An item as the form's values."""
    return {
        "points_price": item.points_price, "stock": item.stock, "seen_stock": item.stock,
        "is_active": item.is_active,
    }  # fmt: skip


def sheet_of(brand_id: int) -> str:
    """Everything given as CSV, amounts in major units."""
    head = ["given_at", "creator", "handle", "what", "kind", "quantity", "currency", "fair_value",
            "points_paid", "taken_back", "state", "note"]  # fmt: skip
    return sheet(head, [
        [one.reward.given_at.isoformat(), one.creator.name, one.creator.handle, one.item.name,
         one.reward.kind.value, one.reward.quantity, one.reward.currency,
         _digits(one.reward.amount), one.reward.points, one.reward.taken_back,
         one.reward.status.value, one.reward.note]
        for one in queries.every_of(brand_id)
    ])  # fmt: skip


def _digits(amount: Money) -> str:
    places = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{places}f}"
