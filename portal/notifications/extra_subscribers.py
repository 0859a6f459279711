"""Who is told what: bonuses, and what recruiting brings. Each once; further shares have no mail."""

from collections.abc import Sequence

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.events import AgreementAccepted
from portal.commissions import queries as commissions
from portal.commissions.models import Commission
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import email_of_creator
from portal.programs import queries as programs
from portal.referrals import queries as referrals
from portal.web.formatting import day, money


def on_extras_earned(commission_ids: Sequence[int]) -> None:
    """A bonus has a mail; of shares the first one that each recruit brings."""
    for earned in commissions.bonuses_among(commission_ids):
        told = earned.explanation
        _tell(earned, "bonus_earned", earned.id, title=told["title"], note=told.get("note", ""))
    for earned, recruit in referrals.first_shares(commission_ids):
        name = creators.creator(recruit.creator_id).name
        _tell(earned, "recruit_earned", recruit.id, recruit=name)


def on_agreement_accepted(event: AgreementAccepted) -> None:
    """Who was invited is a member now: whoever invited her is told, once."""
    member = ambassadors.ambassador(event.ambassador_id)
    recruit = referrals.recruit_of(member.program_id, member.creator_id)
    if recruit is None:
        return
    parent = ambassadors.ambassador(recruit.parent_id)
    send(
        "recruit_joined", recruit.id, email_of_creator(parent.creator_id),
        recruit=creators.creator(recruit.creator_id).name,
        program=programs.program(member.program_id).name,
        link=link_to("referrals_creator.recruits"),
    )  # fmt: skip


def _tell(earned: Commission, letter: str, subject_id: int, **facts: str) -> None:
    zone = creators.creator(earned.creator_id).zone
    send(
        letter, subject_id, email_of_creator(earned.creator_id), amount=money(earned.amount),
        brand=identity.brand(earned.brand_id).name, payable_on=day(earned.hold_until, zone),
        link=link_to("reports_creator.commission", commission=earned.public_id), **facts,
    )  # fmt: skip
