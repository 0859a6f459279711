"""What a creator types about where her money goes: shape and wording only."""

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.creators.models import Rail
from portal.web.forms import HouseForm

LONG = Length(max=120, message="Use at most 120 characters.")


class BankForm(HouseForm):
    """A bank account in the SEPA area."""

    holder = StringField("Account holder", [DataRequired("Write the holder’s name."), LONG])
    iban = StringField("IBAN", [DataRequired("Write your IBAN."), Length(max=60)])
    bic = StringField("BIC", [Length(max=20)])


class PayPalForm(HouseForm):
    """A PayPal account."""

    holder = StringField("Your name at PayPal", [DataRequired("Write your name."), LONG])
    email = StringField(
        "E-mail address at PayPal", [DataRequired("Write your PayPal address."), Length(max=254)]
    )


class CreditForm(HouseForm):
    """Store credit: there is nothing to write."""


class MethodForm(HouseForm):
    """How a creator wants to be paid when by none of the rails."""

    reference = TextAreaField(
        "How the brand can pay you", [DataRequired("Write how the brand can pay you."), LONG]
    )


FORMS: dict[Rail, type[HouseForm]] = {
    Rail.SEPA: BankForm,
    Rail.PAYPAL: PayPalForm,
    Rail.CREDIT: CreditForm,
    Rail.MANUAL: MethodForm,
}
