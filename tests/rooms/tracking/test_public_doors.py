"""GET /go/<slug>, through the browser's door."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from portal.ambassadors import commands as memberships
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import click_queries, commands, jobs, queries
from portal.tracking.models import Click
from tests.support.clicks import ingest
from tests.support.people import a_program, an_ambassador, an_enrolled

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Instagram 350.0"}


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def go(app, ada):
    """Ask for /go/ada as a telephone would, without following."""
    client = app.test_client()

    def ask(path="/go/ada", method="GET", **headers):
        told = {**PHONE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        response = client.open(path, method=method, headers=told)
        ingest()
        return response

    ask.client = client
    return ask


def clicks():
    return db.session.scalar(select(func.count()).select_from(Click))


def vclid(response):
    return parse_qs(urlsplit(response.location).query).get("vclid", [None])[0]


def test_a_click_is_recorded_before_the_answer_and_travels_along(go, ada):
    response = go(
        "/go/ada?sub1=reel&utm_source=story", Referer="https://www.instagram.com/stories/x"
    )
    assert response.status_code == 302
    assert response.location.startswith(
        "https://glow.example/?sub1=reel&utm_source=story&utm_medium=ambassador"
    )
    click = queries.click(int(vclid(response)))
    assert (click.ambassador_id, click.at) == (ada.id, clock.now())
    assert (click.referrer_host, click.params["sub1"]) == ("www.instagram.com", "reel")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_R52_the_cookie_is_first_party_and_out_of_reach_of_scripts(go):
    (cookie,) = go().headers.getlist("Set-Cookie")
    assert cookie.startswith("vouch_click=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


def test_the_next_click_knows_the_one_before(go):
    first, second = vclid(go()), vclid(go())
    assert queries.click(int(second)).previous_id == int(first)


def test_no_cookie_for_who_refuses_but_the_click_counts(go):
    for response in (go(Sec_GPC="1"), go("/go/ada?consent=denied")):
        assert response.headers.getlist("Set-Cookie") == []
        assert queries.click(int(vclid(response))).previous_id is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch"},
        {"User_Agent": "Googlebot/2.1"},
        {"Sec_Fetch_Dest": "iframe"},
    ],
    ids=str,
)
def test_R53_machines_leave_no_click(go, headers):
    response = go(**headers)
    assert (response.status_code, vclid(response), clicks()) == (302, None, 0)
    assert response.headers.getlist("Set-Cookie") == []


def test_R53_head_answers_alike_and_leaves_no_click(go):
    response = go(method="HEAD")
    assert (response.status_code, response.data, clicks()) == (302, b"", 0)
    assert response.location.startswith("https://glow.example/")


def test_a_slug_is_found_in_any_case(go):
    assert go("/go/ADA").status_code == 302


def test_an_unknown_or_reserved_link_is_not_active(go, world):
    an_enrolled(a_program(world.rival), "Eva")
    for path in ("/go/nobody", "/go/eva", "/go/%00", "/go/ada%0d%0aX:y", "/go/" + "x" * 500):
        response = go(path)
        assert response.status_code == 404, path
        if "%00" not in path:  # no name of ours holds that, nobody looks for it
            assert "This link is not active" in response.text
    assert clicks() == 0


def test_a_paused_link_leads_to_the_program(go, ada):
    with unit_of_work():
        commands.pause_link(queries.links_of(ada.id)[0].id, by=None)
    response = go()
    assert "This link is paused" in go(response.location).text
    assert (response.status_code, response.location, clicks()) == (
        302,
        "/p/glow?note=link-paused",
        0,
    )


def test_R43_a_resting_membership_rests_its_links(go, ada):
    with unit_of_work():
        memberships.pause(ada.id, by=None)
    assert go().location == "/p/glow?note=link-paused"


def test_R55_the_link_stops_when_its_host_leaves_the_list(go, world):
    with unit_of_work():
        db.session.merge(world.glow).allowed_hosts = ["elsewhere.example"]
    assert go().location == "/p/glow?note=link-paused"
    assert clicks() == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(go, method):
    assert go(method=method).status_code in (400, 405)
    assert clicks() == 0


# ---- who is counted, and what is kept of them


def test_who_refuses_is_counted_without_a_hash(go, ada):
    assert len(queries.click(int(vclid(go()))).visitor) == 32
    assert queries.click(int(vclid(go(Sec_GPC="1")))).visitor == ""
    assert queries.click(int(vclid(go("/go/ada?consent=denied&sub1=a")))).visitor == ""
    go.client.set_cookie("consent", "denied")
    assert queries.click(int(vclid(go()))).visitor == ""
    assert queries.clicks_of_ambassador(ada.id, clock.now()) == 4  # nobody knows that they are one


def test_a_flood_of_one_visitor_counts_once(go, ada):
    given = {vclid(go()) for _ in range(30)}
    assert (len(given), clicks()) == (30, 30)
    figures = click_queries.figures_by_ambassador([ada.id], clock.now())[ada.id]
    assert (figures.humans, figures.repeats) == (1, 29)


def test_no_address_is_kept_unless_the_setting_says_so(app, go):
    found = queries.click(int(vclid(go())))
    assert found.ip is None
    app.extensions["portal.clicks"]._keeps_ip = True
    try:
        kept = int(vclid(go()))
        refused = int(vclid(go(Sec_GPC="1")))
    finally:
        app.extensions["portal.clicks"]._keeps_ip = False
    assert (queries.click(kept).ip, queries.click(refused).ip) == ("127.0.0.1", None)
    jobs.forget_addresses(keep_hours=2)
    db.session.expire_all()
    assert queries.click(kept).ip == "127.0.0.1"
    clock.pass_days(1)
    jobs.forget_addresses(keep_hours=2)
    db.session.expire_all()
    assert queries.click(kept).ip is None


def test_R54_what_a_click_came_with_is_reported(go, ada):
    for query in ("sub1=reel&utm_source=ig", "sub1=reel", "sub1=bio&other=x", "sub1=bio"):
        go(f"/go/ada?{query}", User_Agent=f"Mozilla/5.0 {query} {clicks()}")
    link = queries.links_of(ada.id)[0]
    assert click_queries.figures_by_parameter(link.id, "sub1", clock.now()) == [
        ("bio", 2), ("reel", 2),
    ]  # fmt: skip
    assert click_queries.figures_by_parameter(link.id, "utm_source", clock.now()) == [("ig", 1)]
    assert click_queries.figures_by_parameter(link.id, "other", clock.now()) == []


def test_a_full_disk_sends_people_on_without_an_id(app, go, ada, monkeypatch):
    go()

    def full(_line):
        raise OSError("no space left on device")

    monkeypatch.setattr(app.extensions["portal.clicks"].spool, "append", full)
    response = go()
    assert (response.status_code, vclid(response), clicks()) == (302, None, 1)
    assert response.location.startswith("https://glow.example/?utm_source=adaexample")
    assert response.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize(
    ("hops", "told", "seen"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_the_trusted_proxies_saw(app, hops, told, seen):
    from portal.app import behind_proxies

    def who(environ, _start):
        return [environ["REMOTE_ADDR"].encode()]

    asked = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": told}
    assert behind_proxies(who, hops)(asked, None) == [seen.encode()]
