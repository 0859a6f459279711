"""The typed base of every table, and the one database handle."""

from datetime import datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.storage.types import UTCDateTime

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite numbers rows by itself only for INTEGER PRIMARY KEY; PostgreSQL gets 64 bits.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class Model(DeclarativeBase):
    """A table of ours: `id` is for joins and stays inside, `public_id` (where it is) for URLs."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime(), str: String(), int: BigInteger()}

    id: Mapped[int] = mapped_column(RowId, primary_key=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__dict__.get('id', 'new')}>"


db = SQLAlchemy(metadata=Model.metadata, session_options={"expire_on_commit": False})
