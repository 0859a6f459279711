"""The fast path and the Flask view: the same bytes, and never an answer from the past."""

from itertools import count
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.ambassadors import commands as memberships
from portal.identity.models import Brand
from portal.programs.models import Program
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tracking import commands, fast_path, links_version, queries
from portal.tracking.fast_path import FastPath, RouteMemory
from portal.tracking.models import AffiliateLink
from portal.web import security
from tests.support.people import a_program, an_ambassador

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Instagram 350.0"
SHOWN = "302 FOUND"


@pytest.fixture
def ada(world):
    found = an_ambassador(a_program(world.glow), "Ada")
    with unit_of_work():
        link = queries.links_of(found.id)[0]
        commands.edit_link(
            link.id, destination_url="https://glow.example/roast?size=1 kg".replace(" ", "%20")
            + "&vclid=9#top", label="", by=None,
        )  # fmt: skip
    return found


@pytest.fixture
def both(app, ada, monkeypatch):
    """Ask the fast path and the view behind it; both get the same click id."""
    clicks = app.extensions["portal.clicks"]
    view = app.wsgi_app._inner
    ids = count(1_800_000_000_000_000_000)
    numbers: list[int] = []

    def ask(environ):
        numbers[:] = [next(ids)] * 2
        monkeypatch.setattr(clicks.spool, "new_id", lambda _: numbers.pop())
        clicks.memory.get("/go/ada")
        by_view = answer(view, environ)
        fast = answer(FastPath(closed, clicks, security.FIXED, security.ONLY_HTTPS), environ)
        return fast, by_view

    return ask


def closed(_environ, start_response):
    start_response("599 Fell through", [])
    return [b""]


def answer(wsgi, environ):
    body, status, headers = run_wsgi_app(wsgi, dict(environ), buffered=True)
    return status, list(headers), b"".join(body)


def environ(path="/go/ada", query="", method="GET", scheme="http", **headers):
    told = {"User-Agent": PHONE} | {name.replace("_", "-"): v for name, v in headers.items()}
    builder = EnvironBuilder(path, base_url=f"{scheme}://localhost/", method=method)
    made = builder.get_environ()
    made["QUERY_STRING"] = query
    made.pop("HTTP_USER_AGENT", None)
    for name, value in told.items():
        made[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return made


latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
words = st.text(max_size=12)
queries_sent = st.one_of(
    st.just(""),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["sub1", "sub5", "utm_source", "size", "vclid", "consent", "a.b-c~d", ""]
            ),
            st.one_of(words, st.just("denied")),
        ),
        max_size=6,
    ).map(lambda pairs: "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs)),
    st.lists(st.sampled_from(["sub1=a", "=", "&&", "x", "utm_medium=mail", "q=1+2", "%zz=%"])).map(
        "&".join
    ),
    st.binary(max_size=40).map(quote_from_bytes),
    latin,
    st.just("a=" + "b" * 1600),
    st.just("&".join(f"k{n}=v" for n in range(50))),
)
headers_sent = st.fixed_dictionaries(
    {},
    optional={
        "User_Agent": st.one_of(st.sampled_from([PHONE, "", "Googlebot/2.1", "curl/8"]), latin),
        "Sec_GPC": st.sampled_from(["1", "0", " 1 "]),
        "Purpose": st.sampled_from(["prefetch", "preview;x", "other"]),
        "Sec_Fetch_Dest": st.sampled_from(["document", "iframe", "empty"]),
        "Referer": latin,
        "Cookie": st.sampled_from(
            ["vouch_click=77", "consent=denied", 'vouch_click="8"; other=1', "vouch=signed; a=b",
             "vouch_click=x; consent=DENIED", "=;;=", "vouch_click=9" * 3]
        ),
        "X_Forwarded_For": latin,
        "Host": st.sampled_from(["localhost", "evil.example", ""]),
    },
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    query=queries_sent, headers=headers_sent, method=st.sampled_from(["GET", "GET", "HEAD"]),
    scheme=st.sampled_from(["http", "https"]),
)  # fmt: skip
def test_the_fast_path_and_the_view_answer_with_the_same_bytes(
    both, query, headers, method, scheme
):
    fast, by_view = both(environ(query=query, method=method, scheme=scheme, **headers))
    assert fast == by_view
    assert fast[0] == SHOWN
    location = dict(fast[1])["Location"]
    assert location.startswith("https://glow.example/roast?size=1+kg")
    assert location.endswith("#top")
    assert location.isprintable()
    assert location.isascii()


@pytest.mark.parametrize(
    "way",
    [
        {"path": "/go/nobody"}, {"path": "/go/"}, {"path": "/go/ada/"}, {"path": "/go/ada/x"},
        {"path": "/go//ada"}, {"path": "/go/../go/ada"}, {"path": "/go/adaé"},
        {"method": "POST"}, {"method": "OPTIONS"}, {"method": "PUT"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_unusual_falls_through(both, way):
    both(environ())
    fast, by_view = both(environ(**way))
    assert fast[0] == "599 Fell through"
    assert by_view[0] != SHOWN


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "https:evil.example", "https:/evil.example",
        "javascript:alert(1)", "https://glow.example@evil.example/", "https://evil.example",
        "https://glow.example%2f%2fevil.example", "https://glow.example.evil.example/",
        "https://glow.exаmple/", "https://glow.example/\r\nSet-Cookie:a=b", "https://evil\\@glow.example",
        "http://glow.example/", "data:text/html,x", "https://glow.example:8443/", "https://[::1]/",
    ],
)  # fmt: skip
def test_R55_no_stored_target_leads_out_of_the_brands_hosts(both, ada, target):
    """Even one that came into the table past every form."""
    with unit_of_work():
        db.session.execute(
            update(AffiliateLink)
            .where(AffiliateLink.ambassador_id == ada.id)
            .values(destination_url=target)
        )
    fast, by_view = both(environ(query="sub1=//evil.example&url=https://evil.example"))
    assert fast == by_view
    assert dict(fast[1])["Location"] == "/p/glow?note=link-paused"
    assert "Set-Cookie" not in dict(fast[1])


def paused(ada, _world):
    commands.pause_link(queries.links_of(ada.id)[0].id, by=None)


def resting(ada, _world):
    memberships.pause(ada.id, by=None)


def without_host(_ada, world):
    db.session.merge(world.glow).allowed_hosts = ["elsewhere.example"]


def without_host_in_a_set(_ada, world):
    db.session.execute(
        update(Brand).where(Brand.id == world.glow.id).values(allowed_hosts=["elsewhere.example"])
    )


def renamed(_ada, _world):
    db.session.execute(update(Program).values(slug="other"))


@pytest.mark.parametrize("change", [paused, resting, without_host, without_host_in_a_set, renamed])
def test_every_change_of_what_a_link_leads_to_is_seen(app, both, ada, world, change):
    assert both(environ())[0][0] == SHOWN
    memory = app.extensions["portal.clicks"].memory
    before = memory.version()
    with unit_of_work():
        change(ada, world)
    end_read()
    assert memory.version() > before
    assert memory.get("/go/ada") is None


def test_a_change_that_was_rolled_back_moves_nothing(ada):
    with db.engine.connect() as connection:
        before = links_version.read(connection)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        paused(ada, None) or 1 / 0
    with unit_of_work():
        pass
    with db.engine.connect() as connection:
        assert links_version.read(connection) == before


def test_an_old_answer_is_not_remembered_over_a_new_one(app, ada):
    memory = app.extensions["portal.clicks"].memory
    version = memory.version()
    with unit_of_work():
        paused(ada, None)
    assert memory.get("/go/ada") is None
    memory.put("/go/ada", object(), version)
    assert memory.get("/go/ada") is None


class Asked(RouteMemory):
    """A memory that counts how often it asks, and can be cut off from its database."""

    asked, is_cut_off = 0, False

    def version(self):
        self.asked += 1
        if self.is_cut_off:
            raise OperationalError("SELECT", {}, OSError("gone"))
        return 7


@pytest.mark.usefixtures("app")
def test_the_memory_asks_once_a_second_not_once_a_click():
    memory = Asked(db.engine, recheck_seconds=60)
    memory.put("/go/ada", "the route", 7)
    assert [memory.get("/go/ada") for _ in range(100)] == ["the route"] * 100
    assert memory.asked <= 1
    often = Asked(db.engine, recheck_seconds=0)
    assert [often.get("/go/ada"), often.get("/go/ada"), often.asked] == [None, None, 2]


@pytest.mark.usefixtures("app")
def test_links_go_on_for_a_minute_without_the_database(monkeypatch):
    memory = Asked(db.engine, recheck_seconds=0)
    memory.get("/go/ada")
    memory.put("/go/ada", "the route", 7)
    memory.is_cut_off = True
    assert memory.get("/go/ada") == "the route"
    monkeypatch.setattr(fast_path, "STALE_SECONDS", 0.0)
    assert memory.get("/go/ada") is None
