"""Who is told what (UX §5, 12 and 33): what happens to a creator's code, terms and payout
account."""

from portal.ambassadors import queries as ambassadors
from portal.consents import queries as consents
from portal.consents.events import TermsProposed
from portal.creators import queries as creators
from portal.creators.events import DestinationChanged
from portal.creators.models import DestinationState
from portal.creators.rules import CONFIRMATION
from portal.destinations.wording import missing_words
from portal.factors.events import SecondFactorChanged
from portal.factors.rules import instant_of
from portal.identity import queries as identity
from portal.kernel import clock
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import email_of_creator
from portal.programs import queries as programs
from portal.rewards import queries as rewards
from portal.rewards import wording as reward_words
from portal.rewards.events import RewardGiven, RewardMoved
from portal.rewards.models import RewardKind
from portal.tracking import queries as tracking
from portal.tracking.events import CodeChanged
from portal.tracking.models import CodeStatus
from portal.web.formatting import day, money, when, zone_name

MOVES = ("shipped", "issued", "cancelled")
WITH_MEMBERSHIP = "membership"
UNTOLD = (DestinationState.NOT_STARTED, DestinationState.ONBOARDING, DestinationState.VERIFYING)


def on_terms_proposed(event: TermsProposed) -> None:
    """A new version takes something from her: she reads what, and until when to answer (R17)."""
    member = ambassadors.ambassador(event.ambassador_id)
    step = consents.step_of(member, event.terms_id)
    if step is None or not step.lost:
        return
    terms, program = programs.terms(event.terms_id), programs.program(member.program_id)
    send(
        "terms_proposed", event.terms_id, email_of_creator(member.creator_id),
        brand=identity.brand(member.brand_id).name, program=program.name, version=terms.version,
        lost=" ".join(step.lost), silence_keeps=not step.moves_by_silence,
        day=day(terms.effective_at, creators.creator(member.creator_id).zone),
        link=link_to(
            "consents_creator.proposal", program=program.public_id, subject="terms",
            version=terms.version,
        ),
    )  # fmt: skip


def on_reward_given(event: RewardGiven) -> None:
    """A brand gave her something that is no money; what she redeemed herself is no news, and
    points for sales come too often."""
    reward = rewards.reward(event.reward_id)
    if reward.points or reward.ambassador_id is not None:
        return
    send(
        "reward_given", reward.id, email_of_creator(reward.creator_id),
        brand=identity.brand(reward.brand_id).name, note=reward.note,
        what=reward_words.what(reward, rewards.item(reward.item_id)), value=money(reward.amount),
        is_points=reward.kind is RewardKind.POINTS, is_product=reward.kind is RewardKind.PRODUCT,
        link=link_to("rewards_creator.rewards"),
    )  # fmt: skip


def on_reward_moved(event: RewardMoved) -> None:
    """A parcel is on its way, credit or a card is issued, or the brand took it back."""
    if event.status not in MOVES:
        return
    reward = rewards.reward(event.reward_id)
    send(
        f"reward_{event.status}", reward.id, email_of_creator(reward.creator_id),
        brand=identity.brand(reward.brand_id).name, tracking=reward.tracking,
        what=reward_words.what(reward, rewards.item(reward.item_id)),
        link=link_to("rewards_creator.rewards"),
    )  # fmt: skip


def on_second_factor_changed(event: SecondFactorChanged) -> None:
    """Somebody's second factor was added, removed, used up or reset: she reads what, and when."""
    send(
        "second_factor", event.moment, identity.user(event.user_id).email,
        change=event.change, name=event.name,
        at=when(instant_of(event.moment), "UTC"),
        link=link_to("factors_person.security"),
    )  # fmt: skip


def on_code_changed(event: CodeChanged) -> None:
    """A paused or replaced code: old, new, why, until when. Other changes are nobody's mail."""
    code, now = tracking.code(event.code_id), clock.now()
    past = [one for one in tracking.changes_of(code.id) if one.at <= now]
    told = next((one for one in reversed(past)
                 if one.status in (CodeStatus.PAUSED, CodeStatus.REPLACED)), None)  # fmt: skip
    is_paused = told is not None and told is past[-1] and code.status is CodeStatus.PAUSED
    if told is None or not (is_paused or code.replaced_by_id):
        return
    member = ambassadors.ambassador(code.ambassador_id)
    facts = {"code": code.code, "brand": identity.brand(code.brand_id).name,
             "link": link_to("reports_links.links")}  # fmt: skip
    to = email_of_creator(member.creator_id)
    if is_paused:
        with_membership = told.reason == WITH_MEMBERSHIP
        reason = "" if with_membership else told.reason
        send("code_paused", told.id, to, with_membership=with_membership, reason=reason, **facts)
        return
    new, zone = tracking.code(code.replaced_by_id or 0), creators.creator(member.creator_id).zone
    goes_on = code.is_working and code.ended_at is not None and code.ended_at > now
    until = f"{when(code.ended_at, zone)}, {zone_name(zone)}" if goes_on and code.ended_at else ""
    send("code_replaced", told.id, to, new=new.code, until=until, **facts)


def on_destination_changed(event: DestinationChanged) -> None:
    """The account her money goes to was changed, can be paid, or needs her."""
    state = DestinationState(event.state)
    found = creators.destination_of(event.creator_id)
    if found is None or state in UNTOLD:
        return
    if CONFIRMATION in found.missing:  # the mail that asks for it says all of this
        return
    zone = creators.creator(event.creator_id).zone
    cools = state is DestinationState.COOLING and found.cooling_until is not None
    send(
        "payout_account", event.epoch_seconds, email_of_creator(event.creator_id),
        state=state.value, account=found.label_masked, missing=missing_words(found.missing),
        due=missing_words(found.due), due_by=day(found.due_at, zone) if found.due_at else "",
        until=f"{when(found.cooling_until, zone)}, {zone_name(zone)}"
        if cools and found.cooling_until else "",
        link=link_to("destinations_creator.setup"),
    )  # fmt: skip
