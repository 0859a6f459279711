"""50,000 members: one look is a few statements (PERFORMANCE §B)."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from portal.ambassadors.models import Ambassador
from portal.attribution.models import Attribution
from portal.commissions.models import Commission, CommissionStatus
from portal.creators.models import Creator
from portal.identity.models import User
from portal.kernel import clock
from portal.sales.models import Order
from portal.standings import commands, queries
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import Window
from portal.tiers.rules import Ladder, Step
from tests.support.queries import counted

MANY, FIRST = 50_000, 1_000
LADDER = Ladder(
    0, 0, "USD", (Step(0, "Base", 0, 1000), Step(0, "Silver", 1_000, 1200)), window=Window.LIFETIME
)


def like(row, **changed):
    """The columns of a stored row, some of them changed."""
    table = type(row).__table__
    return {c.name: getattr(row, c.key) for c in table.columns} | changed


@pytest.fixture
def crowd(program, ada, shop):
    """Fifty thousand members, each with one approved sale."""
    shop.sells("20.00 USD", "ADA15", number="1")
    who = {User: "email", Creator: "folded_handle", Ambassador: "public_id", Order: "external_id",
           Attribution: "order_id", Commission: "public_id"}  # fmt: skip
    links = {"user_id": User, "creator_id": Creator, "ambassador_id": Ambassador,
             "order_id": Order, "attribution_id": Attribution}  # fmt: skip
    payable = {"status": CommissionStatus.PAYABLE, "payable_at": clock.now() - timedelta(days=1)}
    with unit_of_work():
        for model, unique in who.items():
            row = db.session.query(model).order_by(model.id.desc()).first()
            if model is Creator or model is User:
                row = db.session.get(Creator, ada.creator_id)
                row = row if model is Creator else db.session.get(User, row.user_id)
            columns = model.__table__.columns.keys()
            more = payable if model is Commission else {}
            db.session.execute(insert(model), [
                like(row) | more
                | {name: FIRST + n for name in links if name in columns}
                | ({"public_id": f"x{n}"} if "public_id" in columns else {})
                | {"id": FIRST + n} | ({} if unique in links else {unique: f"x{n}"})
                for n in range(MANY)
            ])  # fmt: skip
    return program


@pytest.mark.long
def test_a_look_at_fifty_thousand_is_a_few_statements(crowd):
    with unit_of_work():
        tiers.publish_ladder(crowd.id, LADDER, by=None)
    with unit_of_work(), counted() as asked:
        commands.look_at_program(crowd.id)
    ladder = ladders.ladder_of(crowd.id)
    assert ladders.counts_of(crowd.id, ladder) == {1: 1, 2: MANY}
    assert len(set(asked.statements)) <= 40, asked
    assert queries.violations() == []
    with unit_of_work(), counted() as again:
        commands.look_at_program(crowd.id)
    assert again.count <= 12, again
