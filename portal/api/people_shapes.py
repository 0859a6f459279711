"""Ambassadors, their codes and links, and the two reports."""

from typing import Annotated

from pydantic import Field

from portal.ambassadors.models import MembershipStatus
from portal.api.shapes import Cursor, Day, ListAsked, Moment, Shape, Sum, Told, text
from portal.tracking.models import CodeStatus, LinkStatus


class AmbassadorSeen(Shape):
    """A creator's membership of one of your programs."""

    id: Annotated[str, Field(examples=["amb_8kq2f7m3n4p5"])]
    name: str
    handle: str
    program: Annotated[str, Field(description="The program's word in addresses")]
    status: MembershipStatus
    joined_at: Moment
    activated_at: Moment | None
    ended_at: Moment | None


class Ambassadors(Shape):
    """One page of ambassadors, the newest first."""

    data: list[AmbassadorSeen]
    next_cursor: Cursor


class AmbassadorsAsked(ListAsked):
    """Which ambassadors."""

    status: MembershipStatus | None = None
    handle: Annotated[
        Annotated[str, text(80)] | None, Field(description="Of this creator, without @")
    ] = None


class PauseTold(Told):
    """Why an ambassador rests."""

    reason: Annotated[str, text(300, 0), Field(description="For your records")] = ""


class CodeSeen(Shape):
    """A discount code that names one ambassador, for ever."""

    id: Annotated[str, Field(examples=["code_8kq2f7m3n4p5"])]
    code: Annotated[str, Field(examples=["ADA15"])]
    ambassador: str
    status: CodeStatus
    discount_bp: Annotated[int, Field(description="Basis points: 1500 is 15%")]
    reserved_at: Moment
    activated_at: Moment | None
    ended_at: Moment | None


class Codes(Shape):
    """One page of codes, the newest first."""

    data: list[CodeSeen]
    next_cursor: Cursor


class CodesAsked(ListAsked):
    """Which codes."""

    status: CodeStatus | None = None
    ambassador: Annotated[
        Annotated[str, text(60)] | None, Field(description="Of this ambassador")
    ] = None
    code: Annotated[Annotated[str, text(40)] | None, Field(description="As typed, in any case")] = (
        None
    )


class CodeTold(Told):
    """A code to issue."""

    ambassador: Annotated[str, text(60), Field(description="Whose code: an ambassador's id")]
    code: Annotated[
        str,
        text(40, 0),
        Field(description="3 to 20 letters and digits; left out: made from the name"),
    ] = ""
    discount_bp: Annotated[
        int | None,
        Field(ge=0, le=10_000, description="What followers get; left out: as the program says"),
    ] = None


class RetireTold(Told):
    """Why a code ends."""

    reason: Annotated[str, text(200, 0), Field(description="For your records")] = ""


class LinkSeen(Shape):
    """An affiliate link that names one ambassador."""

    id: Annotated[str, Field(examples=["link_8kq2f7m3n4p5"])]
    url: Annotated[str, Field(description="What she shares")]
    ambassador: str
    destination_url: str
    label: str
    status: LinkStatus
    created_at: Moment


class Links(Shape):
    """One page of links, the newest first."""

    data: list[LinkSeen]
    next_cursor: Cursor


class LinksAsked(ListAsked):
    """Which links."""

    status: LinkStatus | None = None
    ambassador: Annotated[
        Annotated[str, text(60)] | None, Field(description="Of this ambassador")
    ] = None


class LinkTold(Told):
    """A link to create."""

    ambassador: Annotated[str, text(60), Field(description="Whose link: an ambassador's id")]
    destination_url: Annotated[
        str, text(2000), Field(description="A page on one of the brand's allowed hosts")
    ]
    label: Annotated[str, text(80, 0)] = ""


class ReportAsked(ListAsked):
    """Which days, in UTC; at most 366 of them."""

    day_from: Annotated[Day, Field(description="The first day")]
    day_until: Annotated[Day, Field(description="The day after the last one")]


class ClicksRow(Shape):
    """One link. Quick repeats, robots and fetches ahead are not counted."""

    link: str
    ambassador: str
    label: str
    clicks: int


class ClicksReport(Shape):
    """Clicks per link, in a fixed order; links without a click are left out."""

    data: list[ClicksRow]
    next_cursor: Cursor


class EarningsRow(Shape):
    """One ambassador in one currency."""

    ambassador: str
    commissions: Annotated[int, Field(description="How many were earned in these days")]
    earned: Sum
    taken_back: Annotated[Sum, Field(description="Of these, by refunds until now")]
    net: Sum


class EarningsReport(Shape):
    """Earnings per ambassador, in a fixed order; ambassadors who earned nothing are left out."""

    data: list[EarningsRow]
    next_cursor: Cursor
