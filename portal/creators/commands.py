"""Create and change creators, their channels and payout destinations."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.audit import commands as audit
from portal.creators import queries, rules
from portal.creators.events import DestinationChanged
from portal.creators.models import (
    Channel,
    Creator,
    DestinationState,
    PayoutDestination,
    Platform,
    Rail,
)
from portal.jobs.commands import announce
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.storage.locks import lock
from portal.storage.model import db


def complete_profile(
    user_id: int,
    *,
    name: str,
    handle: str = "",
    bio: str | None = None,
    country: str = "",
    zone: str = "",
    is_adult: bool | None = None,
) -> Creator:
    """Make this user a creator, or change who she says she is. What is left out stays.

    Without a handle a free one is made of the name. Raises InvalidInput for a handle in use.
    """
    creator = queries.of_user(user_id)
    if creator is None:
        handle = handle or _free_handle(name)
        creator = Creator(user_id=user_id, created_at=clock.now(), bio="", country="", zone="UTC")
        creator.is_adult = False
        db.session.add(creator)
    if handle:
        _take_handle(creator, handle)
    creator.name = name.strip() or creator.name
    creator.country, creator.zone = country or creator.country, zone or creator.zone
    creator.bio = creator.bio if bio is None else bio
    creator.is_adult = creator.is_adult if is_adult is None else is_adult
    db.session.flush()
    audit.note(user_id, "creator.profile-completed", creator.id, handle=creator.handle)
    return creator


def add_channel(
    creator_id: int,
    platform: Platform,
    handle: str,
    *,
    url: str = "",
    followers: int = 0,
    likes_per_post: int | None = None,
    comments_per_post: int | None = None,
) -> Channel:
    """Add a channel, or bring its figures up to date when she has it already."""
    folded = rules.folded_handle(handle)
    query = select(Channel).where(
        Channel.creator_id == creator_id,
        Channel.platform == platform,
        Channel.folded_handle == folded,
    )
    channel = db.session.scalar(query)
    if channel is None:
        channel = Channel(creator_id=creator_id, platform=platform, folded_handle=folded)
        db.session.add(channel)
    channel.handle, channel.url = handle.strip().lstrip("@"), url or channel.url or ""
    channel.followers = followers
    channel.likes_per_post, channel.comments_per_post = likes_per_post, comments_per_post
    db.session.flush()
    return channel


def record_destination(
    creator_id: int,
    rail: Rail,
    account_ref: str,
    *,
    by: int | None,
    label_masked: str = "",
    country: str = "",
    cools: bool = False,
) -> PayoutDestination:
    """Note where a creator's money goes: the step under `destinations.set_destination`, which is
    the way to set it, since it asks for a confirmation; nothing else calls this.

    Another account, or another rail than the one that could be paid, cools for 72 hours before
    anything is sent to it (UX 6.13, R91); with `cools` it does whatever was before. Setting
    what is set already changes nothing; one that she disconnected is set anew.
    """
    lock(Creator, creator_id)
    now, current = clock.now(), queries.destination_of(creator_id)
    destination = _destination(creator_id, rail)
    was_left = rules.RECONNECTION in destination.missing
    before = destination.account_ref
    if before == account_ref and before and destination is current and not was_left:
        return destination
    cools = cools or (
        bool(before) if current is None or current.rail is rail else rules.was_usable(current.state)
    )
    # The one set last counts, even when both were set in one instant.
    last = current.changed_at + timedelta(microseconds=1) if current is not None else now
    destination.account_ref, destination.changed_at = account_ref, max(now, last)
    if before != account_ref or was_left:
        destination.missing, destination.due, destination.due_at = [], [], None
    if before != account_ref:
        destination.bank_print, destination.reported_at = "", None
    destination.label_masked = label_masked or destination.label_masked or ""
    destination.country = country or destination.country or ""
    destination.cooling_until = now + rules.COOLING if cools else None
    former = destination.state if before == account_ref and not was_left else None
    destination.state = rules.state_when_set(rail, former, destination.cooling_until, now)
    db.session.flush()
    audit.note(by, "payout-destination.set", destination.id, rail=rail.value, was=bool(before))
    _announce(destination)
    return destination


def lock_account(account_ref: str) -> PayoutDestination:
    """The destination that is a provider's account, locked after its creator as everywhere.
    Raises NotFound for an account that nobody has."""
    query = select(PayoutDestination).where(PayoutDestination.account_ref == account_ref)
    found = db.session.scalar(query) if account_ref else None
    if found is None:
        raise NotFound("No creator is paid through this account.")
    lock(Creator, found.creator_id)
    return lock(PayoutDestination, found.id)


def record_account_state(
    account_ref: str,
    state: str,
    missing: Sequence[str] = (),
    *,
    due: Sequence[str] = (),
    due_at: datetime | None = None,
    label_masked: str = "",
    country: str = "",
) -> PayoutDestination:
    """Note what the provider reports of an account: the step under `destinations.record_report`,
    which also sees another bank behind it. `state` is payable, not_payable, restricted, rejected
    or disconnected; `due` is what it wants by `due_at` though it pays until then.

    Repeating a report changes nothing, and none brings an account back that has ended. Raises
    NotFound for an account that nobody has.
    """
    destination = lock_account(account_ref)
    if rules.has_ended(destination.state):
        return destination  # also when it can be paid: its owner, or Stripe, took it away (R91)
    destination.label_masked = label_masked or destination.label_masked
    destination.country = country or destination.country
    if rules.CONFIRMATION in destination.missing:
        missing = [rules.CONFIRMATION, *missing]
    after = rules.state_after_report(state, list(missing), destination.cooling_until, clock.now())
    asks_more = not set(due) <= set(destination.due)
    destination.due, destination.due_at = list(due), due_at
    if not asks_more and (after, list(missing)) == (destination.state, destination.missing):
        return destination
    before, destination.state, destination.missing = destination.state, after, list(missing)
    audit.note(
        None, "payout-destination.reported", destination.id, before=before.value, after=after.value
    )
    _announce(destination)
    return destination


def record_other_bank(destination_id: int, label_masked: str) -> PayoutDestination:
    """The bank behind this account is another one from now on: it cools for 72 hours as another
    account would, and no payout approved before is sent to it (R91)."""
    destination = lock(PayoutDestination, destination_id)
    now, last = clock.now(), destination.changed_at + timedelta(microseconds=1)
    destination.changed_at, destination.cooling_until = max(now, last), now + rules.COOLING
    audit.note(
        None, "payout-destination.bank-changed", destination.id,
        before=destination.label_masked, after=label_masked,
    )  # fmt: skip
    return destination


def await_confirmation(destination_id: int) -> PayoutDestination:
    """Nothing is sent to this changed destination before its owner has confirmed it (R91)."""
    destination = lock(PayoutDestination, destination_id)
    if rules.CONFIRMATION not in destination.missing:
        destination.missing = [rules.CONFIRMATION, *destination.missing]
    if rules.was_usable(destination.state):
        destination.state = DestinationState.ACTION_NEEDED
    return destination


def confirm_destination(creator_id: int, rail: Rail, account_ref: str) -> PayoutDestination:
    """She confirmed the change: what else is missing decides. Raises Conflict when it is not her
    destination any more."""
    destination = _current(creator_id, rail, account_ref)
    missing = [code for code in destination.missing if code != rules.CONFIRMATION]
    if destination.missing == [rules.CONFIRMATION] and (
        destination.state is DestinationState.ACTION_NEEDED
    ):
        destination.state = rules.state_after_report(
            "payable", missing, destination.cooling_until, clock.now()
        )
    destination.missing = missing
    _announce(destination)
    return destination


def disconnect(creator_id: int, rail: Rail, account_ref: str) -> PayoutDestination:
    """Send nothing there, ever. Raises Conflict when it is not her destination any more."""
    destination = _current(creator_id, rail, account_ref)
    destination.state, destination.missing = DestinationState.DISCONNECTED, []
    audit.note(None, "payout-destination.disconnected", destination.id, rail=rail.value)
    _announce(destination)
    return destination


def leave(creator_id: int, *, by: int) -> PayoutDestination:
    """She disconnects the account her money goes to; nothing approved before is sent there. Raises
    Conflict when there is none, or it has ended."""
    lock(Creator, creator_id)
    found = queries.destination_of(creator_id)
    if found is None or not found.account_ref or rules.has_ended(found.state):
        raise Conflict("There is no account to disconnect.")
    destination = lock(PayoutDestination, found.id)
    last = destination.changed_at + timedelta(microseconds=1)
    destination.changed_at = max(clock.now(), last)
    destination.state, destination.missing = DestinationState.DISCONNECTED, [rules.RECONNECTION]
    destination.due, destination.due_at = [], None
    audit.note(by, "payout-destination.left", destination.id, rail=destination.rail.value)
    _announce(destination)
    return destination


def _current(creator_id: int, rail: Rail, account_ref: str) -> PayoutDestination:
    found = queries.destination_of(creator_id)
    if found is None or (found.rail, found.account_ref) != (rail, account_ref):
        raise Conflict("Your money goes somewhere else by now.")
    return lock(PayoutDestination, found.id)


def _announce(destination: PayoutDestination) -> None:
    now = int(clock.now().timestamp())
    announce(DestinationChanged(destination.creator_id, destination.state.value, now))


def _destination(creator_id: int, rail: Rail) -> PayoutDestination:
    query = select(PayoutDestination).where(
        PayoutDestination.creator_id == creator_id, PayoutDestination.rail == rail
    )
    found = db.session.scalar(query)
    if found is None:
        found = PayoutDestination(creator_id=creator_id, rail=rail, account_ref="", missing=[])
        db.session.add(found)
    return found


def _take_handle(creator: Creator, handle: str) -> None:
    rules.check_handle(handle)
    folded = rules.folded_handle(handle)
    query = select(Creator.user_id).where(Creator.folded_handle == folded)
    with db.session.no_autoflush:
        owner = db.session.scalar(query)
    if owner is not None and owner != creator.user_id:
        raise InvalidInput("handle", f"@{folded} is taken. Choose another handle.")
    creator.handle, creator.folded_handle = handle.strip().lstrip("@"), folded


def _free_handle(name: str) -> str:
    wanted = rules.handle_from(name)
    taken = select(Creator.id).where(Creator.folded_handle == wanted)
    if len(wanted) >= 3 and db.session.scalar(taken) is None:
        return wanted
    return (wanted or "creator") + codes.random_symbols(5).lower()
