"""Put changes of how a brand pays forward; `take_effect` puts a confirmed one into force. Callers
commit. Each raises InvalidInput for what cannot be, or is in force already."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.creators.models import Rail
from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.paying import commands, queries, rules
from portal.paying.models import FeeBearer, Schedule
from portal.paying.wording import BEARERS, SCHEDULES, fees_words, ways_words
from portal.programs import commands as programs
from portal.programs import queries as program_queries
from portal.proposals import commands as proposals
from portal.proposals.models import Proposal

KINDS = ("schedule", "ways", "payer", "approval-limit", "minimum")


def put_forward_schedule(brand_id: int, schedule: Schedule, *, by: int) -> Proposal:
    """Propose when the brand pays (R85)."""
    before = queries.terms(brand_id).schedule
    lines = [("The brand pays", SCHEDULES[before], SCHEDULES[schedule])]
    return proposals.put_forward(
        brand_id, "schedule", {"schedule": schedule.value}, lines, by=by
    )  # fmt: skip


def put_forward_ways(
    brand_id: int, ways: Sequence[str], fees: Mapping[str, int], fixed: Mapping[str, Money],
    bearer: FeeBearer, uplift_bp: int, *, by: int,
) -> Proposal:  # fmt: skip
    """Propose which ways there are, what each takes, who bears it, the uplift (R93, R94). `fixed`
    is in the brand's currency; what is fixed in other currencies stays."""
    held, currency = queries.terms(brand_id), identity.brand(brand_id).currency
    amounts = {
        rail: {**held.fixed_fees.get(rail, {}), currency: amount.minor}
        for rail, amount in fixed.items()
    }
    rules.check_ways(ways, fees, amounts, uplift_bp)
    facts = {"ways": list(ways), "fees": dict(fees), "fixed_fees": amounts,
             "bearer": bearer.value, "uplift_bp": uplift_bp}  # fmt: skip
    lines = [("Ways", ways_words(held.ways), ways_words(ways))]
    for rail in (Rail.STRIPE, Rail.PAYPAL):
        key = rail.value
        was = fees_words(held.fees.get(key, 0), held.fixed_fee(key, currency))
        nothing = Money.zero(currency)
        lines.append((
            f"{rail.value.capitalize()} takes", was,
            fees_words(fees.get(key, 0), fixed.get(key, nothing)),
        ))  # fmt: skip
    lines.append(("Fees are borne by", BEARERS[held.fee_bearer], BEARERS[bearer]))
    nothing = Money.zero(currency)
    lines.append((
        "Store credit is worth more by", fees_words(held.uplift_bp, nothing),
        fees_words(uplift_bp, nothing),
    ))  # fmt: skip
    return proposals.put_forward(brand_id, "ways", facts, lines, by=by)


def put_forward_payer(brand_id: int, name: str, iban: str, bic: str, *, by: int) -> Proposal:
    """Propose the account that bank files draw on; its number lies sealed until then."""
    holder, number, bank = rules.checked_payer(name, iban, bic)
    held = queries.terms(brand_id)
    is_same = (held.payer_name, held.payer_iban, held.payer_bic) == (holder, number, bank)
    before = f"{held.payer_name}, {held.payer_masked}" if held.payer_masked else "None"
    after = f"{holder}, {rules.masked_iban(number)}"
    if before == after and not is_same:
        after += " (another number or BIC)"
    facts = {"name": holder, "iban": number, "bic": bank}
    return proposals.put_forward(brand_id, "payer", facts, [("Account", before, after)], by=by)


def put_forward_limit(brand_id: int, amount: Money, *, by: int) -> Proposal:
    """Propose above what a run in this currency needs a second approver (R87)."""
    rules.check_limit(amount)
    held = queries.second_above(brand_id, amount.currency)
    what = f"Second approver above, in {amount.currency}"
    lines = [(what, "never" if held is None else f"{held}", f"{amount}")]
    return proposals.put_forward(brand_id, "approval-limit", _facts(amount), lines, by=by)


def put_forward_minimum(brand_id: int, amount: Money, *, by: int) -> Proposal:
    """Propose the least that is paid out at once in this currency (R84)."""
    if amount.minor < 0:
        raise InvalidInput("amount", "A minimum payout cannot be negative.")
    held = program_queries.minimum_payout(brand_id, amount.currency)
    lines = [(f"Least that is paid, in {amount.currency}", f"{held}", f"{amount}")]
    return proposals.put_forward(brand_id, "minimum", _facts(amount), lines, by=by)


def take_effect(change: Proposal, facts: Mapping[str, Any]) -> None:
    """Put a decided change into force; noted as done by the second person, or by the first where
    it waited instead."""
    by = change.decided_by or change.proposed_by
    EFFECTS[change.kind](change.brand_id, facts, by)


def _facts(amount: Money) -> dict[str, Any]:
    return {"currency": amount.currency, "minor": amount.minor}


def _amount(facts: Mapping[str, Any]) -> Money:
    return Money(facts["minor"], facts["currency"])


EFFECTS: Mapping[str, Callable[[int, Mapping[str, Any], int], object]] = {
    "schedule": lambda brand, facts, by: commands.set_schedule(
        brand, Schedule(facts["schedule"]), by=by
    ),
    "ways": lambda brand, facts, by: commands.set_ways(
        brand, facts["ways"], by=by, fee_bearer=FeeBearer(facts["bearer"]), fees=facts["fees"],
        fixed_fees=facts["fixed_fees"], uplift_bp=facts["uplift_bp"],
    ),
    "payer": lambda brand, facts, by: commands.set_payer(
        brand, facts["name"], facts["iban"], facts["bic"], by=by
    ),
    "approval-limit": lambda brand, facts, by: commands.set_limit(brand, _amount(facts), by=by),
    "minimum": lambda brand, facts, by: programs.set_minimum(brand, _amount(facts), by=by),
}  # fmt: skip
