"""What the interface says of a message it cannot use: which field, and what belongs there."""

import json

import pytest
from pydantic import ValidationError

from portal.api import wording
from portal.api.order_shapes import ConversionsAsked, ConversionTold
from portal.api.people_shapes import LinkTold, ReportAsked

PLAIN = {"order_id": "1", "subtotal": {"amount_minor": 8000, "currency": "USD"}}


def said(shape, message):
    """{field: sentence} of everything wrong with a message."""
    written = message if isinstance(message, str) else json.dumps(message)
    is_body = shape is ConversionTold
    with pytest.raises(ValidationError) as wrong:
        shape.model_validate_json(written) if is_body else shape.model_validate(message)
    return dict(wording.faults(wrong.value, shape))


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"vclid": "1"}, "vclid", "There is no such field. It is called click_id here."),
        ({"code": "A"}, "code", "There is no such field. It is called codes here."),
        ({"email": "e"}, "email", "There is no such field. It is called customer.email here."),
        ({"is_payed": True}, "is_payed", "There is no such field. The nearest one is is_paid."),
        ({"foo": 1}, "foo", "Known here are order_id, subtotal, order_number"),
        ({"subtotal": PLAIN["subtotal"] | {"vat": 1}}, "subtotal.vat",
         "Known here are amount_minor and currency."),
        ({"lines": [{"title": "T", "amount": PLAIN["subtotal"], "qty": 1}]}, "lines.0.qty",
         "Known here are title, amount, quantity"),
        ({"order_id": 5}, "order_id", "Write it as text in quotes."),
        ({"order_id": ""}, "order_id", "This may not be empty."),
        ({"order_id": "x" * 121}, "order_id", "Write at most 120 characters."),
        ({"order_id": "a\nb"}, "order_id", "Leave out line breaks"),
        ({"subtotal": {"amount_minor": 12.5, "currency": "USD"}}, "subtotal.amount_minor",
         "amounts are in minor units, so 12.50 is 1250."),
        ({"subtotal": {"amount_minor": "80", "currency": "USD"}}, "subtotal.amount_minor",
         "Write a whole number, without quotes."),
        ({"subtotal": {"amount_minor": -1, "currency": "USD"}}, "subtotal.amount_minor",
         "The smallest value is 0."),
        ({"subtotal": {"amount_minor": 10**13, "currency": "USD"}}, "subtotal.amount_minor",
         "The largest value is 999,999,999,999."),
        ({"subtotal": {"amount_minor": 1, "currency": "usd"}}, "subtotal.currency",
         "three capital letters, such as USD."),
        ({"subtotal": 80}, "subtotal", "Write an object in curly brackets."),
        ({"codes": "ADA"}, "codes", "Write a list in square brackets."),
        ({"codes": ["A"] * 21}, "codes", "Give at most 20 of them."),
        ({"is_test": 1}, "is_test", "Write true or false, without quotes."),
        ({"placed_at": "2026-03-02T09:00:00"}, "placed_at", "Say the zone too"),
        ({"placed_at": "2026-13-02T09:00:00Z"}, "placed_at", "There is no such moment"),
        ({"placed_at": 5}, "placed_at", "Write it as 2026-03-02T09:00:00Z."),
    ],
)  # fmt: skip
def test_a_field_is_named_with_what_belongs_there(more, field, sentence):
    assert sentence in said(ConversionTold, {**PLAIN, **more})[field]


def test_what_is_missing_is_named():
    assert said(ConversionTold, {}) == {
        "order_id": "This field is missing.", "subtotal": "This field is missing."
    }  # fmt: skip


def test_no_object_and_no_json():
    assert said(ConversionTold, []) == {"": "Write an object in curly brackets."}
    assert said(ConversionTold, "{") == dict(wording.NO_JSON)


@pytest.mark.parametrize(
    ("shape", "query", "field", "sentence"),
    [
        (ConversionsAsked, {"status": "eaten"}, "status", "Write one of these: open, paid,"),
        (ConversionsAsked, {"limit": "201"}, "limit", "The largest value is 200."),
        (ReportAsked, {"day_from": "2026-02-30", "day_until": "2026-03-01"}, "day_from",
         "There is no such day"),
        (LinkTold, {"ambassador": "a", "url": "x"}, "url", "It is called destination_url here."),
    ],
)  # fmt: skip
def test_a_query_is_spoken_of_in_the_same_words(shape, query, field, sentence):
    assert sentence in said(shape, query)[field]


def test_no_sentence_speaks_as_the_library_does():
    for field in ConversionTold.model_fields:
        for value in (None, 5, 5.5, "", [], {}, True, "x" * 999):
            try:
                ConversionTold.model_validate_json(json.dumps(PLAIN | {field: value}))
            except ValidationError as wrong:
                for _, sentence in wording.faults(wrong, ConversionTold):
                    assert not {"Input", "should", "valid", "Extra"} & set(sentence.split())
                    assert sentence.endswith(".")


def test_a_name_that_was_made_up_is_said_back_short_and_without_nul():
    made_up = said(ConversionTold, PLAIN | {"a\0b": 1, "x" * 5000: 1})
    assert list(made_up) == ["a\ufffdb", "x" * 60]
