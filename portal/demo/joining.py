"""Creators apply, are approved, accept; and some still wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from portal.ambassadors import queries as ambassadors
from portal.applications import commands as applications
from portal.applications.models import Application, ApplicationStatus
from portal.applications.rules import ChannelFacts, Draft
from portal.creators import queries as creators
from portal.creators.models import Platform
from portal.demo import cast, growth_chapter
from portal.demo.people import Persona, personas
from portal.jobs import worker
from portal.kernel import clock, codes
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking

if TYPE_CHECKING:
    from portal.demo.story import Stage

WHY = (
    "I switched my café-at-home series to your Winter roast, and people ask what is in the cup.",
    "Half my comments ask which beans I use. I would like to have an honest answer.",
    "I drink it every morning. My followers see the bag in every reel anyway.",
    "I teach pour-over to beginners, and your roast dates are the only ones I trust.",
)
RECRUITED = 3  # who of them came by the first one’s invitation
FIRST_POST = (
    "A two-minute pour-over for people who only own a kettle and a mug.",
    "A side-by-side of three grinds with one bag.",
    "My Sunday flat white, with the mistakes left in.",
)


@dataclass(frozen=True, slots=True)
class Member:
    """One ambassador of the story; `weight` is how often she sells."""

    persona: Persona
    creator_id: int
    user_id: int
    ambassador_id: int
    code: str
    link_id: int
    joined_at: datetime
    weight: int


def welcome_all(stage: Stage, count: int, chance: Random) -> list[Member]:
    """Everybody who is an ambassador today, in the order they joined."""
    found: list[Member] = []
    for persona, joined_at, weight in _arrivals(stage.now, count, chance):
        invite = _invite(found[0]) if len(found) == RECRUITED else ""
        found.append(_welcome(stage, persona, joined_at, weight, chance, invite))
    return found


def _invite(first: Member) -> str:
    return growth_chapter.invite(first.ambassador_id, first.joined_at + timedelta(hours=12))


def applicants(stage: Stage, members: list[Member], count: int) -> None:
    """Creators who applied in the last days and wait for an answer; two were invited."""
    chance, invite = Random("applicants"), growth_chapter.invite_of(members[0])
    for number, persona in enumerate(personas(count, "newcomers", cast.DOMAIN)):
        with clock.at(stage.now - timedelta(hours=3 + number * 6, minutes=number * 7)):
            _apply(stage, persona, chance, invite if number in (3, 8) else "")


def _arrivals(now: datetime, count: int, chance: Random) -> Iterator[tuple[Persona, datetime, int]]:
    maya = Persona(cast.MAYA.name, "maya.pours", cast.MAYA.email, "US", Platform.INSTAGRAM,
                   18_400, 1270, 92)  # fmt: skip
    yield maya, now - timedelta(days=180), 12
    for number, persona in enumerate(personas(count - 1, "ambassadors", cast.DOMAIN)):
        days = 178 - number * 150 // count
        joined = now - timedelta(days=days, hours=chance.randint(1, 9))
        yield persona, joined, chance.choice((1, 1, 2, 2, 3, 5))


def _welcome(
    stage: Stage, persona: Persona, joined_at: datetime, weight: int, chance: Random,
    invite: str,
) -> Member:  # fmt: skip
    with clock.at(joined_at):
        application_id = _apply(stage, persona, chance, invite)
        with unit_of_work():
            decided = applications.decide(
                application_id, ApplicationStatus.APPROVED, "Welcome!", by=stage.staff["manager"]
            )
            assert decided.ambassador_id is not None
            creator = creators.creator(decided.creator_id or 0)
            agreement = programs.current_agreement(stage.program.id)
            assert agreement is not None
            applications.accept_agreement(
                decided.ambassador_id, agreement.id, by=creator.user_id, ip="127.0.0.1"
            )
        worker.drain()
    ambassador = ambassadors.ambassador(decided.ambassador_id)
    code = tracking.current_codes([ambassador.id])[ambassador.id]
    link = tracking.default_links([ambassador.id])[ambassador.id]
    return Member(
        persona, creator.id, creator.user_id, ambassador.id, code.code, link.id, joined_at, weight
    )


def _apply(stage: Stage, persona: Persona, chance: Random, invite: str = "") -> int:
    channel = ChannelFacts(
        persona.platform.value,
        persona.handle,
        f"https://{persona.platform.value}.example/{persona.handle}",
        persona.followers,
        persona.likes,
        persona.comments,
    )
    answers = zip(
        stage.program.questions, (chance.choice(WHY), chance.choice(FIRST_POST)), strict=True
    )
    draft = Draft(
        email=persona.email, name=persona.name, country=persona.country, is_adult=True,
        has_consented=True, channels=(channel,), answers=tuple(answers),
        invite=invite,
    )  # fmt: skip
    with unit_of_work():
        kept = applications.save_draft(stage.program.id, draft, token=codes.secret())
        sent: Application = applications.submit(kept.id, email=persona.email, zone=persona.zone)
    return sent.id
