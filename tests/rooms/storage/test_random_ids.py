"""Ids that the database makes look like those that we make."""

import re

from sqlalchemy import func, literal_column, select

from portal.kernel import codes
from portal.storage.model import db
from portal.storage.random_ids import new_public_id

ROWS = 400


def test_they_have_the_shape_of_ours_and_differ_row_by_row(app):
    if db.engine.dialect.name == "sqlite":
        many = select(literal_column("value")).select_from(func.json_each("[" + "1," * 399 + "1]"))
    else:
        many = select(func.generate_series(1, ROWS).label("value"))
    rows = many.subquery()
    found = db.session.scalars(select(new_public_id("po")).select_from(rows)).all()
    shape = re.compile(f"po_[{codes.PUBLIC_SYMBOLS}]{{12}}")
    assert shape.fullmatch(codes.public_id("po"))
    assert [one for one in found if not shape.fullmatch(one)] == []
    assert len(set(found)) == ROWS
    for place in range(3, 15):
        assert len({one[place] for one in found}) > 15, f"symbol {place} is hardly random"
