"""How codes are spelled and kept apart, and where a link may lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.tracking import rules
from portal.tracking.models import CodeStatus, LinkStatus

HOSTS = ("glow.example", "localhost:8000")


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("Maya Lindqvist", "MAYA15", "MAYAL15"),
        ("Diego Fernández", "DIEGO15", "DIEGOF15"),
        ("Łukasz Żółć", "LUKASZ15", "LUKASZZ15"),
        ("Björk Guðmundsdóttir", "BJORK15", "BJORKG15"),
        ("  jean-luc   o’neil ", "JEANLUC15", "JEANLUCO15"),
        ("Straße Weiß", "STRASSE15", "STRASSEW15"),
    ],
)
def test_codes_are_the_name_and_the_percentage(name, first, second):
    assert list(rules.code_ideas(name, 1500))[:2] == [first, second]


@pytest.mark.parametrize("name", ["李小龙", "Ω", "", "🦊", "X"])
def test_a_name_without_enough_latin_letters_gets_eight_random_symbols(name):
    ideas = list(rules.code_ideas(name, 1500, randoms=3))
    assert len(ideas) == 3
    assert all(len(idea) == 8 and set(idea) <= set(codes.CODE_SYMBOLS) for idea in ideas)


@given(st.text(max_size=60), st.integers(0, 10_000))
def test_R40_every_idea_is_well_formed_and_decent(name, discount_bp):
    ideas = list(rules.code_ideas(name, discount_bp))
    assert len(ideas) >= 15
    assert all(codes.is_well_formed(idea) and not rules.is_blocked(idea) for idea in ideas)


@pytest.mark.parametrize("typed", ["ab", "A B C", "MÜLLER15", "X" * 21, "ADA-15", "", "ADA15;--"])
def test_R40_a_wished_code_has_three_to_twenty_letters_and_digits(typed):
    with pytest.raises(InvalidInput):
        rules.check_code(typed)


def test_R40_a_code_is_trimmed_and_raised():
    assert rules.check_code(" ada15 ") == "ADA15"
    assert rules.check_code("ＡＤＡ15") == "ADA15"  # full-width letters are the same letters (NFKC)


@pytest.mark.parametrize(
    "code", ["ADMIN", "TEST15", "FREESHIP", "SH1T15", "FUCKYEAH", "A55H0LE9", "SEX10"]
)
def test_promises_and_rude_words_are_refused(code):
    assert rules.is_blocked(code)


@pytest.mark.parametrize("code", ["CASSANDRA15", "DICKSON10", "ESSEX15", "TESTAROSSA9", "HELLEN15"])
def test_decent_names_that_contain_them_are_not(code):
    assert not rules.is_blocked(code)


def test_codes_that_read_alike_are_one():
    assert rules.lookalike("MAYAI5") == rules.lookalike("MAYA15") == rules.lookalike("MAYAL5")
    assert rules.lookalike("OTTO10") == rules.lookalike("0TTO1O")


def test_R42_the_random_part_has_thirty_one_symbols_and_eight_of_them():
    assert len(set(codes.CODE_SYMBOLS)) == 31
    assert not set("01OIL") & set(codes.CODE_SYMBOLS)
    assert rules.RANDOM_SYMBOLS >= 8


def test_R38_R43_the_status_is_that_of_the_instant():
    with clock.at("2026-01-01T00:00Z"):
        start = clock.now()
    changes = [
        (start, CodeStatus.RESERVED),
        (start.replace(day=5), CodeStatus.ACTIVE),
        (start.replace(day=9), CodeStatus.PAUSED),
    ]
    at = {day: rules.standing_of(changes, start.replace(day=day)) for day in (1, 4, 5, 8, 9, 20)}
    assert [word.value for word in at.values()] == [
        "reserved",
        "reserved",
        "active",
        "active",
        "paused",
        "paused",
    ]
    assert rules.standing_of(changes, start.replace(year=2025)) is None


# ---- R55
@pytest.mark.parametrize(
    "url",
    [
        "//evil.example", "/\\evil.example", "https:evil.example", "https://glow.example@evil.example/",
        "https://evil.example/", "https://glow.example.evil.example/", "javascript:alert(1)",
        "data:text/html,x", "https://glow.example%2f@evil.example/", "https://glow.example%40evil.example",
        "https://glow.example\r\nSet-Cookie: a=b", "https://glow.example/\tx", "https://glöw.example/",
        "https://user:secret@glow.example/", "https://glow.example\\@evil.example/", "http://glow.example/",
        "https://glow.example:8443/", "https://glow.example./", "https://", "", "glow.example",
        "https://[::1/", "https://glow.example:99999/", "https://glow.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_R55_a_link_leads_only_to_allowed_hosts(url):
    with pytest.raises(InvalidInput):
        rules.checked_destination(url, HOSTS)


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://glow.example", "https://glow.example/"),
        ("https://GLOW.example/Roast?size=1kg#buy", "https://glow.example/Roast?size=1kg#buy"),
        ("https://www.glow.example/café?q=ü", "https://www.glow.example/caf%C3%A9?q=%C3%BC"),
        ("http://localhost:8000/demo/shop", "http://localhost:8000/demo/shop"),
    ],
)
def test_R55_an_allowed_address_is_stored_plainly(url, stored):
    assert rules.checked_destination(url, HOSTS) == stored
    assert rules.checked_destination(stored, HOSTS) == stored


@given(st.text(max_size=80))
def test_R55_whatever_passes_is_on_an_allowed_host(text):
    for url in (text, f"https://{text}", f"https://glow.example{text}", f"https:{text}"):
        try:
            stored = rules.checked_destination(url, HOSTS)
        except InvalidInput:
            continue
        head = stored.split("/")[2]
        assert head in (
            "glow.example",
            "www.glow.example",
            "glow.example:443",
            "localhost:8000",
            "www.glow.example:443",
            "www.localhost:8000",
        ), url
        assert stored.isascii()
        assert stored.isprintable()


def test_the_moves_are_those_of_UX_6_7_and_6_8():
    for status in CodeStatus:
        for action in ("activate", "pause", "replace", "retire"):
            if (status, action) in rules.CODE_MOVES:
                rules.next_code_status(status, action)
            else:
                with pytest.raises(Conflict):
                    rules.next_code_status(status, action)
    with pytest.raises(Conflict, match="retired"):
        rules.next_code_status(CodeStatus.RETIRED, "activate")
    with pytest.raises(Conflict, match="retired"):
        rules.next_link_status(LinkStatus.RETIRED, "activate")
