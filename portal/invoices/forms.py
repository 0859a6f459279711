"""Who stands on invoices."""

from wtforms import BooleanField, DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from portal.invoices.models import ADDRESS_CHARACTERS, NAME_CHARACTERS
from portal.web.formatting import country_choices
from portal.web.forms import HouseForm, SelectChoice


class DetailsForm(HouseForm):
    """One side of an invoice."""

    legal_name = StringField(
        "Legal name", [DataRequired("Write the name as it stands on invoices."),
                       Length(max=NAME_CHARACTERS)],
    )  # fmt: skip
    address = TextAreaField(
        "Address", [DataRequired("Write the address."), Length(max=ADDRESS_CHARACTERS)]
    )
    country = SelectField("Country", choices=[SelectChoice(*one) for one in country_choices()])
    vat_number = StringField("VAT number", [Length(max=24)])

    def details(self) -> dict[str, str]:
        """What was typed, for the commands."""
        names = ("legal_name", "address", "country", "vat_number")
        return {name: getattr(self, name).data or "" for name in names}


class IssuerForm(DetailsForm):
    """The brand's side."""

    vat_rate = DecimalField(
        "Standard VAT rate of this country, in percent",
        [Optional(), NumberRange(0, 30, "Write a rate between 0 and 30 percent.")],
    )
    writes = BooleanField("Write invoices for creators who agreed to it")

    @property
    def rate_bp(self) -> int:
        """The rate in basis points."""
        return int((self.vat_rate.data or 0) * 100)
