"""R92, R101, R103: names, numbers, when a form lapses, what it lacks."""

from datetime import date

import pytest

from portal.kernel.errors import InvalidInput
from portal.tax import form_rules
from portal.tax.form_rules import Doubt, FormFacts, Who
from portal.tax.models import FormKind, FormState, FormStatus, TinKind

TODAY = date(2026, 3, 2)
W9 = {
    "name": "Ada Example", "classification": "individual", "street": "1 Main St",
    "city": "Portland", "region": "OR", "postcode": "97201", "tin_kind": "ssn",
    "tin": "536-90-4399",
}  # fmt: skip


def state(**facts):
    known = {"status": FormStatus.SUBMITTED, "has_doubts": False, "expires_on": None,
             "is_accepted": None, **facts}  # fmt: skip
    by_hand = known.pop("checks_by_hand", False)
    return form_rules.state_of(FormFacts(**known), TODAY, checks_by_hand=by_hand)


def test_R101_two_answers_lead_to_the_form():
    assert form_rules.kind_for(is_us=True, who=Who.PERSON) is FormKind.W9
    assert form_rules.kind_for(is_us=True, who=Who.COMPANY) is FormKind.W9
    assert form_rules.kind_for(is_us=False, who=Who.PERSON) is FormKind.W8BEN
    assert form_rules.kind_for(is_us=False, who=Who.COMPANY) is FormKind.W8BENE


def test_R101_a_w8_lapses_at_the_end_of_the_third_calendar_year():
    assert form_rules.expires_on(FormKind.W8BEN, date(2026, 1, 1)) == date(2029, 12, 31)
    assert form_rules.expires_on(FormKind.W8BEN, date(2026, 12, 31)) == date(2029, 12, 31)
    assert form_rules.expires_on(FormKind.W9, TODAY) is None


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2029, 11, 1), 60),
        (date(2029, 10, 31), None),
        (date(2029, 12, 17), 14),
        (date(2029, 12, 31), 14),
        (date(2030, 1, 1), 0),
    ],
)
def test_R101_reminders_60_and_14_days_before_and_on_the_day(today, due):
    assert form_rules.reminder_due(date(2029, 12, 31), today) == due


def test_the_states_of_a_form():
    assert form_rules.state_of(None, TODAY, checks_by_hand=False) is FormState.NEEDED
    assert state(status=FormStatus.DRAFT) is FormState.DRAFT
    assert state() is FormState.ACCEPTED
    assert state(has_doubts=True) is FormState.CHECKING
    assert state(checks_by_hand=True) is FormState.CHECKING
    assert state(has_doubts=True, is_accepted=True) is FormState.ACCEPTED
    assert state(is_accepted=False) is FormState.REJECTED
    assert state(expires_on=TODAY) is FormState.EXPIRING
    assert state(expires_on=date(2026, 5, 1)) is FormState.EXPIRING
    assert state(expires_on=date(2026, 5, 2)) is FormState.ACCEPTED
    assert state(expires_on=date(2026, 3, 1)) is FormState.EXPIRED
    assert state(expires_on=date(2026, 3, 1), has_doubts=True) is FormState.EXPIRED


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ada Lovelace", "LOVELACE, Ada", True),
        ("José Álvarez", "Jose Alvarez", True),
        ("Ada King Lovelace", "Ada Lovelace", True),
        ("Ada Lovelace", "Ada", False),
        ("Ada Lovelace", "Ada Byron", False),
        ("", "Ada", False),
    ],
)
def test_R92_the_same_name_in_other_spelling(one, other, same):
    assert form_rules.names_match(one, other) is same


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (TinKind.SSN, "536-90-4399", "536904399"),
        (TinKind.ITIN, "912-90-3456", "912903456"),
        (TinKind.EIN, "91-1144442", "911144442"),
        (TinKind.VAT, "DE136695976", "DE136695976"),
        (TinKind.FOREIGN, "046 454 286", "046454286"),
    ],
)
def test_R102_a_number_is_checked_for_its_kind(kind, typed, kept):
    assert form_rules.checked_tin(kind, typed, "CA") == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (TinKind.SSN, "000-12-3456"),
        (TinKind.SSN, "12345"),
        (TinKind.ITIN, "123-45-6789"),
        (TinKind.EIN, "07-1144442"),
        (TinKind.VAT, "DE136695977"),
        (TinKind.FOREIGN, "12"),
    ],
)
def test_R102_a_number_that_cannot_be_is_refused_in_words(kind, typed):
    with pytest.raises(InvalidInput) as refusal:
        form_rules.checked_tin(kind, typed, "CA")
    assert refusal.value.field == "tin"
    assert refusal.value.message.endswith(".")


def test_R103_only_the_last_four_are_shown():
    assert form_rules.last_four("536-90-4399") == "4399"
    assert form_rules.last_four("12345") == "45"
    assert form_rules.last_four("") == ""


def test_what_a_form_lacks_is_said_field_by_field():
    assert form_rules.problems_of(FormKind.W9, W9, "Ada Example", TODAY) == []
    wrong = form_rules.problems_of(FormKind.W9, {}, "", TODAY)
    assert {one.field for one in wrong} >= {"name", "street", "tin", "signed_name"}
    signed = form_rules.problems_of(FormKind.W9, W9, "Eve Example", TODAY)
    assert [one.field for one in signed] == ["signed_name"]
    company = {**W9, "classification": "llc", "name": "Ada Films LLC"}
    assert form_rules.problems_of(FormKind.W9, company, "Ada Example", TODAY) == []


def test_a_w8_may_say_that_there_is_no_number_but_not_that_it_is_us():
    said = {"name": "Ada Example", "citizenship": "CA", "country": "CA", "street": "1 Rue",
            "city": "Quebec", "born_on": "1990-01-31"}  # fmt: skip
    assert [one.field for one in form_rules.problems_of(
        FormKind.W8BEN, said, "Ada Example", TODAY)] == ["tin"]  # fmt: skip
    none = {**said, "no_tin": "y"}
    assert form_rules.problems_of(FormKind.W8BEN, none, "Ada Example", TODAY) == []
    at_home = {**none, "country": "US"}
    assert (
        form_rules.problems_of(FormKind.W8BEN, at_home, "Ada Example", TODAY)[0].field == "country"
    )
    unborn = {**none, "born_on": "2030-01-01"}
    assert (
        form_rules.problems_of(FormKind.W8BEN, unborn, "Ada Example", TODAY)[0].field == "born_on"
    )


def test_R92_what_does_not_fit_is_looked_at_by_a_person():
    def doubts(answers, name="Ada Example", country="US"):
        return form_rules.doubts_about(
            FormKind.W9, answers, profile_name=name, profile_country=country
        )

    assert doubts(W9) == ()
    assert doubts(W9, name="Ada Films") == (Doubt.NAME,)
    assert doubts({**W9, "business": "Ada Films"}, name="Ada Films") == ()
    assert doubts(W9, country="CA") == (Doubt.COUNTRY,)
    assert doubts(W9, country="") == ()
