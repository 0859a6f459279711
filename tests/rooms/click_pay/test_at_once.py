"""Several workers close the same days at the same moment: each day earns once."""

import threading
from contextvars import Context
from datetime import timedelta

from portal.click_pay import check_queries, jobs
from portal.kernel import clock
from portal.ledger import queries as books
from portal.storage.model import db
from tests.rooms.click_pay.test_click_pay import FIVE, THIRD, amounts, at, clicked
from tests.support.people import a_program, an_ambassador

WORKERS = 4


def test_R29_four_workers_close_three_days_once(world):
    ada = an_ambassador(a_program(world.glow, terms={"clicks": FIVE}), "Ada")
    for number in range(3):
        clicked(ada, number + 1, at(THIRD + timedelta(days=number)))
    clock.pass_days(5)
    start, done = threading.Barrier(WORKERS), list[bool]()

    def work():
        with world.app.app_context():
            start.wait()
            jobs.close_days()
            db.session.remove()
            done.append(True)

    threads = [threading.Thread(target=Context().run, args=(work,)) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.remove()
    assert len(done) == WORKERS
    assert amounts() == ["0.05 USD", "0.10 USD", "0.15 USD"]
    assert check_queries.violations() == []
    assert books.violations() == []
