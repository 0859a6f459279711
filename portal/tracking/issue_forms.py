"""Forms for making codes, for wishes, and for a program's own way with codes and links."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, DecimalField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.kernel import clock, currencies
from portal.tracking.issue_models import PATTERN_CHARACTERS
from portal.tracking.validity_rules import Validity
from portal.web.forms import HouseForm, SelectChoice

FILE_BYTES = 5_000_000


class WholeNumber(IntegerField):
    """A whole number; anything else is told in words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([value.replace(",", "") for value in valuelist])
        except ValueError:
            raise ValueError("Write a whole number.") from None


def days_of(
    begins: datetime | None, ends: datetime | None, use_limit: int | None, zone: str
) -> dict[str, Any]:
    """A validity as the form's own values: the last day is the one before its end."""
    local, moment = ZoneInfo(zone), timedelta(microseconds=1)
    return {
        "from_on": begins.astimezone(local).date() if begins else None,
        "until_on": (ends - moment).astimezone(local).date() if ends else None,
        "use_limit": use_limit,
    }


class DaysForm(HouseForm):
    """From which day, until which, and how often a code may be used; all of it may be left open."""

    from_on = DateField("First day", validators=[Optional()])
    until_on = DateField("Last day", validators=[Optional()])
    use_limit = WholeNumber("Orders at most", validators=[Optional()])

    def validity(self, zone: str) -> Validity:
        """What was typed, as instants; the last day counts whole, in the brand's zone."""
        first, last = self.from_on.data, self.until_on.data
        return Validity(
            clock.start_of_day(first, zone) if first else None,
            clock.start_of_day(last + timedelta(days=1), zone) if last else None,
            self.use_limit.data,
        )


class BatchForm(DaysForm):
    """Many codes: for every ambassador of a program, or for a pool."""

    program = SelectField("Program", choices=[])
    kind = RadioField(
        "Whom they are for",
        choices=[
            SelectChoice("ambassadors", "One more for every active ambassador"),
            SelectChoice("pool", "A pool, to hand out later"),
        ],
        validators=[InputRequired("Choose whom the codes are for.")],
    )
    pattern = StringField(
        "Pattern",
        validators=[InputRequired("Write a pattern."), Length(max=PATTERN_CHARACTERS)],
    )
    discount = DecimalField(
        "Discount, in percent",
        validators=[InputRequired("Write a percentage, 0 for none."),
                    NumberRange(0, 100, "Between 0 and 100 percent.")],
        places=2,
    )  # fmt: skip
    count = WholeNumber("How many, for a pool", validators=[Optional()])
    pool_name = StringField("Name of the pool", validators=[Length(max=80)])

    @property
    def discount_bp(self) -> int:
        return currencies.half_up((self.discount.data or Decimal(0)) * 100)


class ImportForm(HouseForm):
    """Codes that the shop made, from a file."""

    program = SelectField("Program", choices=[])
    pool_name = StringField(
        "Name of the pool", validators=[InputRequired("Give the pool a name."), Length(max=80)]
    )
    discount = DecimalField(
        "Discount the shop gives, in percent",
        validators=[InputRequired("Write a percentage, 0 for none."),
                    NumberRange(0, 100, "Between 0 and 100 percent.")],
        places=2,
    )  # fmt: skip
    file = FileField("File", validators=[FileRequired("Choose the file with the codes.")])

    @property
    def discount_bp(self) -> int:
        return currencies.half_up((self.discount.data or Decimal(0)) * 100)

    def text(self) -> str:
        """The file as text, at most FILE_BYTES of it."""
        raw: bytes = self.file.data.read(FILE_BYTES)
        return raw.decode("utf-8-sig", "replace").replace("\0", "")


class WishForm(HouseForm):
    """A creator's wish for a code of her own choice."""

    program = SelectField("Program", choices=[])
    wanted = StringField(
        "Code you would like",
        validators=[InputRequired("Write the code you would like."), Length(max=40)],
    )
    why = StringField("Why", validators=[Length(max=300)])


class ApproveForm(HouseForm):
    """What happens to the present code when a wish is granted."""

    old = SelectField(
        "Her present code",
        choices=[SelectChoice("7", "goes on for 7 days"), SelectChoice("30", "goes on for 30 days"),
                 SelectChoice("0", "stops at once"), SelectChoice("keep", "stays as well")],
    )  # fmt: skip

    @property
    def grace_days(self) -> int | None:
        return None if self.old.data == "keep" else int(self.old.data)


class DeclineForm(HouseForm):
    """Why a wish is declined."""

    answer = StringField(
        "Reason", validators=[InputRequired("Say why: the creator reads it."), Length(max=300)]
    )


class SettingsForm(HouseForm):
    """A program's own way with codes and links."""

    pattern = StringField("Pattern of codes", validators=[Length(max=PATTERN_CHARACTERS)])
    pool = SelectField("Codes of approved creators", choices=[])
    utm_source = StringField("utm_source", validators=[Length(max=80)])
    utm_medium = StringField("utm_medium", validators=[Length(max=80)])
    utm_campaign = StringField("utm_campaign", validators=[Length(max=80)])
    utm_content = StringField("utm_content", validators=[Length(max=80)])
    utm_term = StringField("utm_term", validators=[Length(max=80)])


class SiteForm(HouseForm):
    """A site that links may lead to."""

    site = StringField("Site", validators=[InputRequired("Write a site."), Length(max=300)])


class WordForm(HouseForm):
    """A word that no code may hold."""

    word = StringField("Word", validators=[InputRequired("Write a word."), Length(max=40)])
