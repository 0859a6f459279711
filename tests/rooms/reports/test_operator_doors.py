"""The operator's one screen, and what machines ask."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from portal.config import Settings
from portal.jobs import commands as jobs
from portal.jobs import queries as job_queries
from portal.jobs.models import JobState
from portal.kernel import clock
from portal.ledger import commands as ledger
from portal.ledger.jobs import check_books
from portal.reports import operator_queries as queries
from portal.reports import public_routes
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.queries import keeps_budget
from tests.support.world import World

NOWHERE = Path("no-migrations-here")


def settings(**more) -> Settings:
    return Settings(database_url="sqlite://", data=Path(), secret_key="x" * 40, **more)


def checks(**lent) -> dict[str, queries.Check]:
    made = {check.name: check for check in queries.checks(settings(), NOWHERE, **lent)}
    db.session.remove()
    return made


def beats(ago_seconds: int) -> None:
    with unit_of_work():
        jobs.beat("w", clock.wall())
        db.session.execute(
            db.text("UPDATE worker_beats SET beat_at = :at"),
            {"at": (clock.wall() - timedelta(seconds=ago_seconds)).replace(tzinfo=None)},
        )


def fails() -> str:
    with unit_of_work():
        public_id = jobs.enqueue("payouts.send_payout", {"payout_id": 7})
        made = job_queries.one(public_id)
        made.state, made.finished_at, made.last_error = JobState.FAILED, clock.now(), "Boom"
    db.session.remove()
    return public_id


# ---- the page
def test_one_screen_says_what_runs(world: World):
    beats(3)
    check_books()
    olga = world.olga.opens("/operator").sees(
        "Worker", "The worker is alive", "Books", "0.00", "Disk"
    )
    olga.sees("Every journal sums to zero", "Webhooks", "Mail", "No job was given up")


def test_the_books_are_looked_at_by_a_worker_and_at_once_when_asked(world: World):
    olga = world.olga.opens("/operator").sees("Nobody has looked at them yet")
    olga.presses("Check the books").sees("A worker looks at all the books now")
    world.settle()
    olga.opens("/operator").sees("Every journal sums to zero", "checked 0 s ago")
    with time_machine.travel(clock.wall() + timedelta(hours=4), tick=False):
        found = checks()["Books"]
    assert (found.tone, found.note) == (queries.LOOK, "checked 4 h ago")
    keeps_budget(world.olga.browser, "/operator", most=19)


def test_a_failed_job_is_named_and_linked(world: World):
    public_id = fails()
    olga = world.olga.opens("/operator").sees("1 job was given up", "payouts.send_payout", "Boom")
    olga.follows("payouts.send_payout")
    assert olga.url == f"/operator/jobs/{public_id}"


def test_the_first_words_count_what_needs_her(world: World):
    fails()
    heading = world.olga.opens("/operator").page.h1.get_text()
    assert heading.endswith(("part needs you", "parts need you"))


@pytest.mark.parametrize("who", ["owen", "faye", "rae", "cy"])
def test_nobody_else_opens_it(world: World, who):
    getattr(world, who).opens("/operator", status=403)


def test_a_visitor_is_asked_to_sign_in(browser: Browser):
    browser.opens("/operator").sees("E-mail address")


def test_it_is_read_only(world: World):
    world.olga.opens("/operator").posts("/operator", status=405)


# ---- the findings
@pytest.mark.parametrize(
    ("ago", "tone"), [(5, queries.GOOD), (60, queries.LOOK), (400, queries.ACT)]
)
def test_a_silent_worker_is_noticed(world: World, ago, tone):
    beats(ago)
    assert checks()["Worker"].tone == tone


def test_no_worker_at_all(world: World):
    assert checks()["Worker"].tone == queries.ACT


@pytest.mark.parametrize(
    ("minutes", "tone"), [(0, queries.GOOD), (5, queries.LOOK), (11, queries.ACT)]
)
def test_a_waiting_queue_is_noticed(world: World, minutes, tone):
    with unit_of_work():
        jobs.enqueue("sales.read_event", run_at=clock.now() - timedelta(minutes=minutes))
    assert checks()["Queue"].tone == tone


def test_a_job_of_tomorrow_waits_for_nobody(world: World):
    with unit_of_work():
        jobs.enqueue("sales.read_event", run_at=clock.now() + timedelta(days=1))
    found = checks()["Queue"]
    assert (found.tone, found.sentence) == (queries.GOOD, "No due job is waiting.")


def test_books_that_are_off_say_pay_nobody(world: World):
    with unit_of_work():
        ledger.note_check([])
        ledger.note_check(["The books are off by 0.01 USD."])
    found = checks()["Books"]
    assert (found.tone, found.figure) == (queries.ACT, "1 wrong")
    assert found.sentence == "The books are off by 0.01 USD. Pay nobody until this is understood."


def test_what_came_in_is_judged(world: World):
    nothing = {"last_at": None, "oldest_at": None, "day": 0, "waiting": 0, "failed": 0}
    wall = clock.wall()
    some = {**nothing, "last_at": wall - timedelta(seconds=4), "day": 3}
    late = {**some, "oldest_at": wall - timedelta(minutes=7), "waiting": 2}
    for figures, tone, words in (
        (nothing, queries.GOOD, "No shop has sent anything yet."),
        (some, queries.GOOD, "All were read. The last came 4 s ago."),
        (late, queries.LOOK, "2 wait to be read, the oldest for 7 min."),
        ({**some, "failed": 1}, queries.ACT, "1 could not be used. Read why, then replay."),
    ):
        found = checks(inbound=figures)["Webhooks"]
        assert (found.tone, found.sentence) == (tone, words)


def test_mail_is_judged(world: World):
    assert checks(mail={"kept": 4})["Mail"].figure == "4"
    sending = settings(mail_url="smtp://mail.example")
    [found] = queries._mail({"sent": 9, "queued": 1}, sending)
    assert (found.tone, found.figure) == (queries.GOOD, "9")


@pytest.mark.parametrize(
    ("key", "figure"), [("", "Manual"), ("sk_test_1", "Test"), ("sk_live_1", "Live")]
)
def test_it_says_whether_real_money_moves(key, figure):
    assert queries._provider(settings(stripe_secret_key=key)).figure == figure


def test_a_database_of_another_version_is_noticed(world: World):
    assert queries.Schema("0002_b", "0001_a").is_current is False
    found = queries._schema(queries.Schema("0002_b", "0001_a"))
    assert (found.tone, found.figure) == (queries.ACT, "0001")
    assert "portal db upgrade" in found.sentence


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (812_400, "812 kB"),
        (12_440_000, "12.4 MB"),
        (3_100_000_000, "3.1 GB"),
    ],
)
def test_sizes_in_words(size_bytes, words):
    assert queries.size_words(size_bytes) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_ages_in_words(seconds, words):
    assert queries.short_age(timedelta(seconds=seconds)) == words


# ---- machines
def test_alive_asks_nobody(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db.session, "execute", lambda *_: pytest.fail("healthz asked the database"))
    response = browser.client.get("/healthz")
    assert (response.status_code, response.text, response.mimetype) == (200, "ok\n", "text/plain")
    assert "Set-Cookie" not in response.headers


def test_ready_tells_schema_and_worker(world: World, browser: Browser):
    beats(3)
    response = browser.client.get("/readyz")
    assert response.status_code == (200 if response.json["ok"] else 503)
    assert response.json["database"] == "answers"
    assert set(response.json["schema"]) == {"wanted", "found"}
    assert response.json["worker"]["silent_seconds"] in (3, 4)


def test_a_worker_that_never_was_takes_no_server_out_of_service(browser: Browser):
    assert browser.client.get("/readyz").json["worker"] == {"silent_seconds": None}


def test_not_ready_without_a_database(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    def gone(*_):
        raise OperationalError("select 1", {}, ConnectionError())

    monkeypatch.setattr(public_routes.queries, "schema", gone)
    response = browser.client.get("/readyz")
    assert (response.status_code, response.json["ok"]) == (503, False)
