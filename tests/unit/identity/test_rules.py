"""What roles imply, what an address must look like, when things end."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.identity import keys, passwords, rules
from portal.identity.models import Capability, InvitationStatus, SignInChallenge
from portal.kernel.errors import InvalidInput

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("granted", "amounts_to"),
    [
        (["brand.viewer"], {"brand.viewer"}),
        (["brand.reviewer"], {"brand.viewer", "brand.reviewer"}),
        (["brand.manager"], {"brand.viewer", "brand.reviewer", "brand.manager"}),
        (["brand.owner"], {"brand.viewer", "brand.reviewer", "brand.manager", "brand.owner"}),
        (["finance.preparer"], {"finance.preparer"}),
        (["finance.approver"], {"finance.approver"}),
        (["finance.approver", "brand.viewer"], {"finance.approver", "brand.viewer"}),
        ([], set()),
    ],
)
def test_a_higher_role_implies_the_lower_ones_and_finance_only_itself(granted, amounts_to):
    assert rules.implied(granted) == amounts_to


def test_an_unknown_role_is_a_programming_mistake():
    with pytest.raises(ValueError, match="operator"):
        rules.implied(["operator"])


@pytest.mark.parametrize("typed", ["maya@example.com", " Maya@Example.COM ", "a.b+c@d-e.co.uk"])
def test_addresses_are_stored_in_small_letters(typed):
    assert rules.email_of(typed) == typed.strip().lower()


@pytest.mark.parametrize(
    "typed", ["", "maya", "maya@", "@x.co", "a b@x.co", "a@b", "a@b..co", "<a@b.co>", "a@b.co,c@d.co",
              "a@b.co\nBcc: x@y.co", "x" * 250 + "@y.co"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(InvalidInput, match="e-mail address"):
        rules.email_of(typed)


def test_names_lose_idle_spaces_and_must_not_be_empty():
    assert rules.name_of("  Maya   Lindqvist ") == "Maya Lindqvist"
    with pytest.raises(InvalidInput):
        rules.name_of("   ")
    with pytest.raises(InvalidInput):
        rules.name_of("x" * 121)


@pytest.mark.parametrize("slug", ["glow", "north-light", "a1"])
def test_slugs_that_can_stand_in_a_url(slug):
    rules.check_slug(slug)


@pytest.mark.parametrize("slug", ["", "a", "Glow", "-glow", "glow-", "gl ow", "x" * 61])
def test_slugs_that_cannot(slug):
    with pytest.raises(InvalidInput):
        rules.check_slug(slug)


def test_passwords_are_judged_by_length_alone():
    rules.check_password("a" * 10)
    for wrong in ("a" * 9, "a" * 201):
        with pytest.raises(InvalidInput):
            rules.check_password(wrong)


def test_a_code_has_six_digits_and_depends_on_the_challenge():
    keys.configure("k" * 40)
    one, other = (rules.code_from(keys.derived("sign-in-code", name)) for name in ("a", "b"))
    assert one != other
    assert all(len(code) == 6 and code.isdecimal() for code in (one, other))
    assert rules.code_from(bytes(32)) == "000000"


def test_a_code_depends_on_the_installation():
    keys.configure("k" * 40)
    here = keys.derived("sign-in-code", "a")
    keys.configure("l" * 40)
    assert here != keys.derived("sign-in-code", "a")


@pytest.mark.parametrize("typed", ["402917", " 402 917 ", "402-917", "402\u00a0917"])
def test_a_code_may_be_typed_as_mails_show_it(typed):
    assert rules.same_code("402917", typed)


@pytest.mark.parametrize("typed", ["", "402918", "40291", "4029170", "４０２９１７"])
def test_other_codes_are_wrong(typed):
    assert not rules.same_code("402917", typed)


def test_a_session_ends_by_idling_or_by_age():
    assert not rules.is_session_over(NOW, NOW, NOW + timedelta(days=14, seconds=-1))
    assert rules.is_session_over(NOW, NOW, NOW + timedelta(days=14))
    lively = NOW + timedelta(days=29)
    assert not rules.is_session_over(NOW, lively, NOW + timedelta(days=30, seconds=-1))
    assert rules.is_session_over(NOW, lively, NOW + timedelta(days=30))


def test_a_fresh_proof_holds_five_minutes():
    assert not rules.has_stepped_up(None, NOW, 5)
    assert rules.has_stepped_up(NOW - timedelta(minutes=5), NOW, 5)
    assert not rules.has_stepped_up(NOW - timedelta(minutes=5, seconds=1), NOW, 5)


@pytest.mark.parametrize(
    ("age_seconds", "tries", "used", "again"),
    [(29, 0, False, False), (30, 0, False, True), (1, 5, False, True), (1, 0, True, True)],
)
def test_a_second_code_waits_half_a_minute_unless_the_first_is_useless(
    age_seconds, tries, used, again
):
    newest = SignInChallenge(
        created_at=NOW - timedelta(seconds=age_seconds), tries=tries, used_at=NOW if used else None
    )
    assert rules.may_be_sent_again(newest, NOW) is again


def test_why_an_invitation_cannot_be_answered():
    later = NOW + timedelta(days=1)
    assert rules.refusal_of(InvitationStatus.SENT, later, NOW) is None
    assert "expired" in rules.refusal_of(InvitationStatus.SENT, NOW, NOW)
    for status in set(InvitationStatus) - {InvitationStatus.SENT}:
        assert rules.refusal_of(status, later, NOW)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Instagram 300.0", "Instagram on iPhone"),
        ("curl/8", "Another browser"),
        ("", "Another browser"),
    ],
)  # fmt: skip
def test_user_agents_in_words(agent, words):
    assert rules.browser_name(agent) == words


def test_passwords_match_only_themselves_and_nobody_has_none():
    passwords.cheapen()
    stored = passwords.hashed("correct horse")
    assert passwords.matches(stored, "correct horse")
    assert not passwords.matches(stored, "wrong horse")
    assert not passwords.matches(None, "nobody's password")
    assert not passwords.matches("not a hash", "correct horse")


def test_every_capability_is_in_the_words_of_the_team_page():
    from portal.identity.forms import ROLE_WORDS

    assert set(ROLE_WORDS) == set(Capability)
