"""A manager takes back what finance answers at the same moment: one after the other.

Bites on PostgreSQL; SQLite lets one writer in at a time.
"""

from portal.attribution import queries as credit
from portal.attribution import rule_commands
from portal.attribution.models import Outcome
from portal.decisions import commands, queries
from portal.decisions.models import ProposalStatus
from portal.kernel.money import Money
from portal.storage.unit_of_work import unit_of_work
from tests.support.at_once import done
from tests.support.shop import Shop


def test_agreeing_and_taking_back_at_once_wait_for_each_other(world, shop, ada):
    mona, owen, faye = world.mona.user_id, world.owen.user_id, world.faye.user_id
    with unit_of_work():
        rule_commands.set_rules(
            world.glow.id, ask_above=None, finance_above=Money.of("0.99 USD"),
            asks_likeness=False, by=owen,
        )  # fmt: skip
    for number in "12345":
        shop.sells("10.00 USD", "ADA15", number=number)
        order_id = Shop(world.glow).sells("10.00 USD", "ADA15", number=number)
        with unit_of_work():
            name = commands.credit(order_id, ada.id, "Hers.", by=mona).id
        acts = {
            "agreed": lambda name=name: commands.agree(name, by=faye),
            "taken back": lambda order_id=order_id: commands.undo(order_id, by=mona),
        }
        finished = done(world.app, acts)
        agreed = queries.proposal(name).status is ProposalStatus.AGREED
        assert agreed == ("agreed" in finished)
        credited = credit.of_order(order_id).outcome is Outcome.CREDITED
        assert credited == (finished == ["agreed"]), (
            "and what was agreed can be taken back after it"
        )
    assert credit.violations() == []
