"""The brand's pages for making codes, answering wishes, settings; the public question."""

import io

import pytest
from sqlalchemy import select

from portal.identity import queries as identity
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.pages import cursor_of
from portal.programs import queries as programs
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import (
    commands,
    guess_commands,
    issue_queries,
    queries,
    request_commands,
    settings_queries,
)
from portal.tracking.issue_models import CodeAlert, CodePool, CodeRequest, GuessWindow
from portal.tracking.models import CodeStatus
from tests.support.people import an_ambassador, an_enrolled
from tests.support.shop import Shop

CODES = "/brand/glow/codes"


@pytest.fixture
def wish(ada):
    with unit_of_work():
        return request_commands.request_code(ada.id, "mugqueen", "My show.", by=None)


def settings_of(program):
    return f"/brand/glow/settings/program/{program.public_id}/codes-and-links"


def test_many_codes_are_looked_at_made_and_downloaded(world, ada):
    page = world.mona.opens(CODES).follows("Many codes at once").sees("MAYA15", "DIEGO15")
    page.fills("Pattern", "bf{first}{discount}").fills("Discount", "20")
    page.presses("Show examples", status=200).sees("BFDIEGO20", "BFZOE20")
    page.presses("Make the codes", status=200).sees("0 of 1", "You may leave this page")
    assert page.page.find(id="batch")["hx-trigger"] == "every 2s"
    worker.drain()
    page.opens(page.url).sees("1 code made").follows("See the codes").sees("BFADA20")
    page.does_not_see("ADA15")
    batch = issue_queries.batches_of(world.glow.id)[0].public_id
    file = page.client.get(f"{CODES}/export.csv?batch={batch}").get_data(as_text=True)
    head, line = file.splitlines()
    assert head.startswith("\N{ZERO WIDTH NO-BREAK SPACE}code,ambassador,status,discount,orders")
    assert line.startswith("BFADA20,Ada Example,active,20%,0,,2026-03-02T09:00:00+00:00")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("Pattern", "{nope}", "There is no field {nope}."),
        ("Pattern", "HI THERE!", "letters A–Z and digits only"),
        ("Pattern", "FUCK{first}", "cannot be part of a code"),
        ("Discount", "120", "Between 0 and 100 percent"),
        ("Last day", "2026-03-01", "The last day lies in the past."),
        ("Orders at most", "some", "Write a whole number."),
    ],
)
def test_a_refused_batch_says_why_and_keeps_what_was_typed(world, ada, field, value, told):
    page = world.mona.opens(f"{CODES}/many").fills(field, value)
    page.presses("Make the codes", status=422).sees(told)
    assert page.field(field)["value"] == value
    assert issue_queries.batches_of(world.glow.id) == []


def test_a_pool_is_made_shown_and_named_in_the_settings(world, program):
    page = world.owen.opens(f"{CODES}/many").chooses("A pool").fills("Pattern", "GLOW{random:8}")
    page.fills("How many", "1,200").fills("Name of the pool", "Spring")
    page.presses("Make the codes", status=200)
    worker.drain()
    page.opens(page.url).sees("1,200 codes made").follows("Open the pool Spring").sees(
        "First 50 of"
    )
    page.opens(f"{CODES}/pools").sees("Spring", "1,200")
    page.opens("/brand/glow/settings/program").follows("Codes and links")
    pool = issue_queries.pools_of(world.glow.id)[0].pool
    page.fills("Codes of approved creators", pool.public_id).presses("Save", status=200)
    assert queries.codes_of_ambassador(an_enrolled(program, "Eva").id)[0].code.startswith("GLOW")
    page.opens(f"{CODES}/pools/{pool.public_id}").sees("Eva Example", "nobody yet")


def test_a_file_is_imported_and_odd_lines_are_told(world, program):
    page = world.mona.opens(f"{CODES}/import")
    data = {
        "csrf_token": page._token(), "program": program.public_id, "pool_name": "Shop",
        "discount": "10", "file": (io.BytesIO(b"\xef\xbb\xbfcode\nAAA111\nno good\n"), "c.csv"),
    }  # fmt: skip
    answer = page.client.post(f"{CODES}/import", data=data, content_type="multipart/form-data")
    worker.drain()
    page.opens(answer.headers["Location"]).sees("1 code made, 1 not", "no good")
    page.opens(f"{CODES}/import").presses("Import codes", status=422).sees("Choose the file")


def test_a_wish_is_asked_seen_approved_and_shown(world, ada):
    browser = world.signed_in("ada@example.com").opens("/creator/links").follows("Ask for another")
    browser.fills("Code you would like", "ADA15").presses("Send the wish", status=422).sees(
        "ADA15 is taken"
    )
    browser.fills("Code you would like", "mugqueen").fills("Why", "My show.").presses(
        "Send the wish", status=200
    )
    browser.sees("The brand’s answer shows here", "You asked for MUGQUEEN on 2 Mar")
    page = world.mona.opens(CODES).sees("1 wish for codes").follows("Answer")
    page.sees("MUGQUEEN", "Ada Example", "“My show.”", "Has ADA15 now with 15% off")
    page.presses("Approve MUGQUEEN", status=200).sees("MUGQUEEN works now")
    browser.opens("/creator/links").sees("Works until 9 Mar. MUGQUEEN has taken over.")
    page.opens(f"{CODES}/wishes").sees("No wishes wait")
    page.opens(f"{CODES}/wishes?view=decided").sees("MUGQUEEN", "Approved")


def test_a_declined_wish_needs_a_reason_that_she_reads(world, ada, wish):
    page = world.mona.opens(f"{CODES}/wishes").presses("Decline", status=422).sees("Say why")
    page.fills("Reason for declining", "Too close to ours.").presses("Decline", status=200)
    world.signed_in("ada@example.com").opens("/creator/links").sees(
        "MUGQUEEN was declined on 2 Mar: Too close to ours."
    )
    page.posts(f"{CODES}/wishes/{wish.public_id}/approve", {"old": "7"}, status=409)


def test_a_wish_that_was_taken_meanwhile_is_told_and_stays_open(world, program, ada, wish):
    eva = an_ambassador(program, "Eva")
    with unit_of_work():
        commands.reserve_code(eva.id, "MUGQUEEN", "Eva", 0)
    page = world.mona.opens(f"{CODES}/wishes").presses("Approve", status=422).sees("is taken")
    assert db.session.get(CodeRequest, wish.id).is_open
    page.opens(f"{CODES}/wishes").sees("MUGQUEEN")


def test_a_wish_can_be_taken_back_by_its_creator_only(world, program, ada, wish):
    an_ambassador(program, "Eva")
    url = f"/creator/codes/wishes/{wish.public_id}/withdraw"
    world.signed_in("eva@example.com").posts(url, status=404)
    world.signed_in("ada@example.com").opens("/creator/links").presses("Take it back").sees(
        "Your wish is taken back"
    )
    world.mona.opens(f"{CODES}/wishes").sees("No wishes wait")


def test_the_days_and_the_limit_of_a_code(world, ada):
    page = world.mona.opens(CODES).follows("ADA15").follows("Days and limit")
    page.fills("Last day", "2026-03-31").fills("Orders at most", "500")
    page.presses("Save days and limit", status=200).sees(
        "Works since 2 Mar", "until 1 Apr, 00:00", "for 500 orders at most", "Next: expires"
    )
    assert page.follows("Days and limit").field("Last day")["value"] == "2026-03-31"
    page.fills("First day", "2026-03-10").presses("Save days and limit", status=200).sees(
        "Begins on 10 Mar, 00:00", "Next: begins"
    )
    page.follows("Days and limit").fills("Last day", "2026-03-01")
    page.presses("Save days and limit", status=422).sees("The last day lies in the past")


def test_the_settings_show_examples_and_hold_for_new_links(world, program, ada):
    page = world.mona.opens(settings_of(program)).sees("MAYA15", "utm_source=maya")
    page.fills("Pattern of codes", "{last}{discount}").fills("utm_campaign", "{brand} {label}")
    page.presses("Show examples", status=200).sees("FERNANDEZ15", "utm_campaign=Glow+Mug")
    assert settings_queries.settings_of(program.id) is None
    page.presses("Save", status=200).sees("It holds for codes and links made from now on")
    with unit_of_work():
        link = commands.issue_link(ada.id, "https://glow.example/", "Cup", channel="bio", by=None)
    assert link.utm == {
        "utm_source": "adaexample", "utm_medium": "ambassador", "utm_campaign": "Glow Cup",
        "utm_content": "bio",
    }  # fmt: skip
    page.fills("utm_source", "{nope}").presses("Save", status=422).sees("The fields are {handle}")


def test_words_are_blocked_and_allowed_again(world, program):
    page = world.mona.opens(f"{CODES}/blocked").sees("No words of your own yet")
    page.fills("Word", "bloom").presses("Block this word", status=200).sees("BLOOM")
    page.fills("Word", "a b").presses("Block this word", status=422).sees("3 to 20 letters")
    page.presses("Allow", status=200).sees("Codes may hold BLOOM again", "No words of your own")


def ask(browser, code, status=200):
    return (
        browser.opens("/p/glow/code").fills("Code", code).presses("Check the code", status=status)
    )


def test_the_public_question_answers_only_for_what_works(world, browser, ada):
    ask(browser, " ada15 ").sees("ADA15 works now", "15% off at Glow")
    with unit_of_work():
        commands.pause_code(queries.codes_of_ambassador(ada.id)[0].id, "a check", by=None)
    answers = {ask(browser, code).text for code in ("ADA15", "NOBODY", "x!", "0" * 40)}
    assert len(answers) == 1
    assert "This code does not work now" in answers.pop()


def test_guessing_ends_in_429_and_an_alert(world, browser, ada):
    token = browser.opens("/p/glow/code")._token()
    answers = [
        browser.client.post(
            "/p/glow/code", data={"csrf_token": token, "code": f"GUESS{n}"}
        ).status_code
        for n in range(60)
    ]
    assert answers == [200] * 20 + [429] * 40
    (alert,) = db.session.scalars(select(CodeAlert)).all()
    assert (alert.brand_id, alert.refused) == (world.glow.id, 40)
    world.mona.opens(CODES).sees("Somebody guesses codes", "40 tries from one source were refused")
    ask(browser, "ADA15", status=429).sees("Too many tries")
    assert browser.response.headers["Retry-After"] == "600"


def test_an_army_of_addresses_gains_nothing(world, program, monkeypatch):
    monkeypatch.setattr(guess_commands, "TRIES_OF_ALL", 5)
    with unit_of_work():
        allowed = [guess_commands.may_try(world.glow.id, f"source{n}") for n in range(8)]
    assert allowed == [True] * 5 + [False] * 3
    sources = db.session.scalars(select(GuessWindow.source)).all()
    assert all("127.0.0.1" not in source for source in sources)


@pytest.mark.long
def test_ten_thousand_guesses_find_nothing(world, browser, ada):
    token = browser.opens("/p/glow/code")._token()
    statuses = [
        browser.client.post(
            "/p/glow/code", data={"csrf_token": token, "code": f"ADA{n:04d}"}
        ).status_code
        for n in range(10_000)
    ]
    assert statuses.count(429) == 9_980
    assert db.session.scalars(select(CodeAlert.refused)).one() == 9_980


@pytest.mark.parametrize("path", ["many", "import", "blocked"])
def test_a_reviewer_makes_nothing(world, ada, wish, path):
    world.rosa.opens(f"{CODES}/{path}", status=403)
    page = world.rosa.opens(f"{CODES}/wishes").sees("MUGQUEEN").does_not_see("Approve")
    page.posts(f"{CODES}/wishes/{wish.public_id}/approve", {"old": "7"}, status=403)
    world.rosa.opens(f"{CODES}/pools").does_not_see("Import codes")


def test_another_brand_is_told_404(world, program, ada, wish):
    code = queries.codes_of_ambassador(ada.id)[0]
    for path in ("many", "pools", "wishes", "blocked", "export.csv"):
        world.rae.opens(f"{CODES}/{path}", status=404)
    world.rae.opens(f"/brand/rival/codes/{code.public_id}/days", status=404)
    world.rae.opens(
        f"/brand/rival/settings/program/{program.public_id}/codes-and-links", status=404
    )
    for act in ("approve", "decline"):
        url = f"/brand/rival/codes/wishes/{wish.public_id}/{act}"
        world.rae.browser.posts(url, {"old": "0", "answer": "x"}, status=404)


def test_the_file_of_codes_names_what_each_sold(world, ada):
    Shop(world.glow).sells("80.00 USD", "ADA15")
    file = world.mona.opens(CODES).client.get(f"{CODES}/export.csv").get_data(as_text=True)
    assert "ADA15,Ada Example,active,15%,1,80.00 USD," in file
    assert queries.codes_of_ambassador(ada.id)[0].status is CodeStatus.ACTIVE
    assert programs.program(ada.program_id).slug == "glow"


@pytest.mark.parametrize(
    "values", [("a",), (), (10**30,), (-1,), (7, 1), (1, "x"), (1, 10**30), (1, 2, 3)], ids=str
)
def test_a_made_up_cursor_is_refused_in_words(world, program, ada, values):
    told, cursor = "This page link is not complete.", cursor_of(*values)
    with unit_of_work():
        pool = CodePool(
            brand_id=world.glow.id, program_id=program.id, name="Spring", discount_bp=0,
            created_at=clock.now(),
        )  # fmt: skip
        db.session.add(pool)
    pages = [CODES, f"{CODES}/wishes", f"{CODES}/pools/{pool.public_id}", "/brand/glow/links"]
    for page in pages:
        world.mona.opens(f"{page}?cursor={cursor}", status=422).sees(told)
    hers = world.signed_in("ada@example.com")
    hers.opens(f"/creator/links?cursor={cursor}", status=422).sees(told)


# ---- the sites that links may lead to
SITES = "/brand/glow/settings/sites"


def test_a_brand_keeps_its_sites_from_its_own_page(world, program):
    page = world.mona.opens(SITES).sees("glow.example")
    page.fills("Site", "https://www.Second.example/path").presses("Allow this site")
    world.mona.opens(SITES).sees("second.example")
    for typed in ("nonsense", "http://", "a b.example", "user@evil.example"):
        page = world.mona.opens(SITES).fills("Site", typed)
        page.presses("Allow this site", status=422).sees("Write a site’s name")
    assert identity.brand(world.glow.id).allowed_hosts == ["glow.example", "second.example"]


def test_links_to_a_removed_site_stop_and_come_back(world, program, ada):
    link, shopper = queries.default_links([ada.id])[ada.id], world.app.test_client()

    def leads_to():
        return shopper.get(f"/go/{link.slug}").headers["Location"].partition("?")[0]

    assert leads_to() == "https://glow.example/"
    world.mona.opens(SITES).presses("Remove").sees("No site yet")
    assert leads_to() == "/p/glow"
    world.mona.opens(SITES).fills("Site", "glow.example").presses("Allow this site")
    assert leads_to() == "https://glow.example/"


def test_a_site_is_the_same_with_and_without_the_usual_port(world, program, ada):
    page = world.mona.opens(SITES).fills("Site", "https://second.example:443/path")
    page.presses("Allow this site")
    with unit_of_work():
        commands.issue_link(ada.id, "https://second.example/mug", "Mug", by=None)
        commands.issue_link(ada.id, "https://www.second.example/mug", "Cup", by=None)
    rows = world.mona.opens(SITES).page.find("tbody").find_all("tr")
    cells = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in rows]
    assert [row[:2] for row in cells] == [["glow.example", "1"], ["second.example", "2"]]


def test_only_managers_keep_the_sites(world, program):
    world.rosa.opens(SITES, status=403)
