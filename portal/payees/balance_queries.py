"""What payees are owed, by currency, and why a run would leave it: by the rules of runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.destinations import queries as destinations
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount
from portal.payees.queries import Payee
from portal.payouts import candidate_queries as candidates
from portal.payouts import rules
from portal.payouts.leaving_queries import leavings
from portal.payouts.models import BlockedReason
from portal.programs import queries as programs
from portal.programs.rules import default_minimum
from portal.storage.model import db
from portal.tax import form_rules
from portal.tax import queries as tax
from portal.tax import rules as tax_rules
from portal.tax.list_queries import Standings
from portal.tax.models import FormKind, FormState, Purpose


@dataclass(frozen=True, slots=True)
class Balance:
    """What a payee is owed in one currency, and every reason why it cannot be paid now (R83)."""

    payable: Money
    pending: Money
    held: Money
    committed: Money
    blocked: tuple[BlockedReason, ...] = ()


def owed_to(
    standings: Standings, payees: Sequence[Payee], now: datetime
) -> dict[int, list[Balance]]:
    """What each of these payees is owed, by creator and currency, with what blocks it: the same
    rules, minimum, tax gate and rates as a run of that currency uses."""
    brand_id, by_id = standings.brand_id, {payee.creator.id: payee for payee in payees}
    sums = _sums(brand_id, list(by_id))
    gate = _Gate(standings, payees)
    least = {one.currency: one.amount for one in programs.minimums_of(brand_id)}
    leave = leavings(brand_id, now)
    found: dict[int, list[Balance]] = {}
    for (creator_id, currency), states in sums.items():
        payee, payable = by_id[creator_id], states["payable"]
        home = payee.creator.country
        to = candidates.facts_of(payee.destination, home) if payee.destination else None
        verdict = gate.verdict(payee, payable, to)
        minimum = least.get(currency, default_minimum(currency))  # 0.00 is one too
        candidate = rules.Candidate(
            creator_id, payable, to, payee.is_barred, verdict, payee.is_held, payee.must_accept,
            payee.is_shared,
        )  # fmt: skip
        blocked = rules.readiness(candidate, minimum, now) if payable else ()
        if (
            payable
            and to
            and leave(payable - _withheld(verdict, blocked, payable), to.rail) is None
        ):
            blocked = (*blocked, BlockedReason.CURRENCY)
        found.setdefault(creator_id, []).append(Balance(**states, blocked=blocked))
    return found


def _sums(brand_id: int, creator_ids: Sequence[int]) -> dict[tuple[int, str], dict[str, Money]]:
    rows = db.session.execute(
        select(
            LedgerAccount.creator_id, LedgerAccount.currency, LedgerAccount.state,
            LedgerAccount.balance_minor,
        )
        .where(LedgerAccount.brand_id == brand_id, LedgerAccount.creator_id.in_(creator_ids))
        .order_by(LedgerAccount.creator_id, LedgerAccount.currency)
    )  # fmt: skip
    found: dict[tuple[int, str], dict[str, Money]] = {}
    for creator_id, currency, state, minor in rows:
        assert creator_id is not None, "a creator’s account"
        assert state is not None, "a creator’s account"
        zero = Money.zero(currency)
        empty = dict.fromkeys(("payable", "pending", "held", "committed"), zero)
        found.setdefault((creator_id, currency), empty)[state] = Money(minor, currency)
    return found


def _withheld(
    verdict: tax_rules.Verdict | None, blocked: Sequence[BlockedReason], payable: Money
) -> Money:
    nothing = Money.zero(payable.currency)
    return verdict.withheld if verdict and not blocked else nothing


class _Gate:
    """The tax gate (`tax.rules.gate_for`) over facts that the list has read already."""

    def __init__(self, standings: Standings, payees: Sequence[Payee]) -> None:
        self.policy, self.today = standings.policy, standings.today
        self.figures = {True: standings.at_home, False: standings.abroad}
        self.currency = standings.currency
        self.holders = self._holders_of(payees)
        self.sellers = self._sellers(standings.brand_id, payees)

    def verdict(
        self, payee: Payee, payable: Money, to: rules.Destination | None
    ) -> tax_rules.Verdict | None:
        """What her forms mean for paying this amount; None when there is nothing to pay."""
        if self.policy.is_off or payable.minor <= 0:
            return None
        country, currency = payee.creator.country, payable.currency
        figures = self.figures[tax_rules.expected_kind(country) is FormKind.W9]
        counted = payee.counted if currency == self.currency else Money.zero(currency)
        one = tax_rules.Payee(
            payee.creator.id, payable, to.rail.value if to else "", to.account_ref if to else ""
        )
        form = payee.form
        standing = tax_rules.Standing(
            country, counted, payee.form_state if form else FormState.NEEDED,
            bool(form and form.has_withholding_notice), self._is_named(payee),
            self.sellers.get(payee.creator.id, FormState.NEEDED),
        )  # fmt: skip
        return tax_rules.gate_for(one, standing, self.policy, figures)

    def _is_named(self, payee: Payee) -> bool | None:
        holder = self.holders.get(payee.creator.id, "")
        if payee.form is None or not holder:
            return None
        names = (payee.form.legal_name, tax.answers_of(payee.form).get("business", ""))
        return any(form_rules.names_match(name, holder) for name in names)

    @staticmethod
    def _holders_of(payees: Sequence[Payee]) -> Mapping[int, str]:
        wanted = [
            (payee.creator.id, payee.destination.account_ref)
            for payee in payees
            if payee.form is not None and payee.destination and payee.destination.account_ref
        ]
        found = destinations.details_of(wanted) if wanted else {}
        return {creator_id: one.holder for (creator_id, _), one in found.items()}

    def _sellers(self, brand_id: int, payees: Sequence[Payee]) -> Mapping[int, FormState]:
        if not self.policy.dac7_operator:
            return {}
        forms = tax.current_forms([payee.creator.id for payee in payees])
        forms = {key: form for key, form in forms.items() if key[1] is Purpose.PLATFORM}
        states = tax.states_of(brand_id, list(forms.values()), self.today, self.policy)
        return {creator_id: states[form.id] for (creator_id, _), form in forms.items()}
