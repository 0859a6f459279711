"""Ask the members concerned, and keep what each of them says."""

from sqlalchemy import update

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit import commands as audit
from portal.consents import queries, rules
from portal.consents.events import TermsProposed
from portal.consents.models import Answer, TermsAnswer
from portal.jobs.commands import announce_each
from portal.kernel import clock
from portal.programs import queries as programs
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db

AT_ONCE = 1_000


def answer(
    ambassador_id: int, terms_id: int, answer: Answer, *, by: int | None, ip: str = ""
) -> TermsAnswer:
    """Keep an ambassador's yes or no to a version (R17). She may change her mind until it starts;
    a yes is possible afterwards too, and holds from then on. Repeating an answer is none.

    Raises Conflict where there is nothing to answer, or a no comes too late; NotFound for terms of
    another program.
    """
    member = lock(Ambassador, ambassador_id)
    step = queries.step_of(member, terms_id)
    said = queries.latest_answer(ambassador_id, terms_id)
    if said is not None and said.answer is answer:
        return said
    rules.check_can_answer(step, accepts=answer is Answer.ACCEPTED)
    change(
        update(TermsAnswer)
        .where(TermsAnswer.ambassador_id == ambassador_id, TermsAnswer.terms_id == terms_id)
        .values(is_latest=False)
    )
    found = TermsAnswer(
        ambassador_id=ambassador_id, terms_id=terms_id, answer=answer, is_latest=True,
        at=clock.now(), by=by, ip=ip,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    audit.note(
        by, f"terms.{answer.value}", terms_id, brand_id=member.brand_id,
        ambassador_id=ambassador_id,
    )  # fmt: skip
    return found


def ask_members(terms_id: int) -> int:
    """Tell every member from whom a version takes something; returns how many."""
    terms = programs.terms(terms_id)
    if not terms.lost:
        return 0
    asked, last = 0, 0
    while some := ambassadors.current_of_program(terms.program_id, last, AT_ONCE):
        last = some[-1].id
        steps = queries.steps_of_members(some, terms)
        events = [TermsProposed(who, terms_id) for who, step in steps.items() if step.lost]
        announce_each(events)
        asked += len(events)
    return asked
