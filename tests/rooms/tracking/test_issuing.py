"""Patterns, block-lists, pools, wishes and many codes at once, in a real database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from portal.ambassadors import commands as memberships
from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators.models import Creator
from portal.identity.models import User
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs.rules import AttributionTerms
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import (
    batch_commands,
    code_commands,
    commands,
    issue_queries,
    jobs,
    queries,
    request_commands,
    settings_commands,
)
from portal.tracking.issue_models import CodeBatch, PooledCode
from portal.tracking.models import BatchKind, BatchStatus, CodeStatus, DiscountCode
from portal.tracking.validity_rules import Validity
from tests.support.people import a_program, an_ambassador, an_enrolled

NO_UTM: dict[str, str] = {}


def settle_settings(program, **changes):
    values = {"pattern": "", "utm": NO_UTM, "pool_id": None, **changes}
    with unit_of_work():
        return settings_commands.save_settings(program.id, by=None, **values)


def code_of(ambassador) -> DiscountCode:
    return queries.codes_of_ambassador(ambassador.id)[0]


def ask(program, kind, **told):
    with unit_of_work():
        batch = batch_commands.ask_batch(program.brand_id, program.id, kind, by=None, **told)
    worker.drain()
    return db.session.get(CodeBatch, batch.id, populate_existing=True)


def many_ambassadors(program, count, name="Diego Fernández"):
    """Active members made at once, without codes."""
    now = clock.now()
    with unit_of_work():
        users = [
            {"public_id": f"usr_diego_{n}", "email": f"d{n}@example.com", "name": name,
             "is_operator": False, "is_active": True, "created_at": now}
            for n in range(count)
        ]  # fmt: skip
        db.session.execute(insert(User), users)
        ids = db.session.scalars(
            select(User.id).where(User.public_id.startswith("usr_diego_"))
        ).all()
        people = [
            {"public_id": f"crt_diego_{n}", "user_id": user_id, "handle": f"diego{n}",
             "folded_handle": f"diego{n}", "name": name,
             "country": "US", "is_adult": True, "created_at": now}
            for n, user_id in enumerate(ids)
        ]  # fmt: skip
        db.session.execute(insert(Creator), people)
        mine = select(Creator.id).where(Creator.public_id.startswith("crt_diego_"))
        members = [
            {"public_id": f"amb_diego_{n}", "brand_id": program.brand_id, "program_id": program.id,
             "creator_id": creator_id, "status": MembershipStatus.ACTIVE, "joined_at": now}
            for n, creator_id in enumerate(db.session.scalars(mine).all())
        ]  # fmt: skip
        db.session.execute(insert(Ambassador), members)


def test_a_program_makes_codes_by_its_pattern_from_any_name(world, program):
    settle_settings(program, pattern="glow{first}{discount}")
    assert code_of(an_enrolled(program, "Zoë")).code == "GLOWZOE15"
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        second = commands.reserve_code(ada.id, None, "Zoë Łuc", 1500)
    assert (second.code, code_of(ada).code) == ("GLOWZOE15L", "GLOWZOE15L")


def test_a_blocked_word_is_neither_wished_nor_generated(world, program):
    with unit_of_work():
        assert settings_commands.block_word(program.brand_id, " Eva ", by=None) == "EVA"
        settings_commands.block_word(program.brand_id, "eva", by=None)
    assert "EVA" not in code_of(an_enrolled(program, "Eva")).code
    ada = an_ambassador(program, "Ada")
    with unit_of_work(), pytest.raises(InvalidInput, match="does not want EVA"):
        commands.reserve_code(ada.id, "XEVA9", "Ada", 1500)
    with unit_of_work():
        settings_commands.allow_word(program.brand_id, "EVA", by=None)
        assert commands.reserve_code(ada.id, "XEVA9", "Ada", 1500).code == "XEVA9"


def test_one_more_code_for_everybody_collides_with_nothing(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        commands.reserve_code(ada.id, "BFDIEGO", "Ada", 0)
    many_ambassadors(program, 40)
    batch = ask(program, BatchKind.AMBASSADORS, pattern="BF{first}", discount_bp=2000)
    assert (batch.status, batch.wanted, batch.made, batch.skipped) == (BatchStatus.DONE, 41, 41, 0)
    made = db.session.scalars(select(DiscountCode).where(DiscountCode.batch_id == batch.id)).all()
    assert len({one.lookalike for one in made} | {"BFD1EG0"}) == 42
    assert len({one.ambassador_id for one in made}) == 41
    assert {one.status for one in made} == {CodeStatus.ACTIVE}
    assert all(len(queries.changes_of(one.id)) == 1 for one in made)
    assert {one.code[:7] for one in made} == {"BFADA", "BFDIEGO"}


def test_a_batch_for_later_days_begins_and_ends_by_itself(world, program):
    ada = an_ambassador(program, "Ada")
    start, end = clock.now() + timedelta(days=5), clock.now() + timedelta(days=8)
    ask(
        program, BatchKind.AMBASSADORS, pattern="BF{first}", discount_bp=2000,
        validity=Validity(start, end),
    )  # fmt: skip
    code = code_of(ada)
    assert (code.code, code.status) == ("BFADA", CodeStatus.RESERVED)
    then = [
        queries.code_matching(world.glow.id, "bfada", clock.now() + timedelta(days=day)).status
        for day in (0, 4, 5, 7, 8)
    ]
    assert then == ["reserved", "reserved", "active", "active", "expired"]
    with clock.at(start):
        jobs.tend_codes()
        assert queries.code(code.id).status is CodeStatus.ACTIVE
    with clock.at(end):
        jobs.tend_codes()
        assert queries.code(code.id).status is CodeStatus.EXPIRED


def test_a_pool_is_filled_and_handed_out_one_by_one(world, program):
    batch = ask(
        program, BatchKind.POOL, pattern="GLOW{random:8}", discount_bp=1000, count=2_300,
        pool_name="Spring",
    )  # fmt: skip
    (row,) = issue_queries.pools_of(program.brand_id)
    assert (batch.made, row.total, row.free) == (2_300, 2_300, 2_300)
    settle_settings(program, pool_id=row.pool.id)
    eva, ida = an_enrolled(program, "Eva"), an_enrolled(program, "Ida")
    codes = {code_of(eva).code, code_of(ida).code}
    assert len(codes) == 2
    assert all(code.startswith("GLOW") and len(code) == 12 for code in codes)
    assert code_of(eva).discount_bp == 1000
    assert issue_queries.pools_of(program.brand_id)[0].free == 2_298
    with unit_of_work():
        commands.free_reserved(eva.id)
    assert issue_queries.pools_of(program.brand_id)[0].free == 2_299


@pytest.mark.long
def test_R42_fifty_thousand_codes_without_a_collision(world, program):
    batch = ask(
        program, BatchKind.POOL, pattern="{random}", discount_bp=1000, count=50_000, pool_name="All"
    )
    count = select(func.count(), func.count(PooledCode.lookalike.distinct()))
    assert batch.made == 50_000
    assert db.session.execute(count).one() == (50_000, 50_000)


@pytest.mark.long
def test_R42_fifty_thousand_ambassadors_of_one_name_get_a_code_each(world, program):
    many_ambassadors(program, 50_000)
    batch = ask(program, BatchKind.AMBASSADORS, pattern="{first}{discount}", discount_bp=1500)
    assert (batch.made, batch.skipped) == (50_000, 0)


def test_a_pattern_without_room_says_so_and_ends(world, program):
    with unit_of_work(), pytest.raises(InvalidInput, match="A pool needs"):
        batch_commands.ask_batch(
            program.brand_id, program.id, BatchKind.POOL, pattern="GLOW{random:2}", count=5,
            pool_name="Tiny", by=None,
        )  # fmt: skip
    with unit_of_work(), pytest.raises(InvalidInput, match="nobody’s yet"):
        batch_commands.ask_batch(
            program.brand_id, program.id, BatchKind.POOL, pattern="{first}{random}", count=5,
            pool_name="Tiny", by=None,
        )  # fmt: skip
    with unit_of_work(), pytest.raises(Conflict, match="no active ambassador"):
        batch_commands.ask_batch(
            program.brand_id, program.id, BatchKind.AMBASSADORS, pattern="{first}", by=None
        )


def test_a_file_becomes_a_pool_and_every_odd_line_is_told(world, program):
    ada = an_ambassador(program, "Ada")
    assert code_of(ada).code == "ADA15"
    lines = [
        "code,used",
        "SHOP1AAA,0",
        "shop2bbb",
        "",
        "ADAI5",
        "has space",
        "SHOP1AAA",
        "SHOPIAAA",
        "FUCK12",
    ]
    batch = ask(program, BatchKind.FILE, source="\n".join(lines), pool_name="From the shop")
    assert (batch.wanted, batch.made, batch.skipped, batch.source) == (7, 2, 5, "")
    assert batch.problems == [
        ["has space", "A code has 3 to 20 letters A–Z and digits, without spaces or signs."],
        ["SHOP1AAA", "It stands in the file twice, or reads like one above it."],
        ["SHOPIAAA", "It stands in the file twice, or reads like one above it."],
        ["FUCK12", "It cannot be used."],
        ["ADAI5", "The brand has or had a code that reads like it."],
    ]
    page = issue_queries.pooled_codes(batch.pool_id, issue_queries.PageRequest())
    assert [one.code for one, _ in page.rows] == ["SHOP1AAA", "SHOP2BBB"]
    with unit_of_work(), pytest.raises(InvalidInput, match="is taken"):
        commands.reserve_code(ada.id, "SHOP2BBB", "Ada", 1500)


def test_a_batch_goes_on_where_it_was_cut_off(world, program, monkeypatch):
    monkeypatch.setattr(batch_commands, "CHUNK", 10)
    many_ambassadors(program, 25)
    with unit_of_work():
        batch = batch_commands.ask_batch(
            program.brand_id, program.id, BatchKind.AMBASSADORS, pattern="{first}", by=None
        )
    with unit_of_work():
        assert batch_commands.fill_some(batch.id) == (10, 25, False)
    jobs.fill_batch(batch.id)
    jobs.fill_batch(batch.id)
    made = db.session.get(CodeBatch, batch.id, populate_existing=True)
    assert (made.made, made.status) == (25, BatchStatus.DONE)
    assert db.session.scalar(select(func.count()).select_from(DiscountCode)) == 25


def test_a_wish_is_granted_with_days_of_grace_for_the_old_code(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        wish = request_commands.request_code(ada.id, "mugqueen", "My show is called that.", by=None)
    with unit_of_work(), pytest.raises(Conflict, match="asked for MUGQUEEN already"):
        request_commands.request_code(ada.id, "other", "", by=None)
    with unit_of_work():
        code = request_commands.approve_request(wish.id, 7, by=None)
    old = queries.codes_of_ambassador(ada.id)[1]
    assert (code.code, code.status, code.discount_bp) == ("MUGQUEEN", CodeStatus.ACTIVE, 1500)
    assert (old.code, old.status, old.replaced_by_id) == ("ADA15", CodeStatus.REPLACED, code.id)
    with unit_of_work(), pytest.raises(Conflict, match="approved already"):
        request_commands.decline_request(wish.id, "No", by=None)


def test_a_wish_may_leave_the_old_code_be_or_be_declined_or_taken_back(world, program):
    ada = an_ambassador(program, "Ada")
    with unit_of_work():
        wish = request_commands.request_code(ada.id, "MUGS", "", by=None)
        request_commands.approve_request(wish.id, None, by=None)
    assert {one.status for one in queries.codes_of_ambassador(ada.id)} == {CodeStatus.ACTIVE}
    with unit_of_work():
        wish = request_commands.request_code(ada.id, "CUPS", "", by=None)
        with pytest.raises(InvalidInput, match="Say why"):
            request_commands.decline_request(wish.id, " ", by=None)
        request_commands.decline_request(wish.id, "Too much like ours.", by=None)
        wish = request_commands.request_code(ada.id, "CUPS", "", by=None)
        request_commands.withdraw_request(wish.id, by=None)
    for wanted, told in (("ADA15", "is taken"), ("a!", "3 to 20"), ("ADMIN", "cannot be used")):
        with unit_of_work(), pytest.raises(InvalidInput, match=told):
            request_commands.request_code(ada.id, wanted, "", by=None)


def test_days_and_limit_of_a_code_can_change_while_it_works(world, program):
    ada, now = an_ambassador(program, "Ada"), clock.now()
    code = code_of(ada)
    with unit_of_work():
        code_commands.change_validity(code.id, Validity(None, now + timedelta(days=3), 2), by=None)
    with unit_of_work():
        commands.pause_code(code.id, "a check", by=None)
    with unit_of_work():
        commands.resume_code(code.id, by=None)
    then = [
        queries.code_matching(world.glow.id, "ADA15", now + timedelta(days=day)).status
        for day in (0, 2, 3)
    ]
    assert then == ["active", "active", "expired"]
    with unit_of_work():
        assert not code_commands.exhaust(code.id, 1)
        assert code_commands.exhaust(code.id, 2)
    assert (
        queries.code_matching(world.glow.id, "ADA15", now + timedelta(days=5)).status == "exhausted"
    )
    with unit_of_work(), pytest.raises(Conflict, match="exhausted"):
        code_commands.change_validity(code.id, Validity(), by=None)
    ida = code_of(an_ambassador(program, "Ida"))
    for validity in (Validity(None, now), Validity(now + timedelta(3), now + timedelta(2))):
        with unit_of_work(), pytest.raises(InvalidInput, match="last day"):
            code_commands.change_validity(ida.id, validity, by=None)


def test_R43_a_code_with_a_last_day_comes_back_with_the_membership(world):
    ada = an_ambassador(a_program(world.glow), "Ada")
    last = Validity(None, clock.now() + timedelta(days=30), None)
    with unit_of_work():
        code_commands.change_validity(code_of(ada).id, last, by=None)
        commands.pause_all(ada.id, by=None)
    assert code_of(ada).status is CodeStatus.PAUSED
    with unit_of_work():
        commands.activate(ada.id, by=None)
    assert code_of(ada).status is CodeStatus.ACTIVE
    with clock.at(clock.now() + timedelta(days=31)):
        jobs.tend_codes()
    assert code_of(ada).status is CodeStatus.EXPIRED


def test_R43_codes_of_an_ended_membership_go_on_for_the_days_of_grace_of_the_terms(world):
    program = a_program(world.glow, terms={"attribution": AttributionTerms(grace_days=10)})
    ada, now = an_ambassador(program, "Ada"), clock.now()
    with unit_of_work():
        memberships.end(ada.id, by=None)
    worker.drain()
    then = [
        queries.code_matching(world.glow.id, "ADA15", now + timedelta(days=day)).status
        for day in (0, 9, 10)
    ]
    assert then == ["replaced", "replaced", "retired"]
