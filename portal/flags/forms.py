"""What people type about flags: shape and wording only."""

from dataclasses import fields

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.flags.models import DeclineReason
from portal.flags.rules import DECLINES, Thresholds
from portal.web.forms import HouseForm, SelectChoice

NOTE = Length(max=200, message="Use at most 200 characters.")


class DecideForm(HouseForm):
    """Release, keep held or decline; which of them is the button's value."""

    reason = SelectField(
        "Reason for declining",
        default="",
        choices=[
            SelectChoice("", "Choose one"),
            *(SelectChoice(one.value, DECLINES[one]) for one in DeclineReason),
        ],
    )
    note = StringField("Note", [NOTE], description="When you decline, the creator reads it.")


class RotateForm(HouseForm):
    """A new code for the creator, or only the news that hers has leaked."""

    grace_days = IntegerField(
        "Days the old code goes on", [InputRequired("Write a number of days, 0 for none.")],
        default=7,
    )  # fmt: skip
    code = StringField("New code", [Optional(), Length(max=20)])
    note = StringField(
        "What you saw", [NOTE], description="The creator reads it, such as “seen on a coupon site”."
    )


class ClearForm(HouseForm):
    """Nothing is wrong."""

    note = StringField("Why nothing is wrong", [NOTE])


class ThresholdForm(HouseForm):
    """From where on something is flagged, and the sites that collect codes."""

    sites = TextAreaField("Coupon sites", description="One site per line, such as coupons.com.")


LABELS = {
    "window_days": ("Days looked at", "Codes, links and orders of so many days are compared."),
    "min_orders": ("Orders with a code, at least", "Fewer orders say nothing."),
    "without_click_bp": ("Orders without a click, from (hundredths of a percent)", "9000 is 90%."),
    "drop_bp": ("Rise of that share, from (hundredths of a percent)", "4000 is 40 points."),
    "burst_times": ("Burst: times the usual day", ""),
    "burst_orders": ("Burst: orders in 24 hours, at least", ""),
    "coupon_clicks": ("Clicks from coupon sites, from", ""),
    "refund_bp": ("Refunded buyers, from (hundredths of a percent)", "2500 is 25%."),
    "refund_customers": ("Buyers, at least", ""),
    "flood_clicks": ("Clicks of one visitor in 24 hours, from", ""),
    "stuffing_loads": ("Loads without a person, from", ""),
    "stuffing_times": ("Such loads per click of a person, from", ""),
    "checkout_seconds": ("Seconds from click to order, up to", ""),
    "checkout_orders": ("Such orders, from", ""),
    "even_orders": ("Evenly spread times: orders, at least", ""),
    "even_bp": ("Distance from an even spread, up to (hundredths of a percent)", ""),
    "same_seconds": ("Equal times: seconds apart, up to", ""),
    "same_orders": ("Equal times: orders, at least", ""),
}
for _one in fields(Thresholds):
    _label, _hint = LABELS[_one.name]
    setattr(
        ThresholdForm, _one.name,
        IntegerField(_label, [InputRequired("Write a whole number.")], description=_hint),
    )  # fmt: skip
