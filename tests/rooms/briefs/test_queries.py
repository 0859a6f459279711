"""Lists, counts and who may see what of briefs."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.briefs import commands, queries, submission_commands, submission_queries
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.reports.brand_queries import waiting
from tests.support import assignments as make
from tests.support.assignments import do

# ---- looking


def test_tenants_see_only_their_own(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    rival = at_work.world.rival.id
    stranger = make.a_member(at_work.program, "Cy")
    with pytest.raises(NotFound):
        queries.one_of_brand(rival, at_work.brief.public_id)
    with pytest.raises(NotFound):
        submission_queries.review_of_brand(rival, version.public_id)
    with pytest.raises(NotFound):
        queries.one_of_creator(stranger.creator_id, at_work.assignment.public_id)
    with pytest.raises(NotFound):
        submission_queries.version_of_creator(stranger.creator_id, version.public_id)
    assert queries.listing(rival, "open", PageRequest()).rows == []
    assert waiting(rival).content == 0


def test_a_draft_is_not_shown_to_the_brand(at_work: Any) -> None:
    saved = do(submission_commands.save_draft_submission, at_work.assignment.id, caption="half",
                live_url="", by=at_work.ada_user)  # fmt: skip
    with pytest.raises(NotFound):
        submission_queries.review_of_brand(at_work.brand.id, saved.public_id)


def test_the_brands_list_counts_and_sums(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    make.a_draft_brief(at_work.program, at_work.mona)
    (row,) = queries.listing(at_work.brand.id, "open", PageRequest()).rows
    assert (row.invited, row.accepted, row.submitted, row.completed) == (1, 1, 1, 0)
    do(submission_commands.approve_submission, version.id, by=at_work.mona)
    row = queries.row_of(at_work.brief)
    assert (row.accepted, row.completed, row.spent) == (1, 1, Money.of("120.00 USD"))
    counts = queries.view_counts(at_work.brand.id)
    assert (counts["open"], counts["draft"], counts["approval"]) == (1, 1, 0)


def test_due_next_is_what_waits_for_the_creator_soonest_first(stage: Any) -> None:
    later = make.an_open_brief(stage.program, stage.mona, title="Later")
    sooner = make.an_open_brief(stage.program, stage.mona, title="Sooner", due_on=date(2026, 3, 5))
    make.an_accepted(later, stage.ada, stage.ada_user)
    paused = make.an_open_brief(stage.program, stage.mona, title="Paused")
    do(commands.pause, paused.id, by=stage.mona)
    titles = [work.text.title for work in queries.due_next(stage.ada.creator_id, 5)]
    assert titles == ["Sooner", "Later"]
    part = make.an_accepted(sooner, stage.ada, stage.ada_user)
    make.a_version(part, stage.ada_user)
    assert [w.text.title for w in queries.due_next(stage.ada.creator_id, 5)] == ["Later"]
    assert queries.work_counts(stage.ada.creator_id)["review"] == 1


@pytest.mark.parametrize("view", ["todo", "done"])
def test_long_lists_come_in_pages_without_gaps(stage: Any, view: str) -> None:
    for number in range(5):
        brief = make.an_open_brief(stage.program, stage.mona, title=f"Brief {number}")
        if view == "done":
            do(commands.decline, make.assignment_of(brief, stage.ada).id, by=stage.ada_user)
    seen, cursor = [], None
    for _ in range(3):
        page = queries.of_creator(stage.ada.creator_id, view, PageRequest(cursor, 2))
        seen += [work.text.title for work in page.rows]
        cursor = page.next_cursor
    assert sorted(seen) == [f"Brief {number}" for number in range(5)]
    assert cursor is None
    listed, cursor = [], None
    for _ in range(3):
        rows = queries.listing(stage.brand.id, "open", PageRequest(cursor, 2))
        listed += [row.brief.title for row in rows.rows]
        cursor = rows.next_cursor
    assert listed == [f"Brief {number}" for number in reversed(range(5))]


def test_the_review_queue_pages_oldest_first(stage: Any) -> None:
    sent = []
    for number in range(3):
        brief = make.an_open_brief(stage.program, stage.mona, title=f"Brief {number}")
        part = make.an_accepted(brief, stage.ada, stage.ada_user)
        sent.append(make.a_version(part, stage.ada_user, live_url=f"{make.POST}{number}").id)
        clock.pass_time(timedelta(hours=1))
    first = submission_queries.review_queue(stage.brand.id, "review", PageRequest(None, 2))
    second = submission_queries.review_queue(
        stage.brand.id, "review", PageRequest(first.next_cursor, 2)
    )
    assert [r.submission.id for r in (*first.rows, *second.rows)] == sent
    assert second.next_cursor is None
