"""Doors for creators: who she is, and where she posts."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.creators import commands, queries, rules
from portal.creators.forms import ChannelForm, ProfileForm, profile_of
from portal.creators.models import Creator, Platform
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("creators_creator", __name__, url_prefix="/creator/me")

ME = "creators/creator/me.html"
PROFILE = "creators/creator/profile.html"
CHANNEL = "creators/creator/channel.html"


@blueprint.get("")
@opens_to(CREATOR)
def me() -> ResponseReturnValue:
    """Everything about her, and the way to each part."""
    creator = _creator()
    return reply(ME, creator=creator, channels=queries.channels_of(creator.id),
                 destination=queries.destination_of(creator.id),
                 platforms=rules.PLATFORM_NAMES)  # fmt: skip


@blueprint.route("/profile", methods=["GET", "POST"])
@opens_to(CREATOR)
def profile() -> ResponseReturnValue:
    """Change name, handle, country and zone."""
    creator = _creator()
    form = ProfileForm(data=profile_of(creator))
    if not form.validate_on_submit():
        return reply(PROFILE, status=422 if form.is_submitted() else 200, form=form)
    try:
        with unit_of_work():
            commands.complete_profile(
                creator.user_id, name=form.name.data, handle=form.handle.data,
                bio=form.bio.data or "", country=form.country.data, zone=form.zone.data,
            )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(PROFILE, status=422, form=form)
    return reply(then=url_for(".me"), said="Your profile is saved.")


@blueprint.route("/channels/new", methods=["GET", "POST"])
@opens_to(CREATOR)
def channel() -> ResponseReturnValue:
    """Add a channel, or bring the figures of one up to date."""
    form = ChannelForm()
    if not form.validate_on_submit():
        return reply(CHANNEL, status=422 if form.is_submitted() else 200, form=form)
    platform, handle, address = rules.channel_in(form.where.data, form.platform.data or "")
    if not platform or not handle:
        form.refuse(InvalidInput("platform", "We do not know this address. Choose the platform."))
        return reply(CHANNEL, status=422, form=form)
    with unit_of_work():
        commands.add_channel(
            _creator().id, Platform(platform), handle, url=address,
            followers=form.followers.data or 0, likes_per_post=form.likes.data,
            comments_per_post=form.comments.data,
        )  # fmt: skip
    return reply(then=url_for(".me"), said="Your channel is saved.")


def _creator() -> Creator:
    return queries.creator(int(person().creator_id))  # type: ignore[attr-defined]
