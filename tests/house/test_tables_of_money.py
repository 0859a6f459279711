"""The examples of docs/money.md are what the code does: each line is executed."""

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.ambassadors.models import MembershipStatus
from portal.attribution.facts import ProgramTerms
from portal.attribution.rules import OrderFacts, Touch, TouchKind, credit_for
from portal.commissions.refund_rules import Basket, Left, reversal_for
from portal.commissions.rules import commission_for, hold_until
from portal.creators.models import DestinationState, Rail
from portal.kernel import currencies
from portal.kernel.money import Money
from portal.ledger import accounts, queries
from portal.ledger import commands as ledger
from portal.payouts.rules import Candidate, Destination, readiness
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rate_rules import Basis
from portal.programs.resolving_rules import Purchase
from portal.programs.rules import TermsFacts
from portal.sales.rules import RefundFact, RefundFamily, refunded_base
from portal.storage.unit_of_work import unit_of_work
from portal.tracking.models import CodeStatus
from tests.support.documents import ROOT, examples, table_after

PAGE = ROOT / "docs" / "money.md"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Words = re.Match[str]


def bare(*amounts: Money) -> str:
    """Amounts as the page writes results: digits without the currency."""
    return " ".join(str(amount).split()[0] for amount in amounts)


def basis_points(percent: str) -> int:
    return currencies.to_minor(percent, "USD")  # two decimals of a percent are basis points


def minor(found: Words) -> str:
    return str(Money.of(found["money"]).minor)


def read(found: Words) -> str:
    return bare(Money(currencies.to_minor(found["text"], found["currency"]), found["currency"]))


def portion(found: Words) -> str:
    return bare(Money.of(found["money"]).portion(basis_points(found["rate"])))


def times(found: Words) -> str:
    return bare(Money.of(found["money"]).scaled(int(found["top"]), int(found["bottom"])))


def split(found: Words) -> str:
    whole = Money.of(found["money"])
    parts = whole.split([int(weight) for weight in found["weights"].split()])
    assert Money.total(parts, whole.currency) == whole
    return bare(*parts)


def refunded(found: Words) -> str:
    currency = found["currency"]
    facts = [_fact(told, currency) for told in found["facts"].split(", ")]
    base, total = Money.of(f"{found['base']} {currency}"), Money.of(f"{found['total']} {currency}")
    given = refunded_base(base, total, facts)
    assert refunded_base(base, total, facts[::-1]) == given, "their order never matters"
    return bare(given)


def _fact(told: str, currency: str) -> RefundFact:
    family, _, amount = told.rpartition(" ")
    given, _, charged = amount.partition("/")
    return RefundFact(
        RefundFamily(family), Money.of(f"{given} {currency}"),
        Money.of(f"{charged} {currency}") if charged else None, is_withdrawn=False, occurred_at=NOON,
    )  # fmt: skip


def policy(found: Words) -> str:
    """Touches in the order they happened, a day apart; ambassadors A and B of one program."""
    word, names = found["policy"], "AB"
    terms = terms_facts(
        code_policy=CodePolicy.ALWAYS if word == "first_click" else CodePolicy(word),
        click_rule=ClickRule.FIRST_CLICK if word == "first_click" else ClickRule.LAST_CLICK,
    )
    touches = [
        Touch(TouchKind(kind), number, names.index(name), 1, NOON - timedelta(days=9 - number),
              MembershipStatus.ACTIVE, status=CodeStatus.ACTIVE)
        for number, (kind, name) in enumerate(one.split() for one in found["touches"].split(", "))
    ]  # fmt: skip
    decision = credit_for(OrderFacts(NOON, NOON, is_paid=True), touches, {1: judged(terms)})
    return "nobody" if decision.ambassador_id is None else names[decision.ambassador_id]


def window(found: Words) -> str:
    passed = timedelta(days=int(found["after"]), seconds=int(found["seconds"]))
    click = Touch(TouchKind.CLICK, 1, 1, 1, NOON - passed, MembershipStatus.ACTIVE)
    terms = terms_facts(window_days=int(found["window"]))
    decision = credit_for(OrderFacts(NOON, NOON, is_paid=True), [click], {1: judged(terms)})
    return "credited" if decision.ambassador_id else decision.reason.value


def hold(found: Words) -> str:
    ordered, paid = (
        datetime.fromisoformat(found[name]).replace(tzinfo=UTC) for name in ("ordered", "paid")
    )
    return hold_until(ordered, paid, int(found["days"])).date().isoformat()


def judged(terms: TermsFacts) -> ProgramTerms:
    """What of the terms a decision reads."""
    return ProgramTerms(
        terms.id, terms.version, terms.window_days, terms.code_policy, terms.click_rule
    )


def terms_facts(**more: object) -> TermsFacts:
    facts = {
        "id": 1, "version": 1, "kind": CommissionKind.PERCENT, "rate_bp": 1000,
        "flat": Money.zero("USD"), "hold_days": 30, "window_days": 30,
        "code_policy": CodePolicy.ALWAYS, "click_rule": ClickRule.LAST_CLICK,
        "pay_on_zero_base": False,
    }  # fmt: skip
    return TermsFacts(**(facts | more))  # type: ignore[arg-type]


def commission(found: Words) -> str:
    base = Money.of(found["money"])
    terms = terms_facts(
        kind=CommissionKind.FLAT if found["flat"] else CommissionKind.PERCENT,
        rate_bp=basis_points(found["rate"] or "0"),
        flat=Money.of(f"{found['flat'] or 0} {base.currency}"),
        pay_on_zero_base=bool(found["zero"]),
    )
    return bare(commission_for(Purchase(base, NOON), terms).total)


def reversals(found: Words) -> str:
    currency, taken = found["currency"], []
    amount, base = (Money.of(f"{found[name]} {currency}") for name in ("amount", "base"))
    net, basket = amount, Basket.whole(base, Basis.ORDER if found["flat"] else Basis.PERCENT)
    for left in found["left"].split():
        remaining = Money.of(f"{left} {currency}")
        taken.append(reversal_for(amount, net, basket, Left(remaining)))
        net = net - taken[-1]
        assert Money.zero(currency) <= net <= amount
    return bare(*taken)


def ready(found: Words) -> str:
    amount = Money.of(found["money"])
    destination = Destination(Rail.STRIPE, "acct_1", DestinationState.READY, NOON)
    minimum = Money.of(f"{found['minimum']} {amount.currency}")
    reasons = readiness(Candidate(1, amount, destination), minimum, NOON)
    return reasons[0].value if reasons else "ready"


AMOUNT = r"-?[\d.]+"
MONEY = rf"(?P<money>{AMOUNT} [A-Z]{{3}})"
VERBS: tuple[tuple[str, Callable[[Words], str]], ...] = (
    (rf"{MONEY} minor", minor),
    (rf"read (?P<text>{AMOUNT}) (?P<currency>[A-Z]{{3}})", read),
    (rf"{MONEY} portion (?P<rate>[\d.]+)%", portion),
    (rf"{MONEY} times (?P<top>\d+)/(?P<bottom>\d+)", times),
    (rf"{MONEY} split (?P<weights>[\d ]+)", split),
    (
        rf"base (?P<base>{AMOUNT}) of (?P<total>{AMOUNT}) (?P<currency>[A-Z]{{3}}) refunded: (?P<facts>.+)",
        refunded,
    ),
    (
        r"window (?P<window>\d+) days: ordered (?P<after>\d+) days and (?P<seconds>\d+) s after the click",
        window,
    ),
    (r"hold (?P<days>\d+) days: ordered (?P<ordered>[\d-]+), paid (?P<paid>[\d-]+)", hold),
    (r"policy (?P<policy>\w+): (?P<touches>.+)", policy),
    (
        rf"commission (?:(?P<rate>[\d.]+)%|flat (?P<flat>{AMOUNT})) of {MONEY}(?P<zero>, pays on zero)?",
        commission,
    ),
    (
        rf"earned (?P<flat>flat )?(?P<amount>{AMOUNT}) on (?P<base>{AMOUNT}) (?P<currency>[A-Z]{{3}}), left (?P<left>[\d. ]+)",
        reversals,
    ),
    (rf"payable {MONEY} minimum (?P<minimum>{AMOUNT})", ready),
)


def answer(said: str) -> str:
    for pattern, verb in VERBS:
        found = re.fullmatch(pattern, said)
        if found:
            return verb(found)
    raise AssertionError(f"nobody understands “{said}”")


@pytest.mark.parametrize(("number", "line"), list(examples(PAGE)), ids=str)
def test_the_example_is_what_happens(number: int, line: str):
    said, arrow, expected = line.partition("->")
    assert arrow, f"line {number} of docs/money.md has no arrow"
    assert answer(said.strip()) == expected.strip(), f"line {number} of docs/money.md"


def test_every_verb_has_an_example():
    lines = [line.partition("->")[0].strip() for _, line in examples(PAGE)]
    unused = [
        pattern for pattern, _ in VERBS if not any(re.fullmatch(pattern, line) for line in lines)
    ]
    assert unused == []


# ---- the books
BRAND, CREATOR = 1, 2
ACCOUNTS = {
    "expense": accounts.expense(BRAND),
    "paid out": accounts.PAID_OUT,
    "tax withheld": accounts.tax_withheld(BRAND),
    "lost": accounts.lost(BRAND),
    "written off": accounts.written_off(BRAND),
    "exchange": accounts.EXCHANGE,
    "rail fees": accounts.RAIL_FEES,
    "fees": accounts.fees(BRAND),
    "store credit": accounts.store_credit(BRAND),
    "uplift": accounts.uplift(BRAND),
    **accounts.of_creator(BRAND, CREATOR),
}


@pytest.mark.usefixtures("app")
def test_the_accounts_step_by_step():
    for reference, source, target, amount, *balances in table_after(
        PAGE, "### One creator's accounts, step by step"
    ):
        with unit_of_work():
            ledger.post(
                "example",
                reference,
                [(ACCOUNTS[source], ACCOUNTS[target], Money.of(f"{amount} USD"))],
            )
        now = queries.balances_of(BRAND, CREATOR, "USD")
        assert (
            bare(now.pending, now.held, now.payable, now.committed, now.paid).split() == balances
        ), reference
    assert queries.violations() == []
    assert bare(now.earned) == "25.00"


def test_every_journal_is_in_the_table():
    written = {
        *(
            f"commission:{{id}}:{what}"
            for what in _words_of("commissions", {"book": 1, "posting": 1})
        ),
        "adjustment:{id}:posted",
        *(
            f"payout:{{id}}:{{attempt}}:{what}"
            for what in _words_of("payouts", {"_move": 1, "_post": 1, "posting_of": 1})
        ),
    }
    listed = {
        re.sub(r":\{(n|total)\}$", "", row[0]) for row in table_after(PAGE, "### The journals")
    }
    assert listed == written


def _words_of(room: str, calls: dict[str, int]) -> set[str]:
    """The literal word that names a journal in the calls of a room's posting functions."""
    found = set()
    for path in (ROOT / "portal" / room).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in calls
            ):
                said = node.args[calls[node.func.id]]
                said = said.values[0] if isinstance(said, ast.JoinedStr) else said
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    found.add(said.value.rstrip(":"))
    return found


def test_every_account_is_in_the_table():
    listed = {row[0] for row in table_after(PAGE, "### The accounts")}
    spelled = {
        name.replace("brand:1:", "brand:{b}:").replace("creator:2:", "creator:{c}:")
        for name in ACCOUNTS.values()
    }
    assert listed == spelled


def test_the_doctors_checks_are_in_the_table():
    from portal import doctor

    listed = [row[0] for row in table_after(PAGE, "## What `portal doctor` checks")]
    assert listed[:-1] == [name for name, _ in doctor.CHECKS]
    assert listed[-1] in Path(doctor.__file__).read_text()
