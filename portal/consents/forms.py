"""What a brand chooses about notice."""

from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange

from portal.programs.rules import MOST_NOTICE_DAYS
from portal.web.forms import HouseForm, SelectChoice

COUNTS, KEEPS = "counts", "keeps"


class NoticeForm(HouseForm):
    """How long before a cut ambassadors are told, and what no answer means."""

    notice_days = IntegerField(
        "Notice before a cut, in days",
        [
            InputRequired("Write a number of days."),
            NumberRange(0, MOST_NOTICE_DAYS, f"Between 0 and {MOST_NOTICE_DAYS} days."),
        ],
    )
    silence = RadioField(
        "When an ambassador does not answer",
        choices=[
            SelectChoice(COUNTS, "The new terms hold for her from their date"),
            SelectChoice(KEEPS, "She keeps her present terms until she accepts"),
        ],
        validators=[InputRequired("Choose one.")],
    )
