"""Codes that may be used so many times."""

from portal.attribution import jobs
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import code_commands, queries
from portal.tracking.models import CodeStatus
from portal.tracking.validity_rules import Validity
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop


def test_a_code_ends_with_the_last_order_of_its_limit(world):
    ada, shop = an_ambassador(a_program(world.glow), "Ada"), Shop(world.glow)
    code = queries.codes_of_ambassador(ada.id)[0]
    with unit_of_work():
        code_commands.change_validity(code.id, Validity(use_limit=2), by=None)
    shop.sells("80.00 USD", "ADA15")
    jobs.exhaust_codes()
    assert queries.code(code.id).status is CodeStatus.ACTIVE
    shop.sells("40.00 USD", "ADA15")
    jobs.exhaust_codes()
    jobs.exhaust_codes()
    assert queries.code(code.id).status is CodeStatus.EXHAUSTED
    clock.pass_days(1)
    shop.sells("70.00 USD", "ADA15")
    world.mona.opens(f"/brand/glow/codes/{code.public_id}").sees(
        "Used up: 2 orders came with it", "$120 .00"
    )
