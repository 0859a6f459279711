"""The caption checks of R109–R113, the links and days, who may approve, and the state machines."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.briefs import offer, reading, rules
from portal.briefs.models import (
    AssignmentStatus,
    BriefStatus,
    DeliverableKind,
    SubmissionStatus,
)
from portal.briefs.offer import BriefText, Deliverable
from portal.briefs.rules import CheckKind
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REEL = Deliverable(DeliverableKind.REEL, 1, "instagram")


# ---- R110: which words disclose


@pytest.mark.parametrize(
    "caption",
    [
        "#ad Snow outside",
        "#AD Snow outside",
        "#Ad\nSnow outside",
        "Snow outside #ad",
        "Ad",
        "Ad: my morning",
        "AD my morning",
        "Ad Winter roast",
        "[ad] my morning",
        "(Ad) my morning",
        "🎁 Ad: my morning",
        "My morning. Ad. Love it",
        "Winter roast | Ad | slow pour",
        "#sponsored my morning",
        "Paid partnership with Glow",
        "paid  partnership with @glow: my morning",
        "＃ad my morning",
    ],
)
def test_r110_accepted_words_disclose(caption: str) -> None:
    assert rules.disclosure_check(caption).passed


@pytest.mark.parametrize(
    ("caption", "word"),
    [
        ("#sp my morning", "#sp"),
        ("#partner my morning", "#partner"),
        ("#collab my morning", "#collab"),
        ("#aff my morning", "#aff"),
        ("#affiliate my morning", "#affiliate"),
        ("Thanks Glow for the bag", "Thanks"),
        ("thank you @glow", "Thanks"),
    ],
)
def test_r110_weak_words_alone_do_not_disclose_and_are_named(caption: str, word: str) -> None:
    check = rules.disclosure_check(caption)
    assert not check.passed
    assert f"“{word}” alone is not enough" in check.found
    assert "#ad" in check.advice


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "My morning",
        "this ad is funny",
        "Great ad, buy it",
        "Ad campaigns are everywhere",
        "Read-ad-vice",
        "#addict #advent #notad",
        "hello#ad",
        "see https://example.com/#ad",
        "paid partnership",
        "partnership with Glow",
    ],
)
def test_r110_words_that_merely_look_alike_do_not_disclose(caption: str) -> None:
    assert not rules.disclosure_check(caption).passed


@pytest.mark.parametrize(
    "caption",
    [
        "Not an ad.",
        "this is not an #ad",
        "no #ad needed",
        "This is not a paid partnership with Glow",
    ],
)
def test_r110_a_denial_is_no_disclosure(caption: str) -> None:
    assert not rules.disclosure_check(caption).passed


def test_r110_a_weak_word_beside_an_accepted_one_does_no_harm() -> None:
    assert rules.disclosure_check("#ad #partner my morning").passed


def test_r112_brand_tags_are_never_a_substitute() -> None:
    assert not rules.disclosure_check("#frankpaidme my morning").passed
    assert not rules.disclosure_check("#GlowStyle #glowfamily").passed
    assert rules.disclosure_check("#ad #frankpaidme").passed


# ---- R111: where it stands


@pytest.mark.parametrize("before", [0, 1, 2])
def test_r111_within_the_first_three_lines(before: int) -> None:
    check = rules.disclosure_check("\n".join(["a line"] * before + ["#ad"]))
    assert check.passed
    assert check.found == f"#ad, line {before + 1}"


@pytest.mark.parametrize("filler", ["a line", "", "."])
def test_r111_the_fourth_line_is_too_late_even_when_the_others_are_empty(filler: str) -> None:
    check = rules.disclosure_check("\n".join(["start", filler, filler, "#ad"]))
    assert not check.passed
    assert check.found == "#ad only in line 4"


def test_r111_a_long_line_counts_as_the_lines_a_phone_makes_of_it() -> None:
    assert rules.disclosure_check("x" * 100 + " #ad").found == "#ad, line 2"
    assert not rules.disclosure_check("x" * 200 + " #ad").passed
    assert not rules.disclosure_check("x" * 300 + "\n#ad").passed


@pytest.mark.parametrize(
    "caption",
    [
        "#coffee #ad #morning",
        "Love it. #coffee #morning #ad",
        "Love it\n#coffee, #ad, #morning",
        "Love it #ad #coffee #morning",
    ],
)
def test_r111_not_inside_a_block_of_hashtags(caption: str) -> None:
    check = rules.disclosure_check(caption)
    assert not check.passed
    assert check.found == "#ad among other hashtags"


def test_r111_a_tag_that_opens_the_caption_is_seen_whatever_follows() -> None:
    assert rules.disclosure_check("#ad #coffee #morning #slow").passed


def test_r111_two_hashtags_are_no_block() -> None:
    assert rules.disclosure_check("Love it #ad #glow").passed


def test_r111_a_later_valid_disclosure_counts_although_one_is_buried() -> None:
    assert rules.disclosure_check("#coffee #ad #morning\nAd: from Glow").found == "Ad, line 2"


# ---- the other checks


def test_required_tags_are_whole_words_in_any_case() -> None:
    assert rules.tags_check("Slow pour @Glow.", ["@glow"]).passed
    missing = rules.tags_check("Slow pour @glowing #winterroasts", ["@glow", "#winterroast"])
    assert not missing.passed
    assert missing.found == "@glow, #winterroast missing"


def test_the_briefs_own_line_is_looked_for_word_for_word() -> None:
    assert rules.line_check("Paid  partnership with\nGlow", "paid partnership with Glow").passed
    assert not rules.line_check("#ad my morning", "Paid partnership with Glow").passed


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://www.instagram.com/reel/C9", "instagram"),
        ("https://vm.tiktok.com/Z1", "tiktok"),
        ("https://youtu.be/abc", "youtube"),
        ("https://m.youtube.com/watch?v=abc", "youtube"),
        ("https://myblog.example/winter", "other"),
        ("https://instagram.com.evil.example/p/1", "other"),
        ("instagram.com/p/1", ""),
        ("javascript:alert(1)", ""),
        ("https://a:b@instagram.com/p/1", ""),
        ("https://instagram.com/p/1 x", ""),
        ("https://[bad", ""),
        ("https://localhost/x", ""),
    ],
)
def test_a_posts_platform_is_read_from_its_host(url: str, platform: str) -> None:
    assert reading.platform_of(url) == platform


def test_the_link_leads_to_a_post_on_an_asked_channel_once() -> None:
    good = "https://www.tiktok.com/@ada/video/1"
    assert rules.link_check(good, ["tiktok"]).found == "on TikTok"
    assert rules.link_check("https://myblog.example/winter", ["tiktok", "other"]).passed
    assert rules.link_check(good, ["instagram"]).found == "not on Instagram"
    assert rules.link_check("https://www.tiktok.com/", ["tiktok"]).found == "not a post"
    assert rules.link_check("", ["tiktok"]).found == "no address"
    assert rules.link_check(good, ["tiktok"], used_before=True).found == "sent before"


def test_the_first_instant_after_the_due_day_is_late() -> None:
    assert rules.deadline_check(NOW - timedelta(seconds=1), NOW).found == "yes"
    assert rules.deadline_check(NOW - timedelta(days=3), NOW).found == "3 days early"
    assert rules.deadline_check(NOW, NOW).found == "1 day late"
    assert not rules.deadline_check(NOW, NOW).passed


def test_checks_survive_storing_and_the_disclosure_is_read_anew() -> None:
    delivered = rules.Delivered("#ad for Glow hi @glow", "https://youtu.be/a", NOW)
    asked = rules.Asked("#ad for Glow", ("@glow",), ("youtube",), NOW + timedelta(days=1))
    checks = rules.checks_of(delivered, asked)
    assert [c.kind for c in checks] == list(CheckKind)
    assert all(c.passed for c in checks)
    facts = rules.as_facts(checks)
    assert rules.from_facts(facts) == checks
    again = rules.checks_again(facts, "no longer")
    assert rules.undisclosed(again) is not None
    assert rules.failed_labels(again) == ["disclosure"]


def test_a_line_that_is_only_an_accepted_word_is_no_check_of_its_own() -> None:
    delivered = rules.Delivered("Paid partnership with Glow", "https://youtu.be/a", NOW)
    for line in ("#ad", "Ad", "#Sponsored"):
        asked = rules.Asked(line, (), (), NOW + timedelta(days=1))
        kinds = [check.kind for check in rules.checks_of(delivered, asked)]
        assert kinds == [CheckKind.DISCLOSURE, CheckKind.LINK, CheckKind.DEADLINE]


@pytest.mark.parametrize(
    ("hours", "words"),
    [(80, "Due in 3 days"), (25, "Due in 1 day"), (23, "Due today"), (0, "1 day late"),
     (-25, "2 days late")],
)  # fmt: skip
def test_how_long_there_is_in_words(hours: int, words: str) -> None:
    assert rules.due_words(NOW + timedelta(hours=hours), NOW) == words


# ---- a caption with its changes


def shown(caption: str, before: str | None = None, *quotes: tuple[int, str]) -> str:
    signs = {"": "{}", "new": "+{}+", "gone": "-{}-"}
    lines = reading.marked(caption, before, quotes)
    return "|".join(
        "".join(signs[p.change].format(p.text) + (f"<{p.place}>" if p.place else "") for p in line)
        for line in lines
    )


def test_a_caption_is_shown_line_by_line() -> None:
    assert shown("one\n\ntwo") == "one||two"
    assert shown("") == ""


def test_new_and_lost_words_are_marked_and_stay_apart() -> None:
    assert shown("#ad Snow inside", "Snow inside") == "+#ad+ Snow inside"
    assert shown("Snow @glow", "Snow #partner") == "Snow +@glow+ -#partner- "
    assert shown("Snow", "Snow coffee").replace("Snow Snow", "") == "+Snow+ -Snow coffee- "
    assert shown("one two", "one two") == "one two"


def test_quoted_words_carry_the_number_of_their_comment() -> None:
    assert shown("a slow  pour today", None, (2, "Slow pour")) == "a slow  pour<2> today"
    assert shown("a slow pour", None, (1, "not there")) == "a slow pour"


def test_a_caption_stays_whole_whatever_is_marked() -> None:
    caption, before = "#ad a b\n c d e", "a x b\n e"
    kept = [p for line in reading.marked(caption, before, [(1, "b c")]) for p in line]
    words = "".join(p.text for p in kept if p.change != "gone").split()
    assert words == caption.split()


def test_a_very_long_caption_is_shown_without_changes() -> None:
    caption = "word " * (reading.DIFF_WORDS + 1)
    assert all(not p.change for line in reading.marked(caption, "x") for p in line)


# ---- what a brief says


def text(**changes: object) -> BriefText:
    said = {"title": "Winter", "deliverables": (REEL,), "fee": Money.of("10.00 USD"),
            "due_on": date(2026, 3, 2), **changes}  # fmt: skip
    return BriefText(**said)  # type: ignore[arg-type]


def test_r109_a_brief_always_carries_a_line_that_discloses() -> None:
    offer.check_text(text(), date(2026, 3, 2), "USD")
    with pytest.raises(InvalidInput, match="R110") as refused:
        offer.check_text(text(disclosure_line="#partner"), date(2026, 3, 2), "USD")
    assert refused.value.field == "disclosure_line"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"deliverables": ()}, "deliverables"),
        ({"deliverables": (Deliverable(DeliverableKind.REEL, 0, "instagram"),)}, "deliverables"),
        ({"deliverables": (Deliverable(DeliverableKind.REEL, 21, "instagram"),)}, "deliverables"),
        ({"deliverables": (Deliverable(DeliverableKind.REEL, 1, "myspace"),)}, "deliverables"),
        ({"fee": Money.of("0.00 USD")}, "fee"),
        ({"fee": Money.of("10.00 EUR")}, "fee"),
        ({"due_on": date(2026, 3, 1)}, "due_on"),
        ({"required_tags": ("glow",)}, "required_tags"),
        ({"required_tags": ("#winter roast",)}, "required_tags"),
        ({"capacity": 0}, "capacity"),
        ({"fee_hold_days": 121}, "fee_hold_days"),
    ],
)
def test_a_brief_that_cannot_be_offered_is_refused_at_its_field(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        offer.check_text(text(**changes), date(2026, 3, 2), "USD")
    assert refused.value.field == field


def test_a_text_survives_storing() -> None:
    said = text(required_tags=("@glow",), capacity=3, fee_hold_days=7)
    assert offer.from_content(offer.as_content(said)) == said


def test_pieces_read_as_words() -> None:
    stories = Deliverable(DeliverableKind.STORY, 3, "instagram")
    post = Deliverable(DeliverableKind.POST, 1, "instagram")
    assert offer.pieces_in_words([REEL]) == "One reel"
    assert offer.pieces_in_words([stories]) == "3 stories"
    assert offer.pieces_in_words([REEL, stories, post]) == "One reel, 3 stories and one post"


# ---- who approves, what it costs


def test_above_the_limit_nobody_who_wrote_it_approves() -> None:
    limit = Money.of("100.00 USD")
    assert rules.may_approve_brief([1], 1, Money.of("100.00 USD"), limit)
    assert not rules.may_approve_brief([1], 1, Money.of("100.01 USD"), limit)
    assert not rules.may_approve_brief([1, 2], 2, Money.of("100.01 USD"), limit)
    assert rules.may_approve_brief([1, 2], 3, Money.of("100.01 USD"), limit)


def test_a_fee_is_not_lifted_over_the_limit_behind_the_second_persons_back() -> None:
    limit = Money.of("100.00 USD")
    assert rules.may_raise_fee(Money.of("80.00 USD"), Money.of("100.00 USD"), limit)
    assert not rules.may_raise_fee(Money.of("80.00 USD"), Money.of("101.00 USD"), limit)
    assert rules.may_raise_fee(Money.of("150.00 USD"), Money.of("120.00 USD"), limit)


def test_the_most_it_can_cost_is_every_place_taken() -> None:
    fee = Money.of("100.00 USD")
    assert rules.most_it_can_cost(fee, 143, None) == Money.of("14300.00 USD")
    assert rules.most_it_can_cost(fee, 143, 20) == Money.of("2000.00 USD")
    assert rules.most_it_can_cost(fee, 5, 20) == Money.of("500.00 USD")


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (1, 1), (24, 1), (25, 2), (72, 3)])
def test_begun_days_of_a_pause_count(hours: int, days: int) -> None:
    assert rules.days_of_pause(NOW, NOW + timedelta(hours=hours)) == days


# ---- the machines


def test_declared_steps() -> None:
    assert rules.next_status(BriefStatus.DRAFT, "ask approval") is BriefStatus.AWAITING_APPROVAL
    assert rules.next_status(AssignmentStatus.INVITED, "accept") is AssignmentStatus.ACCEPTED
    assert rules.next_status(SubmissionStatus.DRAFT, "submit") is SubmissionStatus.IN_REVIEW


def test_every_step_that_is_not_declared_is_refused() -> None:
    declared = 0
    for words, (_, steps) in rules.MACHINES.items():
        actions = {action for _, action in steps}
        for status in words:
            for action in actions:
                if (status, action) in steps:
                    declared += 1
                    assert rules.can(status, action)
                    assert isinstance(rules.next_status(status, action), words)
                else:
                    assert not rules.can(status, action)
                    with pytest.raises(Conflict, match="no longer possible"):
                        rules.next_status(status, action)
    assert declared == sum(len(steps) for _, steps in rules.MACHINES.values())


def test_nothing_leaves_its_last_state() -> None:
    last = [
        BriefStatus.ARCHIVED, AssignmentStatus.COMPLETED, AssignmentStatus.DECLINED,
        AssignmentStatus.EXPIRED, AssignmentStatus.CANCELLED, AssignmentStatus.MISSED,
        SubmissionStatus.APPROVED, SubmissionStatus.REJECTED, SubmissionStatus.SUPERSEDED,
        SubmissionStatus.WITHDRAWN,
    ]  # fmt: skip
    for status in last:
        assert not [action for start, action in rules.MACHINES[type(status)][1] if start is status]
