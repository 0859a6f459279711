"""What the click path keeps beside the clicks: roll-ups, spool offsets, and the links' version."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.model import Model
from portal.storage.types import UTCDateTime


class ClickDay(Model):
    """What came to one link on one UTC day, whole: pages read this and never count raw clicks.

    `humans` is the figure that people see; repeats within 30 s, machines and fetches ahead stand
    apart (R53). The owners are those of the link, which never change hands.
    """

    __tablename__ = "click_days"
    __table_args__ = (
        UniqueConstraint("link_id", "day"),
        Index(None, "ambassador_id", "day"),
        Index(None, "brand_id", "day"),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("affiliate_links.id"))
    day: Mapped[date] = mapped_column(Date())
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    humans: Mapped[int]
    repeats: Mapped[int]
    bots: Mapped[int]
    prefetches: Mapped[int]


class ClickFlood(Model):
    """Clicks beyond what one visitor may leave of one link in an hour: counted here and in the
    roll-ups, and kept as no rows of their own, so that a script cannot fill the table.

    `visitor` is empty for those who told nothing of themselves.
    """

    __tablename__ = "click_floods"
    __table_args__ = (
        UniqueConstraint("link_id", "visitor", "hour"),
        Index(None, "brand_id", "hour"),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("affiliate_links.id"))
    visitor: Mapped[str] = mapped_column(String(32))
    hour: Mapped[datetime] = mapped_column(UTCDateTime())
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    over: Mapped[int]


class ClickParameterDay(Model):
    """How often people came to one link on one UTC day with one value of sub1…5 or a utm_ (R54)."""

    __tablename__ = "click_parameter_days"
    __table_args__ = (UniqueConstraint("link_id", "name", "day", "value"),)

    link_id: Mapped[int] = mapped_column(ForeignKey("affiliate_links.id"))
    name: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date())
    value: Mapped[str] = mapped_column(String(60))
    humans: Mapped[int]


class ClickSpool(Model):
    """The spool folder of one machine: its number is part of its click ids.

    Everything that was clicked there before `through` is in the database.
    """

    __tablename__ = "click_spools"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str] = mapped_column(String(32))
    through: Mapped[datetime] = mapped_column(UTCDateTime())
    beat_at: Mapped[datetime] = mapped_column(UTCDateTime())


class ClickSegment(Model):
    """Up to which byte a segment of a spool has been taken in: moves with the clicks it brought."""

    __tablename__ = "click_segments"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str] = mapped_column(String(60))
    spool_id: Mapped[int] = mapped_column(ForeignKey("click_spools.id"))
    taken_bytes: Mapped[int]
    unreadable: Mapped[int]


class LinksVersion(Model):
    """One row, one number: it grows whenever a link may answer otherwise than before."""

    __tablename__ = "links_version"

    number: Mapped[int]
