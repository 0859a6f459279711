"""Codes and links in a real database: reserved, active, paused, replaced, ended."""

from datetime import timedelta

import pytest

from portal.ambassadors import commands as memberships
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, jobs, queries
from portal.tracking.models import AgentClass, CodeStatus, DiscountCode, LinkStatus
from tests.support.people import a_program, an_ambassador, an_enrolled
from tests.support.shop import clicked


def code_of(ambassador) -> DiscountCode:
    return queries.codes_of_ambassador(ambassador.id)[0]


def status_then(brand, typed, at):
    found = queries.code_matching(brand.id, typed, at)
    return found and found.status.value


def test_approval_reserves_and_acceptance_activates(world, program):
    ada = an_enrolled(program, "Ada")
    code, (link,) = code_of(ada), queries.links_of(ada.id)
    assert (code.code, code.status, link.status) == (
        "ADA15",
        CodeStatus.RESERVED,
        LinkStatus.RESERVED,
    )
    assert link.destination_url == "https://glow.example/"
    with unit_of_work():
        commands.activate(ada.id)
        commands.activate(ada.id)
    assert (code_of(ada).status, queries.links_of(ada.id)[0].status) == (
        CodeStatus.ACTIVE,
        LinkStatus.ACTIVE,
    )
    assert len(queries.changes_of(code.id)) == 2


def test_R41_codes_never_collide_by_case_or_look(world, program):
    ada, second = an_ambassador(program, "Ada"), an_enrolled(program, "Eva")
    for wish in ("ada15", "ADAl5", "AdaI5"):
        with unit_of_work(), pytest.raises(InvalidInput, match=r"is taken\. Free are: EVA"):
            commands.reserve_code(second.id, wish, "Eva Lang", 1500)
    assert code_of(ada).code == "ADA15"


def test_R41_fifty_people_of_one_name_get_fifty_codes(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        made = [
            commands.reserve_code(ada.id, None, "Diego Fernández", 1500).code for _ in range(50)
        ]
    assert made[:3] == ["DIEGO15", "DIEGOF15", "DIEGOFERNANDEZ15"]
    assert len({code.upper() for code in made}) == 50


def test_R41_a_retired_code_is_never_given_to_anybody_again(world, program):
    ada, eva = an_ambassador(program, "Ada"), an_enrolled(program, "Eva")
    with unit_of_work():
        commands.retire_code(code_of(ada).id, "leaked", by=None)
    with unit_of_work(), pytest.raises(InvalidInput):
        commands.reserve_code(eva.id, "ADA15", "Eva", 1500)
    with unit_of_work(), pytest.raises(Conflict, match="retired"):
        commands.resume_code(code_of(ada).id, by=None)


def test_the_same_code_may_be_another_brands(world, program):
    an_ambassador(program, "Ada")
    other = an_ambassador(a_program(world.rival), "Ada")
    assert code_of(other).code == "ADA15"
    assert [link.slug for link in queries.links_of(other.id)] != ["ada"]


def test_R38_R43_a_code_counts_by_the_time_of_the_order(world, program):
    ada = an_ambassador(program, "Ada")
    start, glow = clock.now(), world.glow
    clock.pass_days(5)
    with unit_of_work():
        commands.pause_code(code_of(ada).id, "a check", by=None)
    clock.pass_days(5)
    with unit_of_work():
        commands.resume_code(code_of(ada).id, by=None)
    days = {
        day: status_then(glow, " ada15 ", start + timedelta(days=day)) for day in (0, 4, 5, 9, 10)
    }
    assert days == {0: "active", 4: "active", 5: "paused", 9: "paused", 10: "active"}
    assert status_then(glow, "ADA15", start - timedelta(seconds=1)) is None
    assert status_then(world.rival, "ADA15", clock.now()) is None
    assert status_then(glow, "NOBODY", clock.now()) is None


def test_a_replaced_code_goes_on_through_its_grace(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        new = commands.replace_code(code_of(ada).id, None, 7, by=None)
    start = clock.now()
    assert (new.code, new.status) == ("ADAE15", CodeStatus.ACTIVE)
    assert status_then(world.glow, "ADA15", start) == "replaced"
    assert status_then(world.glow, "ADA15", start + timedelta(days=7, seconds=-1)) == "replaced"
    assert status_then(world.glow, "ADA15", start + timedelta(days=7)) == "retired"
    clock.pass_days(8)
    jobs.tend_codes()
    old = queries.codes_of_ambassador(ada.id)[1]
    assert (old.status, old.replaced_by_id) == (CodeStatus.RETIRED, new.id)
    with unit_of_work(), pytest.raises(InvalidInput, match="0 to 30"):
        commands.replace_code(new.id, None, 31, by=None)


def test_an_undone_approval_frees_code_and_slug(world, program):
    ada = an_enrolled(program, "Ada")
    with unit_of_work():
        commands.free_reserved(ada.id)
    assert queries.codes_of_ambassador(ada.id) == []
    assert not queries.is_slug_taken("ada")
    with unit_of_work():
        assert commands.reserve_code(ada.id, "ADA15", "Ada", 1500).code == "ADA15"
        commands.activate(ada.id)
    with unit_of_work(), pytest.raises(Conflict, match="already in use"):
        commands.free_reserved(ada.id)


def test_R43_ending_a_membership_ends_codes_and_sends_links_home(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        memberships.end(ada.id, by=None)
    worker.drain()
    assert code_of(ada).status is CodeStatus.RETIRED
    assert queries.links_of(ada.id)[0].status is LinkStatus.PAUSED


def test_a_pause_by_hand_outlives_the_memberships_own(world, program):
    ada = an_ambassador(program, "Ada")
    link = queries.links_of(ada.id)[0]
    with unit_of_work():
        commands.pause_link(link.id, by=None)
        commands.pause_all(ada.id)
        commands.activate(ada.id)
    assert code_of(ada).status is CodeStatus.ACTIVE
    assert queries.links_of(ada.id)[0].status is LinkStatus.PAUSED


def test_R55_links_are_made_and_changed_only_to_allowed_hosts(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        link = commands.issue_link(ada.id, "https://glow.example/mug", "The mug", channel="story")
    assert (link.slug, link.utm["utm_content"]) == ("ada-the-mug", "story")
    for url in ("https://evil.example/", "//evil", "/\\evil", "javascript:alert(1)"):
        with unit_of_work(), pytest.raises(InvalidInput):
            commands.edit_link(link.id, destination_url=url, label="", by=None)
        with unit_of_work(), pytest.raises(InvalidInput):
            commands.issue_link(ada.id, url, "x")
    with unit_of_work():
        commands.edit_link(
            link.id, destination_url="https://glow.example/cup", label="Cup", by=None
        )
    assert queries.link_by_slug("ADA-The-Mug").destination_url == "https://glow.example/cup"


def test_only_an_active_membership_gets_links(world, program):
    ada = an_enrolled(program, "Ada")
    with unit_of_work(), pytest.raises(Conflict, match="not active"):
        commands.issue_link(ada.id, "https://glow.example/", "x")


def test_R53_the_same_visitor_within_thirty_seconds_counts_once(world, program):
    ada = an_ambassador(program, "Ada")
    link, start = queries.links_of(ada.id)[0], clock.now()

    def click(seconds, visitor="v"):
        with unit_of_work():
            found = commands.record_click(
                link.id, start + timedelta(seconds=seconds), visitor=visitor
            )
        return queries.click(found).agent_class

    assert click(0) is AgentClass.HUMAN
    assert click(30) is AgentClass.REPEAT
    assert click(5, "other") is AgentClass.HUMAN
    assert click(61) is AgentClass.HUMAN
    assert queries.clicks_of_ambassador(ada.id, start) == 3
    assert queries.clicks_by_link([ada.id], start) == {link.id: 3}


def test_touches_are_the_clicks_of_this_browser_and_brand(world, program):
    ada, eva = an_ambassador(program, "Ada"), an_ambassador(program, "Eva")
    rival = an_ambassador(a_program(world.rival), "Ada")
    clicks = []
    for who in (ada, rival, eva):
        clock.pass_days(1)
        clicks.append(clicked(who, previous_id=clicks[-1] if clicks else None))
    found = queries.touches(
        world.glow.id, clicks[-1], ["ada15", "ADA15 ", "ADAI5", "x"], clock.now()
    )
    assert [touch.ambassador_id for touch in found.clicks] == [eva.id, ada.id]
    assert [code.ambassador_id for code in found.codes] == [ada.id]
    assert found.unknown == (("ADAI5", "ADA15"), ("X", None))
    early = queries.touches(world.glow.id, clicks[-1], [], clock.now() - timedelta(days=1))
    assert [touch.ambassador_id for touch in early.clicks] == [ada.id]
    assert queries.touches(world.glow.id, 12345, [], clock.now()).clicks == ()


def test_the_list_of_codes_is_paged_searched_and_the_brands_own(world, program):
    for name in ("Ada", "Eva", "Ida"):
        an_ambassador(program, name)
    an_ambassador(a_program(world.rival), "Ada")
    first = queries.codes_of(world.glow.id, PageRequest(size=2))
    assert ([row.code.code for row in first.rows], first.total) == (["IDA15", "EVA15"], 3)
    rest = queries.codes_of(world.glow.id, PageRequest(after=first.next_cursor, size=2))
    assert [row.code.code for row in rest.rows] == ["ADA15"]
    assert queries.codes_of(world.glow.id, PageRequest(), search="eva").total == 1
    assert queries.codes_of(world.glow.id, PageRequest(), view="retired").total == 0
