"""What /go/<slug> answers, without a server."""

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import clock
from portal.tracking import redirect
from portal.tracking.models import AgentClass, LinkStatus
from portal.tracking.redirect import LinkFacts, Visit

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Instagram 350.0"
)
CLICK = 1234567890123456789


def a_link(
    status=LinkStatus.ACTIVE, url="https://glow.example/roast?size=1kg", hosts=("glow.example",)
):
    utm = (("utm_source", "ada"), ("utm_medium", "ambassador"))
    return LinkFacts(1, status, url, hosts, utm, "/p/glow?note=link-paused")


def a_visit(query="", method="GET", cookies=None, **headers):
    told = {"HTTP_USER_AGENT": PHONE} | {
        f"HTTP_{name.upper()}": value for name, value in headers.items()
    }
    return Visit(method, query, told, cookies or {})


def answered(link, visit, click_id):
    return redirect.answer_for(redirect.route_of(link), visit, click_id)


def query_of(answer):
    return parse_qsl(urlsplit(answer.location).query)


def test_a_person_is_sent_on_with_a_click_id():
    answer = answered(a_link(), a_visit(), CLICK)
    assert (answer.status, answer.counts, answer.sets_cookie) == (302, True, True)
    assert query_of(answer) == [
        ("size", "1kg"), ("utm_source", "ada"), ("utm_medium", "ambassador"), ("vclid", str(CLICK)),
    ]  # fmt: skip


def test_R54_sub_ids_and_utm_survive_and_win_over_the_links_own():
    answer = answered(a_link(), a_visit("sub1=a&sub5=b%20c&utm_source=story&vclid=1"), CLICK)
    assert query_of(answer) == [
        ("size", "1kg"), ("sub1", "a"), ("sub5", "b c"), ("utm_source", "story"),
        ("utm_medium", "ambassador"), ("vclid", str(CLICK)),
    ]  # fmt: skip


def test_the_destinations_own_query_cannot_be_overwritten():
    answer = answered(a_link(), a_visit("size=2kg"), CLICK)
    assert query_of(answer)[0] == ("size", "1kg")
    assert ("size", "2kg") not in query_of(answer)


@given(st.text(max_size=200))
def test_whatever_comes_along_the_host_stays_and_no_line_breaks(query):
    answer = answered(a_link(), a_visit(query), CLICK)
    assert answer.location.startswith("https://glow.example/roast?")
    assert answer.location.isprintable()
    assert dict(query_of(answer))["vclid"] == str(CLICK)


@pytest.mark.parametrize(
    "headers",
    [
        {"purpose": "prefetch"}, {"sec_purpose": "prefetch;prerender"}, {"x_moz": "prefetch"},
        {"sec_fetch_dest": "iframe"}, {"sec_fetch_dest": "image"}, {"sec_fetch_dest": "empty"},
        {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"user_agent": "facebookexternalhit/1.1"}, {"user_agent": "Twitterbot/1.0"},
        {"user_agent": "Slackbot-LinkExpanding 1.0"}, {"user_agent": "WhatsApp/2.23.20"},
        {"user_agent": "TelegramBot (like TwitterBot)"}, {"user_agent": "Baiduspider/2.0"},
        {"user_agent": "Mozilla/5.0 AppleWebKit (compatible; bingbot/2.0)"},
    ],
)  # fmt: skip
def test_R53_bots_and_prefetches_are_sent_on_without_a_click(headers):
    answer = answered(a_link(), a_visit(**headers), CLICK)
    assert (answer.status, answer.counts, answer.sets_cookie) == (302, False, False)
    assert "vclid" not in answer.location


def test_R53_a_head_request_is_no_click():
    assert not answered(a_link(), a_visit(method="HEAD"), CLICK).counts


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone) AppleWebKit [Pinterest/iOS]",
        "Mozilla/5.0 (Windows NT 10.0) Snapchat/12.0",
    ],
)
def test_people_with_odd_agents_are_people(agent):
    assert redirect.agent_class(a_visit(user_agent=agent)) is AgentClass.HUMAN


@pytest.mark.parametrize(
    "visit",
    [a_visit(sec_gpc="1"), a_visit("consent=denied"), a_visit(cookies={"consent": "denied"})],
    ids=["gpc", "query", "cookie"],
)
def test_who_refuses_gets_no_cookie_and_none_is_read(visit):
    answer = answered(a_link(), visit, CLICK)
    assert answer.counts
    assert not answer.sets_cookie
    told = Visit(visit.method, visit.query, visit.headers, {**visit.cookies, "vouch_click": "77"})
    assert told.previous_click is None
    assert a_visit(cookies={"vouch_click": "77"}).previous_click == 77


def test_a_paused_link_leads_to_the_programs_page():
    answer = answered(a_link(LinkStatus.PAUSED), a_visit(), CLICK)
    assert (answer.status, answer.location, answer.counts) == (
        302,
        "/p/glow?note=link-paused",
        False,
    )


@pytest.mark.parametrize("status", [LinkStatus.RESERVED, LinkStatus.BLOCKED, LinkStatus.RETIRED])
def test_other_links_are_not_active(status):
    assert answered(a_link(status), a_visit(), CLICK).status == 404
    assert answered(None, a_visit(), CLICK).status == 404


def test_R55_a_host_taken_off_the_list_stops_the_link():
    answer = answered(a_link(hosts=("other.example",)), a_visit(), CLICK)
    assert answer.location == "/p/glow?note=link-paused"
    assert not answer.counts


def test_click_ids_sort_by_time_and_fit_63_bits():
    with clock.at("2026-03-01T09:00Z"):
        now = clock.now()
    first, second = (
        redirect.click_id_of(now, 2**21 - 1),
        redirect.click_id_of(now + timedelta(milliseconds=1), 0),
    )
    assert 0 < first < second < 2**63
    assert redirect.read_click_id(str(first)) == first


@pytest.mark.parametrize("told", ["", None, "abc", "-1", "0", "9" * 20, str(2**63), "1.5", "１２"])
def test_what_is_no_click_id_is_none(told):
    assert redirect.read_click_id(told) is None


def test_the_visitor_hash_changes_with_the_day_and_the_key():
    def hashed(secret="key", day=date(2026, 3, 1), ip="192.0.2.1"):
        return redirect.visitor_of(redirect.day_key(secret, day), ip, PHONE)

    assert len(hashed()) == 32
    assert hashed() == hashed()
    assert len({hashed(), hashed("other"), hashed(day=date(2026, 3, 2)), hashed(ip="::1")}) == 4
