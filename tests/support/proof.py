"""Proving again who one is, as the people of the cast do it: with their app."""

from __future__ import annotations

from portal.factors import queries as apps
from portal.identity import queries, sign_in
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser


def code_of(user_id: int) -> str:
    """What her authenticator app shows; it works even where a test used it just before."""
    with unit_of_work():
        found = apps.app_of(user_id)
        assert found is not None, "She has no app: World.member gives one to who needs it."
        found.last_step = 0
        code = apps.usable_code(user_id)
    db.session.remove()
    assert code is not None
    return code


def code_in(browser: Browser) -> str:
    """What the app of whoever uses this browser shows."""
    with browser.client.session_transaction() as session:
        found = queries.session_with(session[sign_in.SESSION_KEY])
    assert found is not None
    user_id = found[1].id
    db.session.remove()
    return code_of(user_id)


def confirms(browser: Browser) -> Browser:
    """Prove identity again when asked to."""
    browser.sees("Confirm that it is you").fills("Code", code_in(browser))
    return browser.presses("Confirm")
