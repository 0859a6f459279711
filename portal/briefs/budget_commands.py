"""What a brief may cost, and what its work owes for good (R95).

Every decision that takes of a budget locks the brief first and reads its assignments then. What
frees money (declined, expired, missed, cancelled, taken back) needs no lock.
"""

from portal.audit import commands as audit
from portal.briefs import budget_queries, budget_rules
from portal.briefs.models import Assignment, Brief
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.storage.locks import lock
from portal.storage.model import db


def set_budget(brief_id: int, budget: Money | None, *, by: int) -> Brief:
    """Another budget, or none. Raises InvalidInput for one that is not above zero, in another
    currency, or under what is promised and spent."""
    brief = lock(Brief, brief_id)
    if budget is not None and (budget.minor <= 0 or budget.currency != brief.currency):
        raise InvalidInput("budget", f"Write an amount above zero in {brief.currency}.")
    budget_rules.check_limit(budget_queries.standing(brief), budget)
    before, brief.budget_minor = brief.budget, None if budget is None else budget.minor
    if before != budget:
        audit.note(by, "brief.budget-set", brief.id, brand_id=brief.brand_id,
                   before=str(before or "none"), after=str(budget or "none"))  # fmt: skip
    return brief


def owe(assignment_id: int, amount: Money) -> None:
    """So much is owed for work by now; more than before only by a decision about an appeal. Raises
    Conflict with the figures when the brief's budget does not reach for that."""
    known = db.session.get_one(Assignment, assignment_id)
    if known.owed == amount:
        return
    brief = lock(Brief, known.brief_id)
    assignment = lock(Assignment, assignment_id)
    more = amount - assignment.owed
    budget_rules.check_owed(budget_queries.standing(brief), more)
    assignment.owed = amount


def take_back(assignment_id: int) -> None:
    """What was owed was taken back for good: it counts against the budget no more."""
    assignment = lock(Assignment, assignment_id)
    assignment.owed = Money.zero(assignment.currency)
