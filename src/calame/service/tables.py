"""The tables of the history's database, and nothing of how they are used."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = 1  # raised whenever the tables change; kept in the database
NAME = 200  # characters


class Base(DeclarativeBase):
    """The tables."""


class Utc(TypeDecorator[datetime]):
    """A moment, in UTC in every database, also in one that keeps no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """Into the database: UTC, unmarked."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        """Out of it: marked as UTC."""
        return value and value.replace(tzinfo=UTC)


class Kept(Base):
    """The table of readings; its columns are the fields of `Entry`."""

    __tablename__ = "readings"
    __table_args__ = (
        CheckConstraint("digit BETWEEN 0 AND 9", "digit_0_9"),
        CheckConstraint("truth BETWEEN 0 AND 9", "truth_0_9"),
        {"sqlite_autoincrement": True},  # an id that was deleted is not given again
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    time: Mapped[datetime] = mapped_column(Utc)
    name: Mapped[str] = mapped_column(String(NAME))
    digit: Mapped[int | None] = mapped_column(SmallInteger)
    confidence: Mapped[float]
    rejected: Mapped[str | None] = mapped_column(String(40))
    truth: Mapped[int | None] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(String(NAME))
    image: Mapped[bytes] = mapped_column(LargeBinary)
    prepared: Mapped[bytes | None] = mapped_column(LargeBinary)


class Setting(Base):
    """The table of settings: the schema's number, and whether readings are kept."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
