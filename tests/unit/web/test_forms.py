"""What no form of ours may stumble over, whatever was sent by URL."""

import pytest
from flask import Flask
from wtforms import DateField, DecimalField, FieldList, Form, FormField, StringField
from wtforms.validators import NumberRange, Optional

from portal.web.forms import HouseForm


class Row(Form):
    what = StringField()


class Odd(HouseForm):
    """One of each kind that odd text can upset."""

    share = DecimalField(validators=[Optional(), NumberRange(0, 100, "Between 0 and 100.")])
    on = DateField(validators=[Optional()])
    rows = FieldList(FormField(Row), max_entries=10)


def sent(**typed):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="k", WTF_CSRF_ENABLED=False)
    with app.test_request_context(method="POST", data=typed):
        form = Odd()
        return form.validate_on_submit(), form


@pytest.mark.parametrize("typed", ["sNaN", "NaN", "-Infinity", "1e999999"])
def test_a_number_that_is_none_is_refused(typed):
    is_valid, form = sent(share=typed)
    assert (is_valid, form.share.errors) == (False, ["Between 0 and 100."])


@pytest.mark.parametrize("typed", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_that_no_zone_can_tell_is_refused(typed):
    is_valid, form = sent(on=typed)
    assert (is_valid, form.on.errors) == (False, ["Choose a day between 1900 and 2199."])


def test_the_first_and_the_last_day_are_taken():
    assert [sent(on=day)[0] for day in ("1900-01-01", "2199-12-31")] == [True, True]


@pytest.mark.parametrize("place", ["²", "٣", "9" * 5000])
def test_a_row_whose_number_is_none_is_left_out(place):
    is_valid, form = sent(**{f"rows-{place}-what": "x", "rows-7-what": "kept"})
    assert (is_valid, [row.what.data for row in form.rows]) == (True, ["kept"])
