"""Whose VAT, at which rate, with which words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.eu import vat as eu_vat

from portal.invoices.models import VatCase
from portal.invoices.rules import (
    Billed,
    Party,
    checked_vat_number,
    credits_of,
    last_day_from,
    vat_of,
)
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.tax.rules import EU

NET = Money.of("100.00 EUR")
DE, DE_TOO, FR = (
    Party("DE", "DE136695976"),
    Party("DE", "DE999999999"),
    Party("FR", "FR40303265045"),
)
GB, GB_TOO = Party("GB", "GB980780684"), Party("GB", "GB999999999")
NOBODY = Party("DE", "")


@pytest.mark.parametrize(
    ("issuer", "supplier", "case", "vat", "note"),
    [
        (DE, DE_TOO, VatCase.DOMESTIC, 2000, "Self-billing"),
        (GB, GB_TOO, VatCase.DOMESTIC, 2000, "The VAT shown is your output tax due to HMRC"),
        (DE, FR, VatCase.REVERSE_CHARGE, 0, "Reverse charge"),
        (DE, NOBODY, VatCase.UNREGISTERED, 0, "The supplier is not registered for VAT"),
        (NOBODY, DE_TOO, VatCase.OUTSIDE, 0, "Self-billing"),
        (GB, FR, VatCase.OUTSIDE, 0, "Self-billing"),
        (Party("US", "12"), FR, VatCase.OUTSIDE, 0, "Self-billing"),
    ],
)
def test_R107_each_case_has_its_vat_and_its_words(issuer, supplier, case, vat, note):
    found = vat_of(NET, issuer, supplier, 2000)
    assert (found.case, found.amount.minor, note in found.notes) == (case, vat, True)
    assert found.notes[0] == "Self-billing"


def test_R107_domestic_vat_comes_on_top():
    found = vat_of(NET, DE, DE_TOO, 2000)
    assert NET + found.amount == Money.of("120.00 EUR")


@given(st.integers(-(10**9), 10**9).filter(bool), st.integers(0, 3000))
def test_R108_a_credit_note_takes_back_exactly_the_vat_of_its_invoice(minor, rate):
    one, back = (vat_of(Money(sign * minor, "EUR"), DE, DE_TOO, rate).amount for sign in (1, -1))
    assert one == -back


def test_R106_an_agreement_lasts_twelve_months_at_most():
    assert last_day_from(date(2026, 3, 2)) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [("DE", "DE 136 695 976", "DE136695976"), ("DE", "136695976", "DE136695976"),
     ("GB", "gb980 7806 84", "GB980780684"), ("GR", "EL094259216", "EL094259216"),
     ("US", "12-3456789", "123456789"), ("DE", "", ""), ("CH", "CHE-107.787.577", "CHE107787577")],
)  # fmt: skip
def test_a_vat_number_is_kept_in_one_form(country, typed, kept):
    assert checked_vat_number(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "typed"), [("DE", "136695977"), ("GB", "1"), ("FR", "DE136695976")]
)
def test_a_wrong_vat_number_is_refused_in_words(country, typed):
    with pytest.raises(InvalidInput, match="is not a VAT number of this country"):
        checked_vat_number(country, typed)


def test_the_union_is_whose_vat_numbers_the_library_knows():
    known = {"GR" if one == "el" else one.upper() for one in eu_vat.MEMBER_STATES}
    assert known - {"XI"} == EU  # Northern Ireland trades as the union does, and is none of it


def test_R108_what_is_credited_in_parts_ends_at_zero_vat():
    def euro(minor):
        return Money(minor, "EUR")

    one = Billed(
        1, 1, euro(10_000), euro(2_000), euro(10_000), euro(2_000), 2_000, VatCase.DOMESTIC
    )
    taken = []
    for part in (3_333, 3_333, 3_334):
        (credit,) = credits_of(euro(-part), [one])
        taken.append(credit.vat.minor)
        one = one.less(credit.net, credit.vat)
    assert taken == [667, 666, 667]
    assert (one.open_net.minor, one.open_vat.minor) == (0, 0)
    (rest,) = credits_of(euro(-100), [one])
    assert (rest.vat.minor, rest.billed) == (0, None)
