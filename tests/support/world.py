"""The cast. Glow is a brand with manager Mona, reviewer Rosa, finance Finn (prepares) and Faye
(approves); Ada is its ambassador, Ben an applicant, Cy a stranger; Rival is another brand with
manager Rae, who must never see anything of Glow. Olga operates the installation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask

from portal.factors import commands as factors
from portal.factors.rules import new_secret
from portal.identity import commands as identity
from portal.identity.rules import needs_second_factor
from portal.jobs import worker
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import clicks
from tests.support.browser import Browser

PASSWORD = "correct horse battery staple"


@dataclass
class Member:
    """Somebody of the cast: a user, and a browser signed in as her on first use."""

    world: World
    name: str
    email: str
    user_id: int

    @cached_property
    def browser(self) -> Browser:
        return self.world.signed_in(self.email)

    def opens(self, url: str, **options: Any) -> Browser:
        return self.browser.opens(url, **options)


class World:
    """Builders. Nothing is made before it is asked for."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    # ---- people and brands
    def member(
        self, name: str, *capabilities: str, brand: Any = None, operator: bool = False
    ) -> Member:
        email = f"{name.lower()}@example.com"
        with unit_of_work():
            user = identity.register(email=email, name=f"{name} Example", password=PASSWORD)
            user.is_operator = operator
            for capability in capabilities:
                identity.grant(brand_id=brand.id, user_id=user.id, capability=capability, by=None)
            if operator or needs_second_factor(capabilities):
                factors.give_app(user.id, new_secret())
        return Member(self, name, email, user.id)

    def brand(self, name: str, currency: str = "USD", **more: Any) -> Any:
        with unit_of_work():
            return identity.create_brand(
                name=name,
                slug=name.lower(),
                currency=currency,
                zone="America/New_York",
                by=None,
                **more,
            )

    @cached_property
    def glow(self) -> Any:
        return self.brand("Glow", allowed_hosts=["glow.example"], website="https://glow.example")

    @cached_property
    def rival(self) -> Any:
        return self.brand("Rival", allowed_hosts=["rival.example"], website="https://rival.example")

    @cached_property
    def mona(self) -> Member:
        return self.member("Mona", "brand.manager", brand=self.glow)

    @cached_property
    def rosa(self) -> Member:
        return self.member("Rosa", "brand.reviewer", brand=self.glow)

    @cached_property
    def owen(self) -> Member:
        return self.member("Owen", "brand.owner", brand=self.glow)

    @cached_property
    def finn(self) -> Member:
        return self.member("Finn", "finance.preparer", brand=self.glow)

    @cached_property
    def faye(self) -> Member:
        return self.member("Faye", "finance.approver", brand=self.glow)

    @cached_property
    def rae(self) -> Member:
        return self.member(
            "Rae", "brand.owner", "finance.preparer", "finance.approver", brand=self.rival
        )

    @cached_property
    def olga(self) -> Member:
        return self.member("Olga", operator=True)

    @cached_property
    def cy(self) -> Member:
        return self.member("Cy")

    # ---- doing
    def signed_in(self, email: str, *, htmx: bool = False) -> Browser:
        """A browser signed in by a real session (the sign-in pages have their own tests)."""
        from portal.identity import queries, sign_in

        user = queries.user_by_email(email)
        assert user is not None
        browser = Browser(self.app, htmx=htmx)
        with unit_of_work():
            token = identity.open_session(user.id, "tests")
        with browser.client.session_transaction() as session:
            session[sign_in.SESSION_KEY] = token
        db.session.remove()
        return browser

    def settle(self) -> int:
        """Take in the clicks, then run every due job, here and now."""
        clicks.ingest()
        return worker.drain()
