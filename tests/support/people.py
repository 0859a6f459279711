"""Builders for the two sides: programs, creators, applications, ambassadors.

Functions that take the world, so that any room's tests can build on them.
"""

from __future__ import annotations

from typing import Any

from portal.ambassadors.models import Ambassador
from portal.applications import commands as applications
from portal.applications.models import Application, ApplicationStatus
from portal.applications.rules import ChannelFacts, Draft
from portal.creators import commands as creators
from portal.creators.models import Creator
from portal.identity import commands as identity
from portal.identity import queries as people
from portal.kernel import codes
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.programs.models import Program
from portal.storage.unit_of_work import unit_of_work

AGREEMENT = "You say that it is an ad.\n\nWe pay you on the 5th."
QUESTIONS = ["Why Glow?", "What would you make first?"]


def a_program(brand: Any, *, slug: str = "", is_open: bool = True, **more: Any) -> Program:
    """A program with terms (10 % unless `terms` says otherwise), an agreement, and doors open."""
    terms = {"rate_bp": 1_000, **more.pop("terms", {})}
    page = {"pitch": "Good things, passed on.", "discount_bp": 1_500, "countries": ["US", "CA"],
            "min_followers": 3_000, "questions": QUESTIONS, **more}  # fmt: skip
    with unit_of_work():
        program = programs.create_program(
            brand.id, f"{brand.name} Ambassadors", slug=slug or brand.slug, by=None, **page
        )
        programs.publish_terms(program.id, by=None, **terms)
        programs.publish_agreement(program.id, AGREEMENT, by=None, summary="Say it is an ad.")
        if is_open:
            programs.open_applications(program.id, by=None)
    return program


def a_creator(who: str, /, **profile: Any) -> Creator:
    """A user who is a creator: ada@example.com for "Ada"."""
    email = f"{who.lower()}@example.com"
    with unit_of_work():
        user = people.user_by_email(email) or identity.register(email, f"{who} Example", None)
        profile = {"name": user.name, "country": "US", "is_adult": True, **profile}
        return creators.complete_profile(user.id, **profile)


def a_draft(who: str = "Ben", /, **changes: Any) -> Draft:
    """What somebody who fits Glow's program types."""
    channel = ChannelFacts(
        "instagram", f"{who.lower()}.brews", f"https://instagram.com/{who.lower()}.brews",
        18_400, 1_300, 62,
    )  # fmt: skip
    typed = {
        "email": f"{who.lower()}@example.com", "name": f"{who} Example", "country": "US",
        "is_adult": True, "has_consented": True, "channels": (channel,),
        "answers": tuple((question, "Because it is good.") for question in QUESTIONS), **changes,
    }  # fmt: skip
    return Draft(**typed)


def an_application(program: Program, who: str = "Ben", /, **changes: Any) -> Application:
    """An application sent in under a proven address."""
    draft = a_draft(who, **changes)
    with unit_of_work():
        begun = applications.save_draft(program.id, draft, token=codes.secret())
        return applications.submit(begun.id, email=draft.email)


def an_enrolled(
    program: Program, name: str = "Ada", *, code: str = "", application: Application | None = None
) -> Ambassador:
    """Somebody approved who has not accepted the agreement; her code is reserved."""
    from portal.ambassadors import queries as memberships

    application = application or an_application(program, name)
    with unit_of_work():
        decided = applications.decide(
            application.id, ApplicationStatus.APPROVED, by=None, wanted_code=code
        )
        assert decided.ambassador_id is not None
        return memberships.ambassador(decided.ambassador_id)


def an_ambassador(
    program: Program, name: str = "Ada", *, code: str = "", application: Application | None = None
) -> Ambassador:
    """An active member: approved, agreement accepted, code and link working."""
    ambassador = an_enrolled(program, name, code=code, application=application)
    agreement = offers.current_agreement(program.id)
    assert agreement is not None
    with unit_of_work():
        applications.accept_agreement(ambassador.id, agreement.id, by=None, ip="127.0.0.1")
    return ambassador
