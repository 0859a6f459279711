"""What the pages of rewards ask."""

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from portal.bonuses import rules as goal_rules
from portal.bonuses import wording as goals
from portal.bonuses.models import Metric, Window
from portal.kernel.errors import InvalidInput
from portal.rewards.models import Occasion, RewardKind
from portal.rewards.promise_commands import JOINING, Reached
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


class PromiseForm(HouseForm):
    """What a program gives by itself. `currency_code` is set by the door."""

    currency_code = "USD"

    program = SelectField("Program", choices=[])
    occasion = RadioField(
        "To whoever",
        choices=[
            SelectChoice(Occasion.JOINED.value, "joins: once, when the agreement is accepted"),
            SelectChoice(Occasion.REACHED.value, "reaches a goal"),
        ],
        default=Occasion.JOINED.value,
    )
    metric = SelectField(
        "What counts",
        choices=[SelectChoice(one.value, said) for one, said in goals.METRICS.items()],
    )
    threshold = StringField("Goal", [Optional(), AmountInput(1, 10**14)], filters=[bare_amount])
    window = SelectField(
        "Counted over",
        choices=[SelectChoice(one.value, said) for one, said in goals.WINDOWS.items()],
    )
    repeats = BooleanField("Again in every month, quarter or year")
    item = SelectField("Gives", choices=[])
    quantity = IntegerField("How many", [InputRequired("Write a number."), PIECES], default=1)

    def goal(self) -> Reached:
        """The goal that was typed. Raises InvalidInput for none, or pieces that are not whole."""
        if self.occasion.data == Occasion.JOINED.value:
            return JOINING
        typed, metric = self.threshold.data or "", Metric(self.metric.data)
        if not typed:
            raise InvalidInput("threshold", "Write what has to be reached, such as 10.")
        threshold = goal_rules.threshold_of(typed, metric, self.currency_code)
        return Reached(metric, threshold, Window(self.window.data), bool(self.repeats.data))


class StepForm(HouseForm):
    """What is written when something is sent or issued."""

    tracking = StringField("Parcel number or link", [Length(max=200)])
    card_code = StringField("Code of the card or credit", [Length(max=120)])
