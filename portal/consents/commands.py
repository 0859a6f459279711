"""Ask the members concerned, and keep what each of them says."""

from sqlalchemy import update

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit import commands as audit
from portal.consents import queries, rules
from portal.consents.events import TermsProposed, TiersProposed
from portal.consents.models import Answer, TermsAnswer, TiersAnswer
from portal.consents.subjects import TERMS, TIERS, Row, Subject
from portal.jobs.commands import announce_each
from portal.kernel import clock
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db

AT_ONCE = 1_000


def answer(
    ambassador_id: int, version_id: int, answer: Answer, *, by: int | None, ip: str = "",
    subject: Subject = TERMS,
) -> TermsAnswer | TiersAnswer:  # fmt: skip
    """Keep an ambassador's yes or no to a version (R17). She may change her mind until it starts;
    a yes is possible afterwards too, and holds from then on. Repeating an answer is none.

    Raises Conflict where there is nothing to answer, or a no comes too late; NotFound for a
    version of another program.
    """
    member = lock(Ambassador, ambassador_id)
    step = queries.step_of(member, version_id, subject)
    said = queries.latest_answer(ambassador_id, version_id, subject)
    if said is not None and said.answer is answer:
        return said
    rules.check_can_answer(step, accepts=answer is Answer.ACCEPTED)
    rows = subject.answers
    change(
        update(rows)
        .where(rows.ambassador_id == ambassador_id, rows.version_id == version_id)
        .values(is_latest=False)
    )
    found: TermsAnswer | TiersAnswer = rows(
        ambassador_id=ambassador_id, version_id=version_id, answer=answer, is_latest=True,
        at=clock.now(), by=by, ip=ip,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    audit.note(
        by, f"{subject.word}.{answer.value}", version_id, brand_id=member.brand_id,
        ambassador_id=ambassador_id,
    )  # fmt: skip
    return found


def ask_members(row: Row, subject: Subject = TERMS) -> int:
    """Tell every member from whom a version takes something; returns how many."""
    if not row.lost:
        return 0
    asked, last = 0, 0
    while some := ambassadors.current_of_program(row.program_id, last, AT_ONCE):
        last = some[-1].id
        steps = queries.steps_of_members(some, row, subject)
        who = [one for one, step in steps.items() if step.lost]
        if subject is TIERS:
            announce_each([TiersProposed(one, row.id) for one in who])
        else:
            announce_each([TermsProposed(one, row.id) for one in who])
        asked += len(who)
    return asked
