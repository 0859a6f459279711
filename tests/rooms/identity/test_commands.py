"""Accounts, roles, invitations, codes and sessions on a real database."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text

from portal.audit import queries as audit
from portal.identity import commands, queries
from portal.identity.models import Invitation, Session, SignInChallenge, StaffRole
from portal.jobs.models import Job
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.world import PASSWORD, World


def do(command, *args, **options):
    with unit_of_work():
        return command(*args, **options)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


# ---- people and brands
def test_an_account_has_one_address_in_any_spelling(world: World):
    made = do(commands.register, " Ada@Example.com ", "Ada  Lovelace")
    assert (made.email, made.name, made.password_hash) == ("ada@example.com", "Ada Lovelace", None)
    assert queries.user_by_email("ADA@example.COM ").id == made.id
    with pytest.raises(Conflict):
        do(commands.register, "ada@EXAMPLE.com", "Another Ada")


def test_a_password_is_stored_as_argon2_and_checked(world: World):
    made = do(commands.register, "ada@example.com", "Ada", PASSWORD)
    assert made.password_hash.startswith("$argon2id$")
    assert PASSWORD not in made.password_hash
    assert commands.check_password("ADA@example.com", PASSWORD).id == made.id


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_sound_the_same(world: World, email):
    do(commands.register, "ada@example.com", "Ada", PASSWORD)
    with pytest.raises(InvalidInput) as refused:
        commands.check_password(email, "not the password")
    assert refused.value.message == commands.WRONG_PAIR


def test_an_account_without_a_password_opens_with_none(world: World):
    do(commands.register, "ada@example.com", "Ada")
    for guess in ("", "None", "nobody's password"):
        with pytest.raises(InvalidInput):
            commands.check_password("ada@example.com", guess)


def test_who_makes_a_brand_owns_it(world: World):
    owner = do(commands.register, "olive@example.com", "Olive")
    made = do(commands.create_brand, "Fern", "fern", "EUR", "Europe/Berlin", by=owner.id)
    [hat] = queries.hats_of(owner.id)
    assert (hat.brand_id, hat.brand_slug) == (made.id, "fern")
    assert "brand.manager" in hat.capabilities
    assert "finance.preparer" not in hat.capabilities
    assert queries.brand_id_of("fern") == made.id
    assert queries.brand_id_of("no-such") is None


@pytest.mark.parametrize(
    ("change", "field"),
    [({"slug": "No Slug"}, "slug"), ({"currency": "euro"}, "currency"), ({"zone": "Mars"}, "zone"),
     ({"name": " "}, "name")],
)  # fmt: skip
def test_a_brand_needs_sound_facts(world: World, change, field):
    facts = {"name": "Fern", "slug": "fern", "currency": "EUR", "zone": "Europe/Berlin", **change}
    with pytest.raises(InvalidInput) as refused:
        do(commands.create_brand, **facts)
    assert refused.value.field == field


def test_a_slug_is_taken_once(world: World):
    assert world.glow.slug == "glow"
    with pytest.raises(Conflict):
        do(commands.create_brand, "Glow again", "glow", "EUR", "Europe/Berlin")


# ---- roles
def test_granting_twice_changes_nothing(world: World):
    do(commands.grant, world.glow.id, world.mona.user_id, "brand.manager")
    count = select(func.count()).select_from(StaffRole)
    assert db.session.scalar(count.where(StaffRole.user_id == world.mona.user_id)) == 1


def test_the_last_owner_stays(world: World):
    with pytest.raises(Conflict, match="at least one owner"):
        do(commands.revoke, world.glow.id, world.owen.user_id, "brand.owner")
    do(commands.grant, world.glow.id, world.mona.user_id, "brand.owner")
    do(commands.revoke, world.glow.id, world.owen.user_id, "brand.owner")
    assert not queries.may(world.owen.user_id, "brand.viewer", world.glow.id)


def test_setting_roles_gives_and_takes_and_tells_the_trail(world: World):
    glow, mona = world.glow.id, world.mona.user_id
    do(commands.set_roles, glow, mona, ["brand.reviewer", "finance.preparer"], world.owen.user_id)
    [member] = [m for m in queries.staff_of(glow) if m.user.id == mona]
    assert [c.value for c in member.capabilities] == ["brand.reviewer", "finance.preparer"]
    acts = [
        (entry.act, entry.facts["capability"]) for entry in audit.history_of("staff-role", mona)
    ]
    assert ("staff-role.revoked", "brand.manager") in acts
    assert ("staff-role.granted", "finance.preparer") in acts


def test_a_role_in_one_brand_is_none_in_another(world: World):
    assert queries.may(world.mona.user_id, "brand.manager", world.glow.id)
    assert not queries.may(world.mona.user_id, "brand.viewer", world.rival.id)
    with pytest.raises(NotFound):
        do(commands.revoke, world.rival.id, world.mona.user_id, "brand.manager")
    with pytest.raises(NotFound):
        do(commands.set_roles, world.rival.id, world.mona.user_id, ["brand.viewer"])


def test_who_may_approve(world: World):
    assert world.finn.user_id != world.faye.user_id
    approvers = queries.staff_with(world.glow.id, "finance.approver")
    assert [user.id for user in approvers] == [world.faye.user_id]


# ---- invitations
def invite(world: World, email: str = "new@example.com", roles=("brand.reviewer",)) -> Invitation:
    return do(commands.invite_staff, world.glow.id, email, roles, world.owen.user_id)


def test_an_invitation_is_accepted_once_by_its_own_address(world: World):
    made, newcomer = invite(world), do(commands.register, "new@example.com", "New")
    with pytest.raises(Conflict, match="was sent to new@example"):
        do(commands.accept_invitation, made.id, world.cy.user_id)
    do(commands.accept_invitation, made.id, newcomer.id)
    assert queries.may(newcomer.id, "brand.reviewer", world.glow.id)
    with pytest.raises(Conflict, match="already accepted"):
        do(commands.accept_invitation, made.id, newcomer.id)


def test_an_invitation_ends_after_a_week_of_wall_time(world: World):
    made, newcomer = invite(world), do(commands.register, "new@example.com", "New")
    with (
        time_machine.travel(made.expires_at, tick=False),
        pytest.raises(Conflict, match="expired"),
    ):
        do(commands.accept_invitation, made.id, newcomer.id)


def test_an_invitation_is_replaced_by_a_newer_one_and_can_be_taken_back(world: World):
    first, second = invite(world), invite(world, roles=("brand.manager",))
    assert [row.id for row in queries.open_invitations(world.glow.id)] == [second.id]
    do(commands.revoke_invitation, second.id, world.owen.user_id)
    with pytest.raises(Conflict, match="already revoked"):
        do(commands.revoke_invitation, second.id, world.owen.user_id)
    with pytest.raises(Conflict, match="taken back"):
        do(commands.decline_invitation, first.id)


def test_inviting_needs_an_address_and_a_new_role(world: World):
    with pytest.raises(InvalidInput):
        invite(world, email="nonsense")
    with pytest.raises(InvalidInput):
        invite(world, roles=())
    with pytest.raises(Conflict, match="already has this role"):
        invite(world, email=world.mona.email, roles=("brand.manager",))


def test_neither_links_nor_codes_are_stored(world: World):
    made = invite(world)
    asked = do(commands.start_challenge, "ada@example.com", "apply")
    secrets = (queries.invitation_token(made), queries.code_for(asked))
    assert queries.invitation_by_token(secrets[0]).id == made.id
    for table in ("invitations", "sign_in_challenges", "jobs", "audit_entries"):
        for row in db.session.execute(text(f"SELECT * FROM {table}")):
            assert not [s for s in secrets for value in row if s in str(value)], table


# ---- codes
def ask(email: str = "ada@example.com", purpose: str = "apply") -> SignInChallenge:
    return do(commands.start_challenge, email, purpose)


def answer(asked: SignInChallenge, code: str) -> str:
    with unit_of_work():
        given = commands.answer_challenge(asked.public_id, code)
    return given.email


def test_the_right_code_proves_the_address_once(world: World):
    asked = ask(" Ada@Example.com")
    assert answer(asked, queries.code_for(asked)) == "ada@example.com"
    with pytest.raises(Conflict, match="already used"):
        answer(asked, queries.code_for(asked))


def test_five_wrong_tries_end_a_code(world: World):
    asked = ask()
    right = queries.code_for(asked)
    for _ in range(5):
        with pytest.raises(InvalidInput, match="not right"):
            answer(asked, other_than(right))
    with pytest.raises(Conflict, match="Five wrong tries"):
        answer(asked, right)


def test_a_code_lives_ten_minutes_of_wall_time(world: World):
    asked = ask()
    with time_machine.travel(asked.expires_at - timedelta(seconds=1), tick=False):
        assert answer(asked, queries.code_for(asked))
    again = ask("ben@example.com")
    with (
        time_machine.travel(again.expires_at, tick=False),
        pytest.raises(Conflict, match="expired"),
    ):
        answer(again, queries.code_for(again))


def test_time_travel_does_not_age_a_code(world: World):
    asked = ask()
    clock.pass_days(40)
    assert answer(asked, queries.code_for(asked))


def test_an_answer_is_for_one_purpose(world: World):
    asked = ask(purpose="apply")
    with pytest.raises(NotFound):
        do(commands.answer_challenge, asked.public_id, "123456", "step-up")


def test_an_answer_must_not_be_read_before_its_try_is_counted(world: World):
    asked = ask()
    with pytest.raises(RuntimeError, match="no try is counted"), unit_of_work():
        assert commands.answer_challenge(asked.public_id, "123456").email


def test_asking_twice_in_a_hurry_sends_one_mail(world: World):
    first, second = ask(), ask()
    assert first.id == second.id
    with time_machine.travel(first.created_at + timedelta(seconds=31), tick=False):
        third = ask()
        assert third.id != first.id
        assert answer(first, queries.code_for(first))  # a late mail still works


def test_an_address_gets_twelve_codes_an_hour(world: World):
    start = clock.wall()
    for number in range(12):
        with time_machine.travel(start + timedelta(seconds=31 * number), tick=False):
            ask()
    with (
        time_machine.travel(start + timedelta(minutes=20), tick=False),
        pytest.raises(Conflict, match="wait an hour"),
    ):
        ask()


def test_a_code_is_mailed_only_where_there_is_an_account(world: World):
    assert not queries.wants_mail(ask("nobody@example.com", "sign-in"))
    assert queries.wants_mail(ask(world.mona.email, "sign-in"))
    assert queries.wants_mail(ask("nobody@example.com", "sign-up"))


def test_known_and_unknown_addresses_leave_the_same_traces(world: World):
    do(commands.register, "ada@example.com", "Ada")
    db.session.execute(select(1))
    before = db.session.scalar(select(func.count()).select_from(Job))
    ask("nobody@example.com", "sign-in")
    between = db.session.scalar(select(func.count()).select_from(Job))
    ask("ada@example.com", "sign-in")
    after = db.session.scalar(select(func.count()).select_from(Job))
    assert between - before == after - between


# ---- sessions
def test_a_session_is_found_by_its_token_until_it_ends(world: World):
    token = do(commands.open_session, world.mona.user_id, "Firefox")
    row, user = queries.session_with(token)
    assert (user.id, row.user_agent) == (world.mona.user_id, "Firefox")
    assert token not in str(row.__dict__)
    do(commands.end_session, row.id)
    assert queries.session_with(token) is None
    assert queries.session_with("made up") is None


def test_a_session_dies_at_thirty_days_of_wall_time(world: World):
    token = do(commands.open_session, world.mona.user_id)
    born = db.session.scalar(select(Session.created_at))
    with time_machine.travel(born + timedelta(days=30), tick=False):
        assert queries.session_with(token) is None
        assert queries.sessions_of(world.mona.user_id) == []


def test_stepping_up_changes_the_token(world: World):
    token = do(commands.open_session, world.mona.user_id)
    row, _ = queries.session_with(token)
    newer = do(commands.step_up, row.id)
    assert queries.session_with(token) is None
    assert queries.session_with(newer)[0].stepped_up_at is not None


def test_a_new_password_ends_every_other_session(world: World):
    kept, other = (do(commands.open_session, world.mona.user_id) for _ in range(2))
    row, _ = queries.session_with(kept)
    do(commands.change_password, world.mona.user_id, "another good password", row.id)
    assert queries.session_with(kept)
    assert queries.session_with(other) is None
    assert commands.check_password(world.mona.email, "another good password")
    with pytest.raises(InvalidInput):
        commands.check_password(world.mona.email, PASSWORD)


def test_an_account_that_is_switched_off_cannot_come_in(world: World):
    token = do(commands.open_session, world.mona.user_id)
    with unit_of_work():
        queries.user(world.mona.user_id).is_active = False
    assert queries.session_with(token) is None
    with pytest.raises(InvalidInput):
        commands.check_password(world.mona.email, PASSWORD)
    assert not queries.wants_mail(ask(world.mona.email, "sign-in"))
