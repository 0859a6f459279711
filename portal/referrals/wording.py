"""What recruiting pays, in sentences."""

from portal.kernel.money import Money
from portal.programs.rate_wording import percent
from portal.referrals.models import Basis
from portal.referrals.rules import Plan, overrides_for

OF = {
    Basis.SIMPLE: "what counts of every sale of a recruit",
    Basis.DYNAMIC: "what a recruit earns on every sale",
}
FURTHER = {
    Basis.SIMPLE: "what counts of every sale of whoever a recruit brings",
    Basis.DYNAMIC: "what whoever a recruit brings earns on every sale",
}
BASES = {
    Basis.SIMPLE: "The order: what counts of it",
    Basis.DYNAMIC: "The commission the recruit earns on it",
}
HELD = "The sale it belongs to is on hold."


def promises(plan: Plan) -> list[str]:
    """What a recruiter is promised."""
    found = []
    if plan.levels and plan.levels[0]:
        found.append(f"{percent(plan.levels[0])} of {OF[plan.basis]}.")
    if len(plan.levels) > 1 and plan.levels[1]:
        found.append(f"{percent(plan.levels[1])} of {FURTHER[plan.basis]}.")
    if plan.first_sale:
        found.append(f"{plan.first_sale} once for a recruit’s first approved sale.")
    if not found:
        return ["Recruiting pays nothing."]
    return [*found, "Nothing for an invitation alone, and nothing is taken from the recruit."]


def example(plan: Plan) -> list[str]:
    """A sale of 100 on which the recruit earns 10, played through (R79, R81)."""
    code = plan.first_sale.currency
    counted, earned = Money.of(f"100 {code}"), Money.of(f"10 {code}")
    shares = overrides_for(counted, earned, plan)
    told = [f"Jim sells {counted} and earns {earned}, whole."]
    if shares and shares[0]:
        told.append(f"Angela, who invited Jim, earns {shares[0]} beside it.")
    if len(shares) > 1 and shares[1]:
        told.append(f"Betty, who invited Angela, earns {shares[1]}. Nobody above Betty does.")
    if shares and shares[0]:
        half = shares[0].scaled(1, 2)
        told.append(f"Half of the sale is returned: {half} of Angela’s is left.")
    return told


def title_of(level: int, recruit: str) -> str:
    """What a recruiter reads: names she knows, never whom her recruits brought."""
    return f"A sale of {recruit}" if level == 1 else f"A sale of somebody {recruit} invited"


def note_of(basis: Basis, rate_bp: int) -> str:
    """How the amount came about, without anybody else's figures."""
    of = "what counted of the sale" if basis is Basis.SIMPLE else "what the sale earned"
    return f"{percent(rate_bp)} of {of}"
