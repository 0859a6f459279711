"""What a brand types about recruiting, and a creator about an invitation."""

from decimal import Decimal

from wtforms import DecimalField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.kernel import currencies
from portal.kernel.money import Money
from portal.referrals import wording
from portal.referrals.models import Basis
from portal.referrals.rules import Plan
from portal.web.forms import AmountInput, HouseForm, SelectChoice

SHARE = NumberRange(0, 100, "A share is between 0 and 100.")


class PlanForm(HouseForm):
    """What recruiting pays. `currency_code` is set by the door."""

    currency_code = "USD"

    first = DecimalField(
        "To whoever invited the seller", [InputRequired("Write 0 for nothing."), SHARE]
    )
    second = DecimalField("To whoever invited her", [Optional(), SHARE])
    basis = SelectField(
        "Share of",
        choices=[SelectChoice(one.value, said) for one, said in wording.BASES.items()],
    )
    first_sale = StringField("For a recruit’s first approved sale", [Optional(), AmountInput()])
    hold_days = IntegerField(
        "Days until that is payable",
        [InputRequired("Write 0 to 120."), NumberRange(0, 120, "Choose 0 to 120 days.")],
        default=30,
    )

    def plan(self) -> Plan:
        """The plan that was typed."""
        code, typed = self.currency_code, self.first_sale.data or "0"
        return Plan(
            Basis(self.basis.data), tuple(_bp(one.data) for one in (self.first, self.second)),
            Money(currencies.to_minor(typed, code), code), self.hold_days.data or 0,
        )  # fmt: skip


class InvitationForm(HouseForm):
    """The code of an ambassador who invites."""

    code = StringField(
        "Invitation code", [InputRequired("Type the code you were given."), Length(max=20)]
    )


def _bp(share: Decimal | None) -> int:
    return int((share or Decimal(0)) * 100)
