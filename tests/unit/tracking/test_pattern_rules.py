"""Codes out of names: folding, merge fields, what a pattern may be; UTM templates."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import codes
from portal.kernel.errors import InvalidInput
from portal.tracking import pattern_rules, validity_rules
from portal.tracking.models import CodeStatus
from portal.tracking.pattern_rules import CodeFacts
from portal.tracking.validity_rules import Validity

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DIEGO = CodeFacts("Diego Fernández", "diego.f", "northlight", 1500, 2026)


@pytest.mark.parametrize(
    ("pattern", "facts", "code"),
    [
        ("{first}{discount}", DIEGO, "DIEGO15"),
        ("{first:3}{last:1}", DIEGO, "DIEF"),
        ("{name}", DIEGO, "DIEGOFERNANDEZ"),
        ("GLOW{handle}{year}", DIEGO, "GLOWDIEGOF2026"),
        ("{name}{program}{discount}", DIEGO, "DIEGOFERNORTHLIGHT15"),
        ("{first}{discount}", CodeFacts("Zoë Łuc", "zoe", "p", 1250), "ZOE"),
        ("{first}", CodeFacts("李小龍", "xiao.long", "p"), "XIAOLONG"),
        ("{first}", CodeFacts("Łukasz Ægir", "l", "p"), "LUKASZ"),
    ],
)  # fmt: skip
def test_a_pattern_filled_in(pattern, facts, code):
    assert pattern_rules.code_from(pattern, facts) == code


@given(st.text(max_size=60), st.sampled_from(["{first}{discount}", "{name}", "BF{last}{random:4}"]))
def test_R40_whatever_the_name_a_usable_code_comes_soon(name, pattern):
    facts = CodeFacts(name, "maya", "northlight", 1500, 2026)
    ideas = list(islice(pattern_rules.ideas_from(pattern, facts), 4))
    assert len(set(ideas)) == 4
    assert all(codes.is_well_formed(one) for one in ideas)


@pytest.mark.parametrize(
    "pattern", ["", "{nope}", "A B!", "HI-{first}", "{random:19}", "X" * 19, "FUCK{first}"]
)
def test_what_no_pattern_can_be(pattern):
    with pytest.raises(InvalidInput):
        pattern_rules.checked_pattern(pattern)


def test_a_pattern_is_kept_in_upper_case_with_its_fields_as_they_are():
    assert pattern_rules.checked_pattern(" glow {first}x ") == "GLOW{first}X"
    assert pattern_rules.checked_pattern("p{random:6}", for_pool=True) == "P{random:6}"


def test_blocked_words_are_read_as_a_tired_eye_does():
    assert pattern_rules.blocking_word("B1OOM5", ["BLOOM"]) == "BLOOM"
    assert pattern_rules.blocking_word("GLOW", ["BLOOM"]) == ""


def test_utm_templates():
    kept = pattern_rules.checked_utm({"utm_source": " {handle} ", "utm_term": "", "x": "y"})
    assert kept == {"utm_source": "{handle}"}
    for value in ("{nope}", "{handle", "a" * 81, "a\nb"):
        with pytest.raises(InvalidInput):
            pattern_rules.checked_utm({"utm_source": value})
    filled = pattern_rules.utm_from(
        {"utm_campaign": "{program} {label}", "utm_content": "{channel}"},
        {"program": "glow", "label": "Mug"},
    )
    assert filled == {"utm_campaign": "glow Mug"}


def test_what_lies_ahead_of_a_code():
    day = timedelta(days=1)
    whole = Validity(NOW + day, NOW + 3 * day)

    def ahead(status, validity, **more):
        found = validity_rules.changes_ahead(status, validity, NOW, is_activated=True, **more)
        return [(at - NOW, word.value) for at, word, _ in found]

    assert ahead(CodeStatus.RESERVED, whole) == [(day, "active"), (3 * day, "expired")]
    assert ahead(CodeStatus.PAUSED, whole) == [(3 * day, "expired")]
    assert ahead(CodeStatus.REPLACED, whole, grace_ends_at=NOW + 2 * day) == [(2 * day, "retired")]
    assert ahead(CodeStatus.REPLACED, whole, grace_ends_at=NOW + 4 * day) == [(3 * day, "expired")]
    assert ahead(CodeStatus.RETIRED, whole) == []
    assert validity_rules.changes_ahead(CodeStatus.RESERVED, whole, NOW, is_activated=False) == []
