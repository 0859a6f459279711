"""Codes of the app, tries, recovery codes."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.factors import rules
from portal.kernel.errors import InvalidInput

NOW = datetime(2026, 11, 22, 9, 0, 12, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HERE = rules.step_of(NOW)


def test_the_codes_are_those_of_rfc_6238():
    # The RFC's key "12345678901234567890" at 59 seconds gives 94287082: eight digits, we show six.
    assert rules.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59 // 30) == "287082"


@pytest.mark.parametrize(("aside", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True),
                                                 (2, False)])  # fmt: skip
def test_a_clock_may_be_one_step_wrong(aside, is_taken):
    code = rules.code_at(SECRET, HERE + aside)
    assert (rules.matching_step(SECRET, code, NOW, 0) == HERE + aside) is is_taken


def test_a_code_is_taken_once_and_so_are_those_before_it():
    here, before = rules.code_at(SECRET, HERE), rules.code_at(SECRET, HERE - 1)
    assert rules.matching_step(SECRET, here, NOW, HERE) is None
    assert rules.matching_step(SECRET, before, NOW, HERE) is None
    assert rules.matching_step(SECRET, rules.code_at(SECRET, HERE + 1), NOW, HERE) == HERE + 1


@pytest.mark.parametrize(("last", "is_said"), [(-2, False), (-1, True), (0, True), (1, True)])
def test_only_the_code_that_was_taken_last_is_told_so(last, is_said):
    code = rules.code_at(SECRET, HERE + last)
    assert rules.was_used_last(SECRET, code, NOW, HERE + last) is is_said
    others = {rules.code_at(SECRET, HERE + near) for near in (-1, 0, 1)} - {code}
    assert not any(rules.was_used_last(SECRET, one, NOW, HERE + last) for one in others)
    assert not rules.was_used_last(SECRET, "", NOW, HERE + last)


def test_spaces_in_a_code_do_no_harm():
    code = rules.code_at(SECRET, HERE)
    assert rules.matching_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, 0) == HERE
    assert rules.matching_step(SECRET, "", NOW, 0) is None


def test_five_wrong_codes_lock_for_a_quarter_of_an_hour():
    assert not rules.is_locked(4, NOW, NOW)
    assert rules.is_locked(5, NOW, NOW + timedelta(minutes=14))
    assert not rules.is_locked(5, NOW, NOW + timedelta(minutes=15))


def test_ten_recovery_codes_are_ten_different_ones_and_typed_as_people_type():
    codes = rules.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    typed = codes[0].upper().replace("-", " ")
    assert rules.recovery_hash(3, typed) == rules.recovery_hash(3, codes[0])
    assert rules.recovery_hash(4, codes[0]) != rules.recovery_hash(3, codes[0])


def test_the_address_for_the_app_names_the_person_and_the_portal():
    address = rules.set_up_address(SECRET, "dana@glow.example", "portal.glow.example")
    assert address.startswith("otpauth://totp/")
    assert "dana%40glow.example" in address
    assert f"secret={SECRET}" in address


def test_a_passkey_has_a_name():
    assert rules.name_of_passkey("  My   laptop ") == "My laptop"
    for bad in ("", " ", "x" * 61):
        with pytest.raises(InvalidInput):
            rules.name_of_passkey(bad)


def test_instants_go_through_numbers_and_back():
    assert rules.instant_of(rules.microseconds(NOW)) == NOW
