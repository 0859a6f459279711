"""A script that floods one link: every click counts once in the figures, few are kept as rows."""

import pytest
from sqlalchemy import func, select

from portal.flags import commands as flags
from portal.flags import queries as raised
from portal.flags.models import FlagKind
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import click_queries, flood
from portal.tracking.click_models import ClickFlood
from portal.tracking.ingester import Ingester
from portal.tracking.models import AgentClass, Click
from tests.support.clicks import ingest

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Instagram 350.0"}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(flood, "KEPT_AN_HOUR", 20)
    monkeypatch.setattr(flood, "NAMELESS_AN_HOUR", 5)


@pytest.fixture
def go(app, ada):
    client = app.test_client()
    return lambda times=1, **more: [
        client.get("/go/ada", headers={**PHONE, **more}) for _ in range(times)
    ]


def rows():
    return db.session.scalar(select(func.count()).select_from(Click))


def over():
    return int(db.session.scalar(select(func.sum(ClickFlood.over))) or 0)


def figures(ada):
    return click_queries.figures_by_ambassador([ada.id], clock.now())[ada.id]


def test_R53_what_one_visitor_repeats_is_kept_up_to_a_limit_and_counted_whole(go, ada):
    go(100)
    ingest()
    assert (rows(), over()) == (21, 79)  # the first click and twenty repeats
    assert (figures(ada).humans, figures(ada).repeats) == (1, 99)


def test_the_limit_holds_from_batch_to_batch_and_starts_anew_each_hour(app, go, ada):
    taken = Ingester(app.extensions["portal.clicks"].spool.folder)
    for _ in range(3):
        go(20)
        taken.catch_up()
        db.session.remove()
    assert (rows(), over()) == (21, 39)
    with clock.at("2026-03-02T10:30:00+00:00"):
        go(5)
        taken.catch_up()
        db.session.remove()
    assert (rows(), over()) == (26, 39)


def test_machines_and_the_nameless_have_limits_of_their_own(go, ada):
    go(30, **{"User-Agent": "curl/8.5"})
    go(9, **{"Sec-GPC": "1"})
    ingest()
    assert (figures(ada).bots, figures(ada).humans) == (30, 9)
    kept = dict(db.session.execute(select(Click.agent_class, func.count()).group_by(
        Click.agent_class)).all())  # fmt: skip
    assert kept == {AgentClass.BOT: 20, AgentClass.HUMAN: 5}


def test_a_flood_is_flagged_with_every_click_counted(world, go, ada):
    go(400)
    ingest()
    with unit_of_work():
        flags.look_at(world.glow.id)
    (row,) = raised.listing(world.glow.id, PageRequest()).rows
    assert row.flag.kind is FlagKind.CLICK_FLOOD
    assert row.flag.evidence["sentence"] == "One visitor clicked 400 times within 24 hours."


def test_nameless_floods_are_flagged_too(world, go, ada):
    go(8, **{"Sec-GPC": "1"})
    ingest()
    with unit_of_work():
        assert flags.look_at(world.glow.id) == 1


def test_both_sides_read_repeats_and_machines_apart(world, go, ada):
    go(4)
    go(2, **{"User-Agent": "curl/8.5"})
    ingest()
    world.mona.opens("/brand/glow/links").sees("3 repeats, 2 by machines")
    me = world.signed_in("ada@example.com").opens("/creator/links")
    me.sees("3 repeats, 2 by machines")
