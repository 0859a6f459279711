"""Two people at the same application at the same moment: one decision, one membership, one code.

Bites on PostgreSQL; SQLite lets one writer in at a time.
"""

from functools import partial

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador
from portal.applications import commands
from portal.applications.models import Application, ApplicationStatus, DeclineReason
from portal.kernel import codes
from portal.kernel.errors import Conflict
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking.models import DiscountCode
from tests.support.assignments import do
from tests.support.at_once import at_once
from tests.support.people import a_draft, a_program, an_application

THREADS = 6


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_many_decisions_on_one_application_are_one(world):
    program = a_program(world.glow)
    for name in ("Ada", "Ben", "Cleo"):
        row_id = an_application(program, name).id

        def approve(row_id=row_id):
            return commands.decide(row_id, ApplicationStatus.APPROVED, by=None).status

        def decline(row_id=row_id):
            reason = DeclineReason.OTHER
            return commands.decide(
                row_id, ApplicationStatus.DECLINED, by=None, reason=reason
            ).status

        said = at_once(world.app, [partial(do, approve), partial(do, decline)] * (THREADS // 2))
        assert len([one for one in said if not isinstance(one, Conflict)]) == 1
        assert len([one for one in said if isinstance(one, Conflict)]) == THREADS - 1
    approved = db.session.scalar(
        select(func.count()).where(Application.status == ApplicationStatus.APPROVED)
    )
    assert count(Ambassador) == count(DiscountCode) == approved


def test_one_person_who_sends_from_several_windows_applies_once(world):
    program = a_program(world.glow)
    an_application(a_program(world.rival), "Ben")  # so that the account is there already
    drafts = []
    for _ in range(THREADS):
        with unit_of_work():
            drafts.append(commands.save_draft(program.id, a_draft(), token=codes.secret()).id)
    sent = at_once(
        world.app,
        [
            partial(do, lambda draft=draft: commands.submit(draft, email="ben@example.com").id)
            for draft in drafts
        ],
    )
    assert len(set(sent)) == 1
    open_ones = select(func.count()).where(
        Application.program_id == program.id, Application.status == ApplicationStatus.SUBMITTED
    )
    assert db.session.scalar(open_ones) == 1
