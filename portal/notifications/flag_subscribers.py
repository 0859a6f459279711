"""Who is told what (UX §5, 12 and 22): flags and leaked codes."""

from zoneinfo import ZoneInfo

from portal.ambassadors import queries as ambassadors
from portal.creators import queries as creators
from portal.flags import queries as flags
from portal.flags.events import CodeLeaked, FlagDecided, FlagRaised
from portal.flags.models import FlagStatus, HeldState
from portal.identity import queries as identity
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import OPTIONAL, email_of_creator
from portal.tracking import queries as codes
from portal.web.formatting import day, plural


def on_flag_raised(event: FlagRaised) -> None:
    """Managers look at it; the creator hears only when money of hers is held."""
    flag = flags.flag(event.flag_id)
    brand, member = identity.brand(flag.brand_id), ambassadors.ambassador(flag.ambassador_id)
    for user in identity.staff_with(flag.brand_id, "brand.manager"):
        send(
            "flag_raised", flag.id, user.email, sentence=flag.evidence["sentence"], why=OPTIONAL,
            name=creators.creator(member.creator_id).name, until=day(flag.review_by, brand.zone),
            link=link_to("flags_brand.flag", brand_id=brand.slug, flag=flag.public_id),
        )  # fmt: skip
    if event.held:
        send(
            "commissions_held", flag.id, email_of_creator(member.creator_id), brand=brand.name,
            count=plural(event.held, "commission", "commissions"),
            until=day(flag.review_by, creators.creator(member.creator_id).zone),
            link=link_to("reports_creator.earnings"),
        )  # fmt: skip


def on_flag_decided(event: FlagDecided) -> None:
    """The creator hears once everything of a flag is decided; each commission says why."""
    flag = flags.flag(event.flag_id)
    if flag.status not in (FlagStatus.RELEASED, FlagStatus.DECLINED, FlagStatus.DECIDED):
        return
    states = flags.states_of(flag.id)
    member = ambassadors.ambassador(flag.ambassador_id)
    send(
        "commissions_decided", flag.id, email_of_creator(member.creator_id),
        brand=identity.brand(flag.brand_id).name, released=states.get(HeldState.RELEASED, 0),
        declined=states.get(HeldState.DECLINED, 0), link=link_to("reports_creator.earnings"),
    )  # fmt: skip


def on_code_leaked(event: CodeLeaked) -> None:
    """Old code, new code, until when, and from which second on orders are withheld."""
    leak = flags.leak(event.leak_id)
    code = codes.code(leak.code_id)
    new = codes.code(leak.replaced_by_id) if leak.replaced_by_id else None
    member = ambassadors.ambassador(leak.ambassador_id)
    zone = creators.creator(member.creator_id).zone
    told = leak.told_at.astimezone(ZoneInfo(zone))
    send(
        "code_leaked", leak.id, email_of_creator(member.creator_id), code=code.code,
        brand=identity.brand(leak.brand_id).name, note=leak.note, new=new.code if new else "",
        until=day(code.ended_at, zone) if code.is_working and code.ended_at else "",
        told=f"{told:%-d %b, %H:%M:%S}", link=link_to("reports_links.links"),
    )  # fmt: skip
