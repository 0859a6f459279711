"""What the pages of rewards ask."""

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from portal.rewards.models import RewardKind
from portal.rewards.rules import MOST_PIECES
from portal.web.forms import AmountInput, HouseForm, SelectChoice, bare_amount

WORK, GIFT = "work", "gift"
KINDS = (
    (RewardKind.PRODUCT, "A product"),
    (RewardKind.STORE_CREDIT, "Store credit"),
    (RewardKind.GIFT_CARD, "A gift card"),
    (RewardKind.POINTS, "Points"),
)
PIECES = NumberRange(1, MOST_PIECES, "Between 1 and 1,000,000.")


class ItemForm(HouseForm):
    """One more thing to give."""

    currency_code = "USD"
    kind = SelectField("What it is", choices=[SelectChoice(one.value, said) for one, said in KINDS])
    name = StringField("Name", [InputRequired("Write what it is called."), Length(max=120)])
    value = StringField(
        "Fair value", [InputRequired("Write what it costs in the shop."), AmountInput(1)],
        filters=[bare_amount],
    )  # fmt: skip
    points_price = IntegerField("Price in points", [Optional(), PIECES])
    stock = IntegerField("In stock", [Optional(), NumberRange(0, MOST_PIECES, "At least 0.")])


class ChangeForm(HouseForm):
    """Another price, another stock, or no longer; `seen_stock` is what the page showed."""

    points_price = IntegerField("Price in points", [Optional(), PIECES])
    stock = IntegerField("In stock", [Optional(), NumberRange(0, MOST_PIECES, "At least 0.")])
    seen_stock = IntegerField(validators=[Optional()], widget=HiddenInput())
    is_active = BooleanField("Is given")

    def sees(self, stock: int | None) -> None:
        """What the page shows now that the stock was refused."""
        self.seen_stock.data, self.seen_stock.raw_data = stock, None


class GiveForm(HouseForm):
    """Something for one ambassador."""

    token = HiddenField()
    creator = StringField("Ambassador", [InputRequired("Write her handle."), Length(max=80)])
    item = SelectField("What", choices=[])
    quantity = IntegerField("How many", [InputRequired("Write a number."), PIECES], default=1)
    reason = RadioField(
        "Given",
        choices=[
            SelectChoice(WORK, "For work: it counts for her tax year"),
            SelectChoice(GIFT, "As a gift without obligation: finance decides whether it counts"),
        ],
        default=WORK,
    )
    note = StringField("What she reads", [Length(max=300)])


class BriefRewardForm(HouseForm):
    """What completed work of a brief gives."""

    brief = SelectField("Brief", choices=[], coerce=int)
    item = SelectField("Gives", choices=[])
    quantity = IntegerField(
        "How many",
        [InputRequired("Write a number, 0 for none."), NumberRange(0, MOST_PIECES, "At least 0.")],
    )


class StepForm(HouseForm):
    """What is written when something is sent or issued."""

    tracking = StringField("Parcel number or link", [Length(max=200)])
    card_code = StringField("Code of the card or credit", [Length(max=120)])
