"""Second factors through their doors: set up, asked for, lost, taken away."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event

from portal.audit.models import AuditEntry
from portal.factors import commands, queries, rules
from portal.factors.models import Authenticator
from portal.identity import commands as identity
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.proof import code_in, code_of, confirms
from tests.support.world import PASSWORD, World

RUNS = "/finance/glow/runs"


def signs_in(browser: Browser, email: str, then: str = "") -> Browser:
    browser.opens(f"/sign-in/password?next={then}").fills("E-mail address", email)
    return browser.fills("Password", PASSWORD).presses("Sign in")


def newcomer(world: World, *capabilities: str, name: str = "Nia") -> Browser:
    """Somebody whose role needs a factor that she does not have."""
    brand_id = world.glow.id
    with unit_of_work():
        user = identity.register(f"{name.lower()}@example.com", name, PASSWORD)
        for one in capabilities:
            identity.grant(brand_id, user.id, one)
    return world.signed_in(user.email)


def id_of(email: str) -> int:
    user = people.user_by_email(email)
    assert user is not None
    found = user.id
    db.session.remove()
    return found


def acts() -> list[str]:
    found = list(db.session.scalars(db.select(AuditEntry.act).order_by(AuditEntry.id)))
    db.session.remove()
    return found


def sets_up(browser: Browser) -> list[str]:
    """Set up an app from the page "Set up a second factor"; the ten codes that were shown."""
    browser.presses("Use an app").sees("Show this picture to the app")
    key = browser.page.select_one(".app-key").get_text().replace(" ", "")
    browser.fills("Code of your app", rules.code_at(key, rules.step_of(clock.wall())))
    browser.presses("Use this app").sees("Keep your recovery codes")
    return [tag.get_text() for tag in browser.page.select(".recovery code")]


# ---- who must have one
@pytest.mark.parametrize("role", ["finance.preparer", "finance.approver", "brand.owner"])
def test_a_role_that_needs_a_factor_leads_to_its_set_up_and_back(world: World, role):
    home = RUNS if role.startswith("finance") else "/brand/glow/settings/team"
    nia = newcomer(world, role).opens(home).sees("Set up a second factor", "Your role moves money")
    assert len(sets_up(nia)) == 10
    nia.follows("I have kept them")
    assert nia.url == home
    assert nia.status == 200


def test_an_operator_needs_one_and_a_reviewer_does_not(world: World):
    with unit_of_work():
        user = identity.register("ops@example.com", "Ops", PASSWORD, is_operator=True)
    world.signed_in(user.email).opens("/operator").sees("Set up a second factor")
    world.rosa.opens("/brand/glow/applications").does_not_see("second factor")


def test_a_role_given_later_asks_at_the_next_page(world: World):
    rosa = world.rosa.opens("/brand/glow/applications").does_not_see("second factor")
    with unit_of_work():
        identity.grant(world.glow.id, world.rosa.user_id, "finance.approver")
    rosa.opens(RUNS).sees("Set up a second factor")


def test_a_browser_that_never_gave_the_first_factor_is_signed_out(world: World, browser: Browser):
    """Whoever came in with her mail or password before must not find the doors open now."""
    nia = newcomer(world, "finance.preparer")
    thief = signs_in(browser, "nia@example.com", RUNS).sees("Set up a second factor")
    sets_up(nia.opens(RUNS))
    thief.opens(RUNS).sees("E-mail address").does_not_see("Awaiting")
    nia.sees("Every other browser was signed out").follows("I have kept them")
    assert (nia.url, nia.status) == (RUNS, 200)


def test_htmx_is_led_there_too(world: World):
    nia = newcomer(world, "finance.preparer")
    nia.opens(RUNS, headers={"HX-Request": "true"})
    assert nia.response.headers["HX-Redirect"].startswith("/account/security/begin")


# ---- at sign-in
def test_signing_in_asks_for_the_code_and_goes_on_where_she_wanted(world: World, browser: Browser):
    email = world.finn.email
    signs_in(browser, email, RUNS).sees("One more step", "authenticator app")
    browser.opens(RUNS).sees("One more step")  # no door is open yet
    browser.opens("/account").sees("One more step")
    browser.fills("Code of your app", code_of(id_of(email))).presses("Sign in")
    assert browser.url == "/account"
    browser.opens(RUNS).sees("Runs")


def test_the_cookie_changes_with_the_second_step(world: World, browser: Browser, app):
    signs_in(browser, world.finn.email)
    old = Browser(app)
    old.client.set_cookie("vouch", browser.client.get_cookie("vouch").value)
    browser.fills("Code of your app", code_of(id_of(world.finn.email))).presses("Sign in")
    old.opens("/account").sees("E-mail address")


def test_a_code_works_once(world: World, browser: Browser, app):
    signs_in(browser, world.finn.email)
    code = code_of(id_of(world.finn.email))
    browser.fills("Code of your app", code).presses("Sign in")
    other = signs_in(Browser(app), world.finn.email)
    other.fills("Code of your app", code).presses("Sign in", status=422)
    other.sees("This code was used already. Wait for the next one.")
    other.fills("Code of your app", "000000").presses("Sign in", status=422).sees("not right")


def test_five_wrong_codes_and_even_the_right_one_waits(world: World, browser: Browser):
    signs_in(browser, world.finn.email)
    right = code_of(id_of(world.finn.email))
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        browser.fills("Code of your app", wrong).presses("Sign in", status=422)
    browser.fills("Code of your app", right).presses("Sign in", status=409).sees("wait 15 minutes")
    assert "second-factor.locked" in acts()
    with time_machine.travel(clock.wall() + timedelta(minutes=14), tick=False):
        browser.opens("/sign-in/second").fills("Code of your app", right)
        browser.presses("Sign in", status=409)


def test_a_sign_in_waits_a_quarter_of_an_hour(world: World, browser: Browser):
    signs_in(browser, world.finn.email)
    with time_machine.travel(clock.wall() + timedelta(minutes=15, seconds=1), tick=False):
        browser.opens("/sign-in/second").sees("E-mail me a code")


def test_a_remembered_browser_is_not_asked_for_thirty_days(world: World, browser: Browser, app):
    email = world.finn.email
    signs_in(browser, email).fills("Code of your app", code_of(id_of(email)))
    browser.chooses("Do not ask in this browser").presses("Sign in")
    browser.posts("/sign-out")
    signs_in(browser, email, "/account/security").sees("Security", "you are not asked")
    signs_in(Browser(app), email).sees("One more step")  # another browser is
    browser.posts("/sign-out")
    with time_machine.travel(clock.wall() + timedelta(days=31), tick=False):
        signs_in(browser, email).sees("One more step")


def test_forgotten_browsers_are_asked_again(world: World, browser: Browser):
    email = world.finn.email
    signs_in(browser, email).fills("Code of your app", code_of(id_of(email)))
    browser.chooses("Do not ask in this browser").presses("Sign in")
    browser.opens("/account/security").presses("Ask everywhere again").sees("Every browser asks")
    browser.posts("/sign-out")
    signs_in(browser, email).sees("One more step")


def test_somebody_elses_remembered_browser_is_asked(world: World, browser: Browser):
    email = world.finn.email
    signs_in(browser, email).fills("Code of your app", code_of(id_of(email)))
    browser.chooses("Do not ask in this browser").presses("Sign in")
    browser.posts("/sign-out")
    signs_in(browser, world.faye.email).sees("One more step")


def test_an_unfinished_sign_in_stands_on_the_security_page(world: World, browser: Browser):
    signs_in(browser, world.finn.email)
    world.finn.opens("/account/security").sees("Stopped at the second step", "Signed in")


# ---- recovery codes
def test_a_recovery_code_opens_once_and_is_told_by_mail(world: World, browser: Browser, app):
    nia = newcomer(world, "finance.preparer").opens(RUNS)
    codes = sets_up(nia)
    signs_in(browser, "nia@example.com").follows("Use a recovery code instead").sees("10 are left")
    browser.fills("Recovery code", codes[3].upper()).presses("Sign in")
    browser.opens("/account/security").sees("9 codes are left of ten")
    other = signs_in(Browser(app), "nia@example.com").opens("/sign-in/second/recovery")
    other.fills("Recovery code", codes[3]).presses("Sign in", status=422).sees("used already")
    world.settle()
    subjects = set(db.session.scalars(db.select(Message.subject)))
    assert "A recovery code was used" in subjects


def test_new_recovery_codes_end_the_former_ones(world: World, browser: Browser):
    nia = newcomer(world, "finance.preparer").opens(RUNS)
    codes = sets_up(nia)
    nia.opens("/account/security").presses("Make ten new codes").sees("The former codes no longer")
    signs_in(browser, "nia@example.com").opens("/sign-in/second/recovery")
    browser.fills("Recovery code", codes[0]).presses("Sign in", status=422)


# ---- before acts that matter
def test_whoever_has_a_factor_is_asked_for_it_and_for_nothing_less(world: World):
    finn = world.finn.opens("/account/password").sees("Confirm that it is you", "authenticator app")
    finn.does_not_see("E-mail me a code")
    finn.posts("/sign-in/confirm", {"password": PASSWORD}).sees("authenticator app")
    finn.posts("/sign-in/confirm/send").sees("authenticator app")
    finn.opens("/account/password").sees("Confirm that it is you")
    finn.fills("Code", "000000").presses("Confirm", status=422)
    finn.opens("/account/password")
    confirms(finn).sees("Choose a password")


def test_a_person_without_such_a_role_still_confirms_by_password(world: World):
    world.rosa.opens("/account/password").sees("Confirm that it is you").fills("Password", PASSWORD)
    world.rosa.browser.presses("Confirm").sees("Choose a password")


def test_the_answer_holds_five_minutes(world: World):
    finn = world.finn.opens("/account/password")
    confirms(finn)
    with time_machine.travel(clock.wall() + timedelta(minutes=5, seconds=2), tick=False):
        finn.opens("/account/password").sees("Confirm that it is you")


# ---- setting up and taking away
def test_a_first_factor_needs_a_fresh_sign_in_or_a_proof(world: World):
    nia = newcomer(world)
    with time_machine.travel(clock.wall() + timedelta(minutes=11), tick=False):
        nia.opens("/account/security/begin").presses("Use an app").sees("Confirm that it is you")
        nia.fills("Password", PASSWORD).presses("Confirm").presses("Use an app")
        nia.sees("Show this picture to the app")


def test_another_factor_needs_the_first_one(world: World):
    finn = world.finn.opens("/account/security").presses("Change the app")
    confirms(finn.sees("Confirm that it is you"))
    finn.opens("/account/security").presses("Change the app").sees("Show this picture")


def test_the_old_app_works_until_the_new_one_is_confirmed(world: World):
    finn = world.finn.opens("/account/security").presses("Change the app")
    confirms(finn)
    finn.opens("/account/security").presses("Change the app")
    finn.fills("Code of your app", "123456").presses("Use this app", status=422).sees("not right")
    old = queries.secret_of(world.finn.user_id)
    key = finn.page.select_one(".app-key").get_text().replace(" ", "")
    finn.fills("Code of your app", rules.code_at(key, rules.step_of(clock.wall())))
    finn.presses("Use this app").sees("Your app is set up.")
    db.session.remove()
    assert queries.secret_of(world.finn.user_id) == key != old


def test_the_last_factor_of_such_a_role_stays(world: World):
    finn = world.finn.opens("/account/security").sees("add another before you remove this one")
    finn.opens("/account/password")
    confirms(finn)
    finn.posts("/account/security/app/remove", status=409).sees("Your role needs a second factor")
    assert queries.app_of(world.finn.user_id) is not None


def test_whoever_needs_none_may_take_hers_away(world: World):
    nia = newcomer(world).opens("/account/security").follows("Set up a second factor")
    sets_up(nia)
    nia.follows("I have kept them").presses("Remove").sees("The app is removed")
    nia.sees("A second factor keeps others out")
    found = people.user_by_email("nia@example.com")
    assert found is not None
    assert found.second_factor_at is None
    assert queries.codes_left(found.id) == 0


def test_the_key_is_sealed_in_the_database(world: World):
    secret = queries.secret_of(world.finn.user_id)
    db.session.remove()
    stored = db.session.execute(db.text("SELECT secret FROM authenticators")).scalar_one()
    assert secret not in stored
    assert stored.startswith("sealed:")


def test_the_trail_names_each_change_and_no_secret(world: World):
    nia = newcomer(world, "finance.preparer").opens(RUNS)
    codes = sets_up(nia)
    assert {"second-factor.app-added", "second-factor.codes-made"} <= set(acts())
    told = str(list(db.session.scalars(db.select(AuditEntry.facts))))
    key = db.session.scalar(db.select(Authenticator)).secret
    assert key not in told
    assert not any(code in told for code in codes)


# ---- passkeys without a browser that can (the real ones: test_story_in_chromium.py)
def test_a_passkey_that_answers_nothing_is_told(world: World):
    finn = world.finn.opens("/sign-in/confirm/factor")
    finn.posts("/sign-in/confirm/passkey", {"answer": ""}, status=422).sees("passkey")
    finn.posts("/sign-in/confirm/passkey", {"answer": "[1]"}, status=422)
    finn.posts("/sign-in/confirm/passkey", {"answer": "[" * 15_000}, status=422)
    forged = '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}'
    finn.posts("/sign-in/confirm/passkey", {"answer": forged}, status=422).sees("could not be")
    assert code_in(finn)


def test_a_passkey_answer_to_no_question_is_refused(world: World):
    newcomer(world)
    nia = world.signed_in("nia@example.com").opens("/account/security/passkeys/new")
    nia.posts("/account/security/passkeys", {"name": "Laptop", "answer": "{}"}, status=422)
    nia.sees("The browser sent no answer")
    assert nia.field("Name of this passkey")["value"] == "Laptop"


def test_a_question_is_asked_once_and_for_five_minutes(world: World):
    finn = world.finn.opens("/account")
    with finn.client.session_transaction() as kept:
        session_id = people.session_with(kept["token"])[0].id
    with unit_of_work():
        first = commands.ask_passkey(session_id)
        second = commands.ask_passkey(session_id)
    assert first != second
    with unit_of_work():
        assert commands.answered(session_id) == second
    assert queries.question_of(session_id) is None


def test_two_answers_at_the_same_moment_are_not_both_to_the_question(world: World):
    """On PostgreSQL both requests read the question; only one of them takes it away."""
    finn = world.finn.opens("/account")
    with finn.client.session_transaction() as kept:
        session_id = people.session_with(kept["token"])[0].id
    with unit_of_work():
        commands.ask_passkey(session_id)
    earlier = ["DELETE FROM passkey_questions"]

    def answers(connection, _cursor, statement, *_rest):
        if statement.startswith(tuple(earlier)):
            connection.execute(db.text(earlier.pop()))

    event.listen(db.engine, "before_cursor_execute", answers)
    with pytest.raises(InvalidInput), unit_of_work():
        commands.answered(session_id)
    event.remove(db.engine, "before_cursor_execute", answers)
    assert earlier == []


# ---- the operator
def test_an_operator_resets_who_lost_everything(world: World, browser: Browser):
    world.finn.opens("/account")
    olga = world.olga.opens("/operator/people?q=finn@").sees("finn@example.com", "Set up")
    olga.follows("Finn Example").sees("Phone and codes lost")
    olga.presses("Reset the second factor", status=422).sees("Write how you know")
    olga.fills("How you know", "Called her on her desk phone").presses("Reset the second factor")
    confirms(olga)
    assert olga.field("How you know").get_text().strip() == "Called her on her desk phone"
    olga.presses("Reset the second factor").sees("has no second factor any more")
    world.finn.opens("/account").sees("E-mail address")  # signed out
    signs_in(browser, world.finn.email, RUNS).sees("Set up a second factor")
    world.settle()
    assert "Your second factor was reset" in set(db.session.scalars(db.select(Message.subject)))
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.act == "second-factor.reset"))
    assert (entry.actor_id, entry.facts["reason"]) == (
        world.olga.user_id, "Called her on her desk phone",
    )  # fmt: skip


def test_nobody_resets_her_own(world: World):
    olga = world.olga.opens("/operator/people?q=olga").follows("Olga Example").sees("This is you.")
    mine = olga.url
    olga.opens("/account/password")
    confirms(olga)
    olga.posts(f"{mine}/reset", {"reason": "I want to"}, status=409).sees("Nobody resets her own")


def test_only_operators_see_people(world: World):
    world.owen.opens("/operator/people", status=403)
