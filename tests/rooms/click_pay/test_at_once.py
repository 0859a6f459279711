"""Several workers close the same days at the same moment: each day earns once."""

from datetime import timedelta

from portal.click_pay import check_queries, jobs
from portal.kernel import clock
from portal.ledger import queries as books
from tests.rooms.click_pay.test_click_pay import FIVE, THIRD, amounts, at, clicked
from tests.support.at_once import at_once
from tests.support.people import a_program, an_ambassador

WORKERS = 4


def test_R29_four_workers_close_three_days_once(world):
    ada = an_ambassador(a_program(world.glow, terms={"clicks": FIVE}), "Ada")
    for number in range(3):
        clicked(ada, number + 1, at(THIRD + timedelta(days=number)))
    clock.pass_days(5)
    assert at_once(world.app, [jobs.close_days] * WORKERS) == [None] * WORKERS
    assert amounts() == ["0.05 USD", "0.10 USD", "0.15 USD"]
    assert check_queries.violations() == []
    assert books.violations() == []
