"""Fit, criteria, and how long a decision can be taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.applications import rules
from portal.applications.models import Application, ApplicationStatus
from portal.applications.rules import Applicant, ChannelFacts, Wanted
from portal.briefs import reading
from portal.kernel import clock

WANTED = Wanted(("US", "CA"), 3_000, 300, requires_adult=True)
LAU = ChannelFacts("instagram", "lau", "", 4_000, 554, 40)
AISHA = ChannelFacts("instagram", "aisha", "", 18_400, 1_300, 62)
BEN = Applicant("US", is_adult=True, channels=(AISHA,), asked=2, answered=2)


def test_R123_engagement_counts_likes_and_comments():
    """The published case: (554 + 40) of 4,000 is 14.85 %; likes alone are 13.85 %."""
    assert rules.engagement_bp(LAU) == 1_485
    assert rules.engagement_bp(replace(LAU, comments_per_post=None)) == 1_385


@pytest.mark.parametrize("channel", [replace(LAU, followers=0), replace(LAU, likes_per_post=None)])
def test_R125_hidden_figures_are_unknown_never_nothing(channel):
    assert rules.engagement_bp(channel) is None


@pytest.mark.parametrize(
    ("followers", "bp"),
    [(0, 600), (19_999, 600), (20_000, 350), (99_999, 350), (100_000, 200), (1_000_000, 120)],
)
def test_the_benchmark_belongs_to_the_size(followers, bp):
    assert rules.benchmark_bp(followers) == bp


def test_an_applicant_who_meets_everything():
    assert [line.is_met for line in rules.criteria(BEN, WANTED)] == [True] * 5
    assert rules.refusal(BEN, WANTED) is None


@pytest.mark.parametrize(
    ("change", "unmet"),
    [
        ({"channels": (replace(AISHA, followers=2_999, likes_per_post=200),)}, "followers"),
        ({"channels": (replace(AISHA, likes_per_post=100),)}, "engagement"),
        ({"channels": (replace(AISHA, likes_per_post=None),)}, "engagement"),
        ({"country": "DE"}, "country"),
        ({"is_adult": False}, "adult"),
        ({"answered": 1}, "answers"),
    ],
)
def test_each_criterion_can_be_missed_alone(change, unmet):
    lines = rules.criteria(replace(BEN, **change), WANTED)
    assert [line.key for line in lines if not line.is_met] == [unmet]


def test_a_program_that_asks_for_nothing_has_no_criteria():
    nothing = Wanted((), 0, 0, requires_adult=False)
    assert rules.criteria(replace(BEN, asked=0, answered=0), nothing) == []


def test_only_country_and_age_keep_somebody_out():
    small = replace(BEN, channels=(replace(AISHA, followers=10),))
    assert rules.refusal(small, WANTED) is None
    assert rules.refusal(replace(BEN, country="DE"), WANTED) == ("country", "country")
    assert rules.refusal(replace(BEN, is_adult=False), WANTED) == ("is_adult", "adult")


def test_the_fit_score_by_its_parts():
    """Engagement 7.40 % of a 6.00 % benchmark: 25 + 15 × 140 ÷ 600 = 28; six times the minimum is
    two doublings: 15 + 10; rules 20; answers 10."""
    assert rules.fit_score(BEN, WANTED) == 28 + 25 + 20 + 10
    assert rules.fit_score(replace(BEN, answered=1), WANTED) == 78
    assert rules.fit_score(replace(BEN, country="DE"), WANTED) == 73
    unknown = replace(BEN, channels=(replace(AISHA, likes_per_post=None),))
    assert rules.fit_score(unknown, WANTED) == 15 + 25 + 20 + 10


def test_the_fit_score_stays_between_0_and_100():
    star = ChannelFacts("tiktok", "star", "", 900_000_000, 900_000_000, 9)
    assert rules.fit_score(replace(BEN, channels=(star,)), WANTED) == 100
    nobody = Applicant("", is_adult=False, channels=(), asked=2)
    assert rules.fit_score(nobody, WANTED) == 15
    half = replace(
        BEN, channels=(replace(AISHA, followers=1_500, likes_per_post=45, comments_per_post=0),)
    )
    assert rules.fit_score(half, WANTED) == 12 + 7 + 20 + 10


def application(status: ApplicationStatus, **more: object) -> Application:
    return Application(**{"status": status, "may_reapply": True, "reapply_after": None, **more})


def test_a_decision_shows_to_the_creator_once_it_stands():
    now = clock.now()
    decided = application(ApplicationStatus.APPROVED, undo_until=now + timedelta(seconds=20))
    assert rules.shown_status(decided, now) is ApplicationStatus.SUBMITTED
    assert rules.shown_status(decided, now + timedelta(seconds=20)) is ApplicationStatus.APPROVED


def test_the_undo_time_ends_at_its_instant():
    now = clock.now()
    assert rules.can_undo(now + timedelta(microseconds=1), now)
    assert not rules.can_undo(now, now)
    assert not rules.can_undo(None, now)


def test_when_somebody_may_apply_again():
    now = clock.now()
    after = now + timedelta(days=30)
    declined = application(ApplicationStatus.DECLINED, reapply_after=after)
    assert not rules.may_apply_again(declined, now)
    assert rules.may_apply_again(declined, after)
    assert rules.may_apply_again(application(ApplicationStatus.DECLINED), now)
    final = application(ApplicationStatus.DECLINED, may_reapply=False)
    assert not rules.may_apply_again(final, after)
    assert rules.may_apply_again(application(ApplicationStatus.WITHDRAWN), now)
    assert not rules.may_apply_again(application(ApplicationStatus.SUBMITTED), now)


def test_a_claim_is_a_lease():
    now = clock.now()
    row = application(ApplicationStatus.SUBMITTED, claimed_by=7, claimed_until=now + rules.CLAIM)
    assert rules.is_claimed_by_other(row, 8, now)
    assert not rules.is_claimed_by_other(row, 7, now)
    assert not rules.is_claimed_by_other(row, 8, now + rules.CLAIM)


@pytest.mark.parametrize("discount_bp", [0, 1_000, 1_250])
def test_R110_R111_every_caption_we_offer_discloses_first(discount_bp):
    captions = rules.captions("Glow", "MAYA15", "https://glow.example/go/maya", discount_bp)
    assert len(captions) == 3
    for caption in captions:
        assert caption.startswith("#ad ")
        assert reading.find_disclosure(caption).is_valid
        assert "MAYA15" in caption
        assert "https://glow.example/go/maya" in caption
