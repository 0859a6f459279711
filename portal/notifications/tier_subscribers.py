"""Who is told what: tiers."""

from portal.ambassadors import queries as ambassadors
from portal.consents import queries as consents
from portal.consents.events import TiersProposed
from portal.consents.queries import TIERS
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import email_of_creator
from portal.programs import queries as programs
from portal.tiers import queries as tiers
from portal.tiers import wording
from portal.tiers.events import TierMoved
from portal.tiers.models import MoveKind
from portal.web.formatting import day

TOLD = (MoveKind.UP, MoveKind.DOWN, MoveKind.WARNED, MoveKind.RECOVERED, MoveKind.PINNED)


def on_tiers_proposed(event: TiersProposed) -> None:
    """A new version of the tiers takes something from her: she reads what, and until when to
    answer (R17)."""
    member = ambassadors.ambassador(event.ambassador_id)
    step = consents.step_of(member, event.ladder_id, TIERS)
    if step is None or not step.lost:
        return
    program, number = programs.program(member.program_id), step.version.number
    send(
        "tiers_proposed", event.ladder_id, email_of_creator(member.creator_id),
        brand=identity.brand(member.brand_id).name, program=program.name, version=number,
        lost=" ".join(step.lost), silence_keeps=not step.moves_by_silence,
        day=day(step.version.effective_at, creators.creator(member.creator_id).zone),
        link=link_to(
            "consents_creator.proposal", program=program.public_id, subject=TIERS.word,
            version=number,
        ),
    )  # fmt: skip


def on_tier_moved(event: TierMoved) -> None:
    """A creator reads that her tier changed, is going to, is safe again, or is kept for her."""
    move = tiers.move(event.move_id)
    if move.kind not in TOLD:
        return
    member = ambassadors.ambassador(move.ambassador_id)
    ladder = tiers.ladder_by_id(move.ladder_id)
    zone = creators.creator(member.creator_id).zone
    program = programs.program(member.program_id)
    send(
        "tier_moved", move.id, email_of_creator(member.creator_id),
        kind=move.kind.value, brand=identity.brand(member.brand_id).name, program=program.name,
        old=move.from_name, new=move.to_name, pays=wording.pays(ladder.step(move.to_step)),
        counted=wording.amount(ladder, move.figure_minor if ladder.is_by_amount else move.sales),
        needed=wording.amount(ladder, ladder.step(move.to_step).threshold),
        until=day(move.until_at, zone) if move.until_at else "",
        link=link_to("standings_creator.tier", ambassador=member.public_id),
    )  # fmt: skip
