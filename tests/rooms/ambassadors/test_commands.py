"""Memberships: how they begin, what they accept, how they end, and what they were when."""

from datetime import timedelta

import pytest

from portal.ambassadors import commands, queries, rules
from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators import queries as people
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.pages import PageRequest
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_creator, a_program, an_ambassador


@pytest.fixture
def ada(program):
    return enrol(program, a_creator("Ada"))


def enrol(program, creator) -> Ambassador:
    with unit_of_work():
        return commands.enrol(program.id, creator.id, by=None)


def accept(ambassador, ip="10.0.0.1"):
    agreement = offers.current_agreement(ambassador.program_id)
    with unit_of_work():
        return commands.accept_agreement(ambassador.id, agreement.id, by=None, ip=ip)


def status_at(ambassador, instant):
    standing = rules.standing_at(queries.histories([ambassador.id])[ambassador.id], instant)
    return standing[1] if standing else None


def test_an_enrolled_creator_waits_for_the_agreement(ada):
    assert ada.status is MembershipStatus.ONBOARDING
    assert status_at(ada, clock.now()) is MembershipStatus.ONBOARDING
    with pytest.raises(Conflict, match="in the program already"):
        enrol(offers.program(ada.program_id), people.creator(ada.creator_id))


def test_accepting_makes_her_active_and_keeps_the_proof(ada):
    acceptance = accept(ada)
    agreement = offers.current_agreement(ada.program_id)
    assert ada.is_active
    assert ada.activated_at == clock.now()
    assert (acceptance.sha256, acceptance.ip) == (agreement.sha256, "10.0.0.1")
    assert [one.id for _, one in queries.acceptances_of(ada.id)] == [agreement.id]


def test_accepting_twice_is_accepting_once(ada):
    first = accept(ada)
    clock.pass_days(1)
    assert accept(ada).id == first.id
    assert len(queries.acceptances_of(ada.id)) == 1
    assert len(queries.history_of(ada.id)) == 2


def test_an_older_version_cannot_be_accepted(ada):
    old = offers.current_agreement(ada.program_id)
    with unit_of_work():
        programs.publish_agreement(ada.program_id, "Newer words.", by=None)
    with pytest.raises(Conflict, match="newer version"), unit_of_work():
        commands.accept_agreement(ada.id, old.id, by=None)


def test_an_active_member_accepts_a_new_version_and_stays_active(ada):
    accept(ada)
    with unit_of_work():
        programs.publish_agreement(ada.program_id, "Newer words.", by=None)
    accept(ada)
    assert [agreement.version for _, agreement in queries.acceptances_of(ada.id)] == [2, 1]
    assert len(queries.history_of(ada.id)) == 2


def test_R43_every_status_is_kept_with_its_time(ada):
    start = clock.now()
    accept(ada)
    clock.pass_days(10)
    with unit_of_work():
        commands.pause(ada.id, by=None, reason="holiday")
    clock.pass_days(10)
    with unit_of_work():
        commands.resume(ada.id, by=None)
    clock.pass_days(10)
    with unit_of_work():
        commands.end(ada.id, by=None, reason="asked to")
    assert ada.ended_at == clock.now()
    seen = [status_at(ada, start + timedelta(days=days)) for days in (-1, 0, 9, 10, 20, 30)]
    assert seen == [None, "active", "active", "paused", "active", "ended"]
    reasons = [step.reason for step in queries.history_of(ada.id)]
    assert reasons == ["", "", "holiday", "", "asked to"]


def test_steps_the_status_does_not_allow_are_refused(ada):
    for step in (commands.pause, commands.resume):
        with pytest.raises(Conflict, match="This membership is onboarding"), unit_of_work():
            step(ada.id, by=None)


def test_an_ended_membership_can_begin_again(program, ada):
    accept(ada)
    with unit_of_work():
        commands.end(ada.id, by=None)
    again = enrol(program, people.creator(ada.creator_id))
    assert again.id == ada.id
    assert (again.status, again.ended_at) == (MembershipStatus.ONBOARDING, None)
    accept(ada)
    assert ada.is_active


def test_an_enrolment_taken_back_leaves_nothing(program, ada):
    creator_id = ada.creator_id
    with unit_of_work():
        commands.unenrol(ada.id, by=None)
    assert queries.of_program(program.id, creator_id) is None
    assert queries.of_creator(creator_id) == []


def test_an_accepted_enrolment_cannot_be_taken_back(ada):
    accept(ada)
    with pytest.raises(Conflict, match="accepted the agreement already"), unit_of_work():
        commands.unenrol(ada.id, by=None)


def test_a_second_enrolment_taken_back_keeps_the_first_one(program, ada):
    accept(ada)
    with unit_of_work():
        commands.end(ada.id, by=None)
    enrol(program, people.creator(ada.creator_id))
    with unit_of_work():
        commands.unenrol(ada.id, by=None)
    assert queries.ambassador(ada.id).status is MembershipStatus.ENDED


def test_the_roster_is_paged_searched_and_only_the_brands_own(world, program):
    for name in ("Ada", "Ben", "Cleo"):
        an_ambassador(program, name)
    an_ambassador(a_program(world.rival), "Rita")
    first = queries.roster(world.glow.id, PageRequest(size=2))
    assert [row.creator.name for row in first.rows] == ["Cleo Example", "Ben Example"]
    assert (first.total, first.is_first) == (3, True)
    rest = queries.roster(world.glow.id, PageRequest(after=first.next_cursor, size=2))
    assert [row.creator.name for row in rest.rows] == ["Ada Example"]
    assert rest.next_cursor is None
    found = queries.roster(world.glow.id, text="@BENex")
    assert [row.creator.name for row in found.rows] == ["Ben Example"]
    assert queries.roster(world.glow.id, text="%").rows == []
    assert queries.roster(world.glow.id, view="paused").rows == []
    assert queries.counts(world.glow.id)["active"] == 3
    assert queries.active_count(program.id) == 3


def test_somebody_elses_membership_is_not_found(world, ada):
    with pytest.raises(NotFound):
        queries.one_of_brand(world.rival.id, ada.public_id)
    with pytest.raises(NotFound):
        queries.one_of_creator(ada.creator_id + 1, ada.public_id)
    assert queries.one_of_creator(ada.creator_id, ada.public_id).id == ada.id
    assert queries.members([ada.id])[ada.id].creator.name == "Ada Example"
    assert queries.members([]) == queries.ambassadors([]) == {}
