"""A brand's team: everyone of the brand reads, owners change, strangers see nothing."""

import pytest

from portal.identity import commands, queries
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.world import Member, World

TEAM = "/brand/glow/settings/team"


def public_id(member: Member) -> str:
    found = queries.user(member.user_id).public_id
    db.session.remove()
    return found


def open_invitations(world: World) -> list[str]:
    found = [row.email for row in queries.open_invitations(world.glow.id)]
    db.session.remove()
    return found


def test_an_owner_invites_and_sees_the_invitation(world: World):
    owen = world.owen.opens(TEAM).fills("E-mail address", "New@Example.com")
    owen.chooses("Reviewer").presses("Send invitation").sees(
        "The invitation went to new@example.com"
    )
    owen.sees("Open invitations", "Reviewer", "Open until")
    assert open_invitations(world) == ["new@example.com"]


def test_an_invitation_needs_an_address_and_a_role_and_loses_nothing(world: World):
    owen = world.owen.opens(TEAM).fills("E-mail address", "new@example.com")
    owen.presses("Send invitation", status=422).sees("Error: ", "Choose at least one role")
    assert owen.field("E-mail address")["value"] == "new@example.com"
    owen.fills("E-mail address", "nonsense").chooses("Manager").presses(
        "Send invitation", status=422
    )
    assert owen.field("Manager").has_attr("checked")
    assert open_invitations(world) == []


def test_inviting_somebody_to_what_she_is_already(world: World):
    owen = world.owen.opens(TEAM).fills("E-mail address", world.mona.email)
    owen.chooses("Manager").presses("Send invitation", status=409).sees("already has this role")


def test_a_made_up_role_is_refused(world: World):
    owen = world.owen.opens(TEAM)
    owen.posts(TEAM, {"email": "x@example.com", "capabilities": "operator"}, status=422)


def test_an_invitation_is_revoked_once(world: World):
    owen = world.owen.opens(TEAM).fills("E-mail address", "new@example.com").chooses("Viewer")
    owen.presses("Send invitation")
    action = next(
        f["action"] for f in owen.page.find_all("form") if "revoke" in f.get("action", "")
    )
    owen.presses("Revoke").sees("no longer works").does_not_see("Open invitations")
    owen.posts(action, status=409)


def test_roles_are_changed_on_their_own_page(world: World):
    owen = world.owen.opens(f"{TEAM}/{public_id(world.mona)}").sees("Mona Example")
    assert owen.field("Manager").has_attr("checked")
    owen.chooses("Finance preparer").presses("Save roles").sees(
        "now has these roles", "Finance preparer"
    )


def test_roles_cannot_all_be_unticked_by_saving(world: World):
    here = f"{TEAM}/{public_id(world.mona)}"
    owen = world.owen.opens(here)
    owen.posts(here, {}, status=422).sees("Choose a role")
    assert queries.may(world.mona.user_id, "brand.manager", world.glow.id)


def test_a_person_leaves_the_team_once(world: World):
    here = f"{TEAM}/{public_id(world.mona)}"
    owen = world.owen.opens(here).presses("Remove from the team")
    owen.sees("no longer in the team").does_not_see("mona@example.com")
    owen.posts(f"{here}/remove", status=404)


def test_the_last_owner_cannot_leave(world: World):
    here = f"{TEAM}/{public_id(world.owen)}"
    owen = world.owen.opens(here)
    owen.presses("Remove from the team", status=409).sees("at least one owner")
    owen.opens(here)
    owen.posts(here, {"capabilities": "brand.viewer"}, status=409).sees("at least one owner")


def test_an_owner_who_leaves_herself_is_not_left_at_a_locked_door(world: World):
    glow, mona = world.glow.id, world.mona.user_id
    with unit_of_work():
        commands.grant(glow, mona, "brand.owner")
    owen = world.owen.opens(f"{TEAM}/{public_id(world.owen)}")
    owen.presses("Remove from the team", status=200).sees("no longer in the team")


@pytest.mark.parametrize("who", ["mona", "rosa"])
def test_others_of_the_brand_read_but_do_not_change(world: World, who):
    member = getattr(world, who)
    reader = (
        member.opens(TEAM)
        .sees("Only an owner of Glow")
        .does_not_see("Send invitation", "Change the roles")
    )
    reader.posts(TEAM, {"email": "x@example.com", "capabilities": "brand.owner"}, status=403)
    here = f"{TEAM}/{public_id(member)}"
    reader.opens(here, status=403)
    reader.posts(here, {"capabilities": "brand.owner"}, status=403)
    reader.posts(f"{here}/remove", status=403)
    assert not queries.may(member.user_id, "brand.owner", world.glow.id)


def test_finance_does_not_open_the_brands_pages(world: World):
    world.finn.opens(TEAM, status=403)


def test_another_brands_owner_is_told_404(world: World):
    mona = public_id(world.mona)
    rae = world.rae.opens(TEAM, status=404)
    rae.posts(TEAM, {"email": "x@example.com", "capabilities": "brand.owner"}, status=404)
    rae.opens(f"{TEAM}/{mona}", status=404)
    rae.opens(f"/brand/rival/settings/team/{mona}", status=404)
    rae.posts(f"/brand/rival/settings/team/{mona}/remove", status=404)


def test_another_brands_invitation_is_told_404(world: World):
    glow = world.glow.id
    with unit_of_work():
        made = commands.invite_staff(glow, "new@example.com", ["brand.viewer"], None)
    world.rae.opens("/brand/rival/settings/team").posts(
        f"/brand/rival/settings/team/invitations/{made.public_id}/revoke", status=404
    )
    assert open_invitations(world) == ["new@example.com"]


def test_a_brand_nobody_has_is_told_404(world: World):
    world.owen.opens("/brand/no-such-brand/settings/team", status=404)


def test_a_visitor_is_asked_to_sign_in(world: World, browser: Browser):
    assert world.glow
    browser.opens(TEAM).sees("Sign in")
    assert browser.url == "/sign-in?next=/brand/glow/settings/team"
    browser.posts(TEAM, {}).sees("Sign in")


def test_reading_changes_nothing(world: World):
    here = f"{TEAM}/{public_id(world.mona)}"
    for url in (f"{here}/remove", f"{TEAM}/invitations/inv_x/revoke"):
        world.owen.opens(url, status=405)
