"""Ambassadors, codes, links and the two reports."""

from datetime import timedelta

import pytest

from portal.kernel import clock
from tests.support.callers import a_caller, told
from tests.support.people import an_ambassador, an_enrolled
from tests.support.shop import clicked

MARCH = {"day_from": "2026-03-01", "day_until": "2026-04-01"}


@pytest.fixture
def ada(program):
    return an_ambassador(program, "Ada", code="ADA15")


@pytest.fixture
def crm(world):
    return a_caller(world, world.glow, name="CRM")


def test_ambassadors_are_listed_and_read(world, program, ada, crm):
    ben = an_enrolled(program, "Ben")
    listed = crm.gets("/ambassadors")["data"]
    assert [one["id"] for one in listed] == [ben.public_id, ada.public_id]
    found = crm.gets(f"/ambassadors/{ada.public_id}")
    assert (found["name"], found["status"], found["program"]) == ("Ada Example", "active", "glow")


def test_ambassadors_are_filtered_by_status_and_handle(world, program, ada, crm):
    an_enrolled(program, "Ben")
    handle = crm.gets(f"/ambassadors/{ada.public_id}")["handle"]
    for query in ({"status": "active"}, {"handle": f"@{handle.upper()}"}):
        listed = crm.answer("GET", "/ambassadors", query_string=query).get_json()["data"]
        assert [one["id"] for one in listed] == [ada.public_id]


def test_an_ambassador_is_paused_with_her_code_and_resumed(world, ada, crm):
    path = f"/ambassadors/{ada.public_id}"
    assert crm.posts(f"{path}/pause", {"reason": "Holiday"}, expect=200)["status"] == "paused"
    [code] = crm.gets("/codes", ambassador=ada.public_id)["data"]
    assert code["status"] == "paused"
    crm.posts(f"{path}/pause", {}, expect=409)
    assert crm.posts(f"{path}/resume", expect=200)["status"] == "active"
    [code] = crm.gets("/codes", ambassador=ada.public_id)["data"]
    assert code["status"] == "active"


def test_what_a_key_did_stands_in_the_audit_trail(world, ada, crm):
    from portal.api import queries
    from portal.audit import queries as audit

    crm.posts(f"/ambassadors/{ada.public_id}/pause", {}, expect=200)
    [key] = queries.keys_of(world.glow.id)
    last = audit.history_of("api-key", key.id)[-1]
    assert (last.act, last.facts["subject"]) == ("api-key.acted", ada.public_id)


def test_a_code_is_issued_used_and_retired(world, ada, crm):
    made = crm.posts("/codes", {"ambassador": ada.public_id, "code": "ADASPRING"})
    assert (made["status"], made["discount_bp"]) == ("active", 1500)
    order = crm.posts("/conversions", told(codes=["adaspring"]))
    world.settle()
    assert crm.gets(f"/conversions/{order['id']}")["credit"]["code"] == "ADASPRING"
    ended = crm.posts(f"/codes/{made['id']}/retire", {"reason": "Leaked"}, expect=200)
    assert ended["status"] == "retired"
    crm.posts(f"/codes/{made['id']}/retire", {}, expect=409)
    assert crm.gets("/codes", code="adaspring")["data"][0]["id"] == made["id"]


def test_a_code_without_a_wish_is_made_from_the_name(world, ada, crm):
    made = crm.posts("/codes", {"ambassador": ada.public_id, "discount_bp": 2000})
    assert made["code"].startswith("ADA")
    assert made["discount_bp"] == 2000


@pytest.mark.parametrize("code", ["ADA15", "ada15", "A", "NOT OK", "ADÁ15"])
def test_a_code_that_is_taken_or_odd_is_refused(world, ada, crm, code):
    refused = crm.posts("/codes", {"ambassador": ada.public_id, "code": code}, expect=422)
    assert refused["errors"][0]["field"] == "code"


def test_an_ambassador_of_another_brand_gets_no_code(world, ada, crm):
    rival = a_caller(world, world.rival)
    for path in ("/codes", "/links"):
        body = {"ambassador": ada.public_id, "destination_url": "https://rival.example/"}
        if path == "/codes":
            body.pop("destination_url")
        refused = rival.posts(path, body, expect=422)
        assert refused["errors"][0]["field"] == "ambassador"
    rival.gets(f"/ambassadors/{ada.public_id}", expect=404)
    rival.posts(f"/ambassadors/{ada.public_id}/pause", {}, expect=404)
    [code] = crm.gets("/codes")["data"]
    rival.gets(f"/codes/{code['id']}", expect=404)
    rival.posts(f"/codes/{code['id']}/retire", {}, expect=404)
    assert rival.gets("/codes")["data"] == rival.gets("/links")["data"] == []


def test_a_link_is_created_on_an_allowed_host_only(world, ada, crm):
    body = {"ambassador": ada.public_id, "destination_url": "https://glow.example/serum"}
    made = crm.posts("/links", {**body, "label": "Serum"})
    assert made["url"].startswith("http://localhost/go/")
    assert crm.gets(f"/links/{made['id']}") == made
    refused = crm.posts("/links", {**body, "destination_url": "https://evil.example/"}, expect=422)
    assert refused["errors"][0]["field"]
    assert len(crm.gets("/links", ambassador=ada.public_id)["data"]) == 2


def test_clicks_are_counted_per_link(world, ada, crm):
    for _ in range(3):
        clicked(ada)
        clock.pass_time(timedelta(minutes=5))
    [row] = crm.gets("/reports/clicks", **MARCH)["data"]
    assert (row["ambassador"], row["clicks"]) == (ada.public_id, 3)
    assert crm.gets("/reports/clicks", day_from="2026-01-01", day_until="2026-02-01")["data"] == []


def test_earnings_are_summed_per_ambassador(world, ada, crm):
    crm.posts("/conversions", told(codes=["ADA15"]))
    crm.posts("/conversions", told("1002", 5000, codes=["ADA15"]))
    world.settle()
    amount = {"amount_minor": 5000, "currency": "USD"}
    crm.posts("/refunds", {"order_id": "1002", "refund_id": "r1", "amount": amount})
    world.settle()
    [row] = crm.gets("/reports/earnings", **MARCH)["data"]
    assert row["commissions"] == 2
    figures = (row["earned"], row["taken_back"], row["net"])
    assert [one["amount_minor"] for one in figures] == [1300, 500, 800]
    assert a_caller(world, world.rival).gets("/reports/earnings", **MARCH)["data"] == []


def test_reports_are_paged(world, program, crm):
    for name in ("Ada", "Ben", "Cleo"):
        clicked(an_ambassador(program, name))
    seen, cursor = [], None
    while True:
        asked = {**MARCH, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = crm.gets("/reports/clicks", **asked)
        seen += [row["link"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize(
    "days",
    [{}, {"day_from": "2026-03-01"}, {"day_from": "2026-03-02", "day_until": "2026-03-01"},
     {"day_from": "2024-01-01", "day_until": "2026-01-01"},
     {"day_from": "2026-02-30", "day_until": "2026-03-01"},
     {"day_from": "1772442000", "day_until": "2026-03-01"}],
)  # fmt: skip
def test_days_that_make_no_span_are_refused(crm, days):
    assert crm.gets("/reports/clicks", expect=422, **days)["errors"]
