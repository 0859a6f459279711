"""Column types: instants that refuse naive values, money as two columns, words, sealed secrets."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.orm import Composite, Mapped, composite, mapped_column

from portal.kernel.money import Money
from portal.storage import vault


class UTCDateTime(TypeDecorator[datetime]):
    """An instant in UTC. Raises ValueError for a naive datetime instead of guessing its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """A StrEnum stored as its own word; an unknown word in the database raises when read."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Sealed(TypeDecorator[str]):
    """A secret: plain in Python, sealed in the database (`storage.vault`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault.seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault.unseal(value)


def sealed_column(**options: Any) -> Mapped[Any]:
    """A column for a secret: `token: Mapped[str] = sealed_column()`. It cannot be searched for."""
    return mapped_column(Sealed(), **options)


def word_column(words: type[StrEnum], **options: Any) -> Mapped[Any]:
    """A column of one of an enum's words: `status: Mapped[Status] = word_column(Status)`."""
    return mapped_column(Word(words), **options)


def minor_column(**options: Any) -> Mapped[int]:
    """A BIGINT of minor units; its name ends in `_minor`."""
    return mapped_column(BigInteger, **options)


def currency_column(**options: Any) -> Mapped[str]:
    """The ISO 4217 code that the row's `_minor` columns are in."""
    return mapped_column(String(3), **options)


def money(minor: str, currency: str = "currency") -> Composite[Money]:
    """Money out of two columns: `amount: Mapped[Money] = money("amount_minor")`."""
    return composite(Money, minor, currency)
