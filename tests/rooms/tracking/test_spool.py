"""The spool and its ingester: each line once, whatever is killed in between."""

import os
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import click_queries, queries, redirect, spool
from portal.tracking.click_models import ClickSegment, ClickSpool
from portal.tracking.click_queries import ClickFigures
from portal.tracking.ingester import Ingester, Moved
from portal.tracking.models import AgentClass, Click
from portal.tracking.spool import Spool, line_of
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop

PHONE = "Mozilla/5.0 (iPhone) Instagram"


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def link(ada):
    return queries.links_of(ada.id)[0]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "clicks"


@pytest.fixture
def writer(folder):
    return Spool(folder)


REFERRER = "https://x.example/a"


def write(
    writer, link_id, visitor="v", hint="", *, at=None, agent=PHONE, query="", previous=None,
    referrer=REFERRER,
):  # fmt: skip
    moment = ((at or clock.now()) - redirect.EPOCH) // timedelta(milliseconds=1)
    click_id = writer.new_id(moment)
    line = line_of(click_id, link_id, visitor, hint, previous, referrer, query, agent, "")
    writer.append(line)
    return click_id


def ingest(folder):
    taken = Ingester(folder).catch_up()
    db.session.remove()
    return taken


def figures(link):
    return click_queries.figures_by_link([link.id], clock.now()).get(link.id, ClickFigures())


def clicks():
    return db.session.scalar(select(func.count(Click.id)))


def test_a_line_becomes_a_click_and_a_count(folder, writer, link, ada):
    first = write(writer, link.id, query="sub1=a&utm_source=b+c")
    second = write(writer, link.id, "w", previous=first)
    assert ingest(folder) == 2
    found = queries.click(second)
    assert (found.link_id, found.ambassador_id, found.brand_id) == (link.id, ada.id, ada.brand_id)
    assert (found.at, found.previous_id, found.ip) == (clock.now(), first, None)
    assert queries.click(first).params == {"sub1": "a", "utm_source": "b c"}
    assert queries.click(first).referrer_host == "x.example"
    assert figures(link) == ClickFigures(humans=2)


def test_R53_who_is_counted_as_what(folder, writer, link):
    start = clock.now()
    for seconds in (0, 10, 29, 70):
        write(writer, link.id, "same", at=start + timedelta(seconds=seconds))
    write(writer, link.id, "", at=start)
    write(writer, link.id, "", at=start)
    write(writer, link.id, "", "b", agent="Googlebot")
    write(writer, link.id, "", "p")
    named = write(writer, link.id, "other", agent="python-requests/2.32")
    ingest(folder)
    assert figures(link) == ClickFigures(humans=4, repeats=2, bots=2, prefetches=1)
    assert figures(link).all == 9
    assert queries.click(named).agent_class is AgentClass.BOT
    assert clicks() == 7  # whoever was given an id has a row


def test_a_repeat_is_known_across_batches_and_restarts(folder, writer, link):
    write(writer, link.id)
    ingest(folder)
    write(writer, link.id)
    ingest(folder)
    assert figures(link) == ClickFigures(humans=1, repeats=1)


def test_a_NUL_that_came_along_holds_up_nobody(folder, writer, link):
    """PostgreSQL refuses it in every text."""
    odd = write(
        writer, link.id, query="sub1=a%00b&utm_source=%00&%00=1", referrer="http://a\0b.example/"
    )
    write(writer, link.id, "w")
    assert [ingest(folder), clicks()] == [2, 2]
    assert queries.click(odd).params == {"sub1": "ab", "utm_source": "", "": "1"}
    assert queries.click(odd).referrer_host == "ab.example"
    assert click_queries.figures_by_parameter(link.id, "sub1", clock.now()) == [("ab", 1)]


def test_ingesting_again_changes_nothing(folder, writer, link):
    write(writer, link.id)
    assert [ingest(folder), ingest(folder), clicks()] == [1, 0, 1]


def test_a_finished_segment_is_removed_and_a_written_one_stays(folder, writer, link):
    write(writer, link.id)
    ingest(folder)
    assert len(spool.segments(folder)) == 1
    writer.close()
    ingest(folder)
    assert spool.segments(folder) == []
    assert db.session.scalar(select(func.count(ClickSegment.id))) == 0
    write(writer, link.id)
    assert [ingest(folder), clicks()] == [1, 2]


def test_a_full_segment_gives_way_to_the_next(folder, writer, link, monkeypatch):
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 300)
    for _ in range(10):
        write(writer, link.id)
    assert len(spool.segments(folder)) > 2
    ingest(folder)
    assert (clicks(), len(spool.segments(folder))) == (10, 1)


def test_a_torn_last_line_is_left_out(folder, writer, link):
    write(writer, link.id)
    writer._segment.append(line_of(1, 2, 3)[:-3])
    writer.close()
    ingest(folder)
    assert (clicks(), spool.segments(folder)) == (1, [])


def test_lines_that_are_none_of_ours_do_not_stop_the_others(folder, writer, link):
    write(writer, link.id)
    for line in (b"\n", b"{}\n", b"[1,2]\n", b"\xff\n", line_of(-1, 1, "", "", None, "", "", "", ""),
                 line_of(5, link.id, "", "x", None, "", "", "", ""),
                 line_of(6, 999_999, "", "", None, "", "", PHONE, "")):  # fmt: skip
        writer.append(line)
    write(writer, link.id, "w")
    ingest(folder)
    assert (clicks(), db.session.scalar(select(ClickSegment.unreadable))) == (2, 7)


def test_a_line_the_disk_took_half_of_is_refused_and_harms_no_other(
    folder, writer, link, monkeypatch
):
    write(writer, link.id)
    whole = os.write
    monkeypatch.setattr(spool.os, "write", lambda file, data: whole(file, data[:20]))
    with pytest.raises(OSError, match="fitted on the disk"):
        write(writer, link.id)
    monkeypatch.undo()
    write(writer, link.id, "w")
    ingest(folder)
    assert clicks() == 2


def test_a_batch_that_fails_leaves_nothing_and_is_taken_again(folder, writer, link, monkeypatch):
    write(writer, link.id)
    ingester = Ingester(folder)
    ingester.catch_up()
    write(writer, link.id, "w")
    with monkeypatch.context() as broken:
        broken.setattr(Ingester, "_announce_late", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ingester.catch_up()
    assert (clicks(), figures(link).humans) == (1, 1)
    ingester.catch_up()
    assert (clicks(), figures(link).humans) == (2, 2)


def test_an_ingester_with_an_old_offset_writes_nothing(folder, writer, link):
    first, second = Ingester(folder), Ingester(folder)
    write(writer, link.id)
    first.catch_up(), second.catch_up()
    write(writer, link.id, "w")
    first.catch_up()
    with pytest.raises(Moved):
        second.catch_up()
    assert (clicks(), figures(link).humans) == (2, 2)


def test_only_one_ingester_works_on_a_folder(folder):
    first, second = spool.only_one(folder), spool.only_one(folder)
    assert [next(first), next(second), next(second)] == [True, False, False]


def test_two_machines_have_two_numbers_and_may_share_a_visitor(tmp_path, link):
    for name in ("one", "two"):
        Ingester(tmp_path / name).catch_up()
    one, two = Spool(tmp_path / "one"), Spool(tmp_path / "two")
    ids = {write(one, link.id), write(two, link.id)}
    assert len({number >> 15 & 63 for number in ids}) == 2
    ingest(tmp_path / "one"), ingest(tmp_path / "two")
    assert click_queries.figures_by_link([link.id], clock.now())[link.id].all == 2
    if db.engine.dialect.name == "postgresql":  # several machines share only that
        assert figures(link) == ClickFigures(humans=1, repeats=1)


def test_ids_never_meet_and_sort_by_time(folder):
    spools = [Spool(folder) for _ in range(3)]
    made = [one.new_id(1_772_442_000_000) for _ in range(3000) for one in spools]
    assert len(set(made)) == len(made)
    assert all(0 < number < 1 << 63 for number in made)
    assert spools[0].new_id(1_772_442_000_100) > max(made)


def test_a_clock_that_goes_back_a_little_gives_out_no_id_twice(folder):
    one = Spool(folder)
    made = [one.new_id(moment) for moment in (2_000_000, 1_999_000, 2_000_000, 1_999_999)]
    assert len(set(made)) == 4
    assert made == sorted(made)


def test_fsync_lets_many_wait_for_one_disk(folder, link):
    waiting = Spool(folder, waits_for_disk=True)
    threads = [
        threading.Thread(target=lambda n=n: [write(waiting, link.id, f"{n} {m}", at=clock.wall())
                                             for m in range(20)]) for n in range(8)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ingest(folder) == 160


def test_a_disk_that_refuses_is_told(folder, writer, link, monkeypatch):
    waiting = Spool(folder, waits_for_disk=True)

    def refuse(_file):
        raise OSError("input/output error")

    monkeypatch.setattr(spool.os, "fdatasync", refuse)
    for _ in range(2):
        with pytest.raises(OSError, match="input/output error"):
            write(waiting, link.id)


# ---- orders and clicks that miss each other


def test_an_order_waits_for_its_click(folder, writer, link, world, ada):
    Ingester(folder).catch_up()
    shop = Shop(world.glow)
    click_id = write(writer, link.id)
    order_id = shop.sells("80.00 USD", click_id=str(click_id))
    assert queries.is_underway(click_id)
    assert attributed(order_id) is None
    ingest(folder)
    clock.pass_time(timedelta(seconds=6))
    world.settle()
    assert attributed(order_id).ambassador_id == ada.id


def test_a_click_that_never_comes_is_waited_for_a_quarter_of_an_hour(folder, writer, link, world):
    Ingester(folder).catch_up()
    order_id = Shop(world.glow).sells("80.00 USD", click_id=str(write(writer, link.id)))
    for _ in range(3):
        clock.pass_time(timedelta(seconds=6))
        world.settle()
        assert attributed(order_id) is None
    clock.pass_time(timedelta(minutes=16))
    world.settle()
    assert attributed(order_id).ambassador_id is None


def test_a_click_that_comes_after_the_decision_has_it_made_again(folder, writer, link, world, ada):
    click_id = write(writer, link.id)
    order_id = Shop(world.glow).sells("80.00 USD", click_id=str(click_id))
    assert attributed(order_id).ambassador_id is None
    clock.pass_time(timedelta(minutes=20))
    ingest(folder)
    world.settle()
    assert attributed(order_id).ambassador_id == ada.id
    assert attributed(order_id).version == 2


@pytest.mark.usefixtures("app")
def test_ingested_through_is_the_slowest_living_spool(tmp_path):
    assert queries.ingested_through() == clock.now()
    Ingester(tmp_path / "one").catch_up()
    seen = queries.ingested_through()
    assert clock.now() - seen == timedelta(seconds=2)
    with unit_of_work():
        db.session.add(ClickSpool(name="dead", through=redirect.EPOCH,
                                  beat_at=clock.wall() - timedelta(hours=1)))  # fmt: skip
    assert queries.ingested_through() == seen


def attributed(order_id):
    from portal.attribution import queries as attribution

    db.session.expire_all()
    return attribution.of_order(order_id)
