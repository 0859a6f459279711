"""Who is paid, what may happen next, what an approval is bound to."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from portal.creators.models import DestinationState, Rail
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.payouts import rules, sample_rules, wording
from portal.payouts.models import BlockedReason, Caution, PayoutStatus, RunStatus

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINIMUM = Money.of("25.00 USD")


def destination(
    state: DestinationState = DestinationState.READY, **more: object
) -> rules.Destination:
    values = {
        "rail": Rail.STRIPE,
        "account_ref": "acct_1",
        "state": state,
        "changed_at": NOW,
        **more,
    }
    return rules.Destination(**values)  # type: ignore[arg-type]


def reasons(amount: str, where: rules.Destination | None, *, is_barred: bool = False) -> list[str]:
    money = Money.of(amount)
    candidate = rules.Candidate(1, money, where, is_barred)
    minimum = Money(MINIMUM.minor, money.currency)
    return [reason.value for reason in rules.readiness(candidate, minimum, NOW)]


def test_r84_one_cent_below_the_minimum_rolls_over() -> None:
    assert reasons("24.99 USD", destination()) == ["below_minimum"]
    assert reasons("25.00 USD", destination()) == []


def test_r83_every_failing_condition_is_named() -> None:
    assert reasons("10.00 USD", None, is_barred=True) == [
        "membership_ban_review",
        "below_minimum",
        "no_account",
    ]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (DestinationState.NOT_STARTED, "no_account"),
        (DestinationState.ONBOARDING, "no_account"),
        (DestinationState.DISCONNECTED, "no_account"),
        (DestinationState.VERIFYING, "account_restricted"),
        (DestinationState.ACTION_NEEDED, "account_restricted"),
        (DestinationState.RESTRICTED, "account_restricted"),
        (DestinationState.REJECTED, "account_restricted"),
    ],
)
def test_an_account_that_cannot_be_paid_blocks(state: DestinationState, reason: str) -> None:
    assert reasons("80.00 USD", destination(state)) == [reason]


def test_r91_a_changed_account_cools_for_72_hours_and_then_is_ready() -> None:
    soon = destination(DestinationState.COOLING, cooling_until=NOW + timedelta(seconds=1))
    over = destination(DestinationState.COOLING, cooling_until=NOW)
    assert reasons("80.00 USD", soon) == ["cooling"]
    assert reasons("80.00 USD", over) == []


def test_r83_a_payee_whom_finance_holds_is_blocked_whatever_else_is_right() -> None:
    candidate = rules.Candidate(1, Money.of("80.00 USD"), destination(), is_held=True)
    assert rules.readiness(candidate, MINIMUM, NOW) == (BlockedReason.HELD,)
    assert wording.REASONS.keys() == set(BlockedReason)


def test_a_negative_balance_says_only_that() -> None:
    assert reasons("-1.00 USD", None, is_barred=True) == ["negative_balance"]
    assert reasons("0.00 USD", destination()) == ["negative_balance"]


def test_an_amount_the_rail_cannot_carry_is_not_sent() -> None:
    assert reasons("50.001 KWD", destination()) == ["currency"]
    assert reasons("50.010 KWD", destination()) == []
    assert reasons("50.50 MGA", destination()) == ["currency"]
    assert reasons("50.50 MGA", destination(rail=Rail.MANUAL)) == []
    assert reasons("5000 JPY", destination()) == []


def test_cautions_name_what_an_approver_should_look_at() -> None:
    usual = Money.of("100.00 USD")
    assert rules.cautions(Money.of("300.00 USD"), usual) == ()
    assert rules.cautions(Money.of("300.01 USD"), usual) == (Caution.OVER_USUAL,)
    assert rules.cautions(Money.of("30.00 USD"), None) == (Caution.FIRST_PAYOUT,)
    everything = rules.cautions(
        Money.of("2000.01 USD"), usual, account_changed=True, account_shared=True
    )
    assert set(everything) == set(Caution) - {Caution.FIRST_PAYOUT}
    assert rules.cautions(Money.of("2000.01 KWD"), Money.of("2000.00 KWD")) == (
        Caution.ABOVE_LIMIT,
    )
    assert rules.cautions(Money.of("2000 JPY"), Money.of("2000 JPY")) == ()


def line(number: int, amount: str = "10.00 USD", account: str = "acct_1") -> rules.Line:
    return rules.Line(f"po_{number}", number, Money.of(amount).minor, "stripe", account)


def test_the_control_hash_is_bound_to_every_line_and_to_nothing_else() -> None:
    base = rules.control_hash("run_1", 1, "USD", [line(1), line(2)])
    assert base == rules.control_hash("run_1", 1, "USD", [line(2), line(1)])
    others = [
        rules.control_hash("run_2", 1, "USD", [line(1), line(2)]),
        rules.control_hash("run_1", 2, "USD", [line(1), line(2)]),
        rules.control_hash("run_1", 1, "USD", [line(1)]),
        rules.control_hash("run_1", 1, "USD", [line(1, "10.01 USD"), line(2, "9.99 USD")]),
        rules.control_hash("run_1", 1, "USD", [line(1, account="acct_2"), line(2)]),
    ]
    assert len({base, *others}) == 6


def test_r87_whoever_touched_the_run_may_not_approve_it() -> None:
    assert rules.approval_refusal(7, {7, 8}) is not None
    assert rules.approval_refusal(9, {7, 8}) is None


def test_every_step_that_is_not_declared_is_refused() -> None:
    for status, act in product(RunStatus, rules.RunAct):
        if act in rules.RUN_STEPS[status]:
            assert rules.next_run_status(status, act) in RunStatus
        else:
            with pytest.raises(Conflict):
                rules.next_run_status(status, act)
    for state, deed in product(PayoutStatus, rules.PayoutAct):
        if deed in rules.PAYOUT_STEPS[state]:
            assert rules.next_payout_status(state, deed) in PayoutStatus
        else:
            with pytest.raises(Conflict):
                rules.next_payout_status(state, deed)


def test_an_unknown_payout_can_only_be_asked_for_never_failed() -> None:
    assert set(rules.PAYOUT_STEPS[PayoutStatus.UNKNOWN]) == {rules.PayoutAct.CLAIM}


def test_the_sample_shows_the_largest_what_is_odd_and_the_same_strangers_each_time() -> None:
    picks = [sample_rules.Pick(i, i * 100, frozenset()) for i in range(1, 101)]
    picks[4] = sample_rules.Pick(5, 500, frozenset({"account_changed"}))
    first, second = sample_rules.sample_of(picks, "seed"), sample_rules.sample_of(picks, "seed")
    assert first == second
    assert [p.payout_id for p in first[:3]] == [100, 99, 98]
    assert next(p for p in first if p.payout_id == 5).why == "Account changed"
    assert sum(p.why == "Random" for p in first) == 10
    assert [p.payout_id for p in sample_rules.sample_of(picks, "other")] != [
        p.payout_id for p in first
    ]


def test_every_warned_payout_is_in_the_sample_and_says_so() -> None:
    firsts = [sample_rules.Pick(i, 100, frozenset({"first_payout"})) for i in range(1, 41)]
    plain = [sample_rules.Pick(i, 50, frozenset()) for i in range(41, 100)]
    odd = sample_rules.Pick(100, 9_000, frozenset({"first_payout", "over_usual"}))
    sample = sample_rules.sample_of([*plain, *firsts, odd], "seed")
    assert {p.payout_id for p in firsts} | {100} <= {p.payout_id for p in sample}
    assert sample[0].why == "Largest, over 3× usual, first payout"
    assert {p.why for p in sample if p.payout_id in range(3, 41)} == {"First payout"}
    assert not any(p.why == "Random" for p in sample)  # 41 warned ones leave no room
    few = sample_rules.sample_of([*plain, *firsts[:2]], "seed")
    assert Counter(p.why for p in few) == {"Random": 10, "Largest, first payout": 2, "Largest": 1}


def test_a_sample_stays_readable_when_nearly_everything_is_warned_about() -> None:
    firsts = [sample_rules.Pick(i, 100, frozenset({"first_payout"})) for i in range(1, 1_001)]
    changed = sample_rules.Pick(1_001, 1, frozenset({"account_changed"}))
    sample = sample_rules.sample_of([*firsts, changed], "seed")
    assert len(sample) == sample_rules.SAMPLE_LARGEST + sample_rules.SAMPLE_WARNED
    assert sample[sample_rules.SAMPLE_LARGEST].why == "Account changed"


def test_a_warning_that_most_of_a_large_run_carries_singles_nobody_out() -> None:
    first, changed = Caution.FIRST_PAYOUT, Caution.ACCOUNT_CHANGED
    assert sample_rules.common_cautions([(first, 4_885), (changed, 2)], 4_885) == [first]
    assert sample_rules.common_cautions([(first, 50)], 100) == []
    assert (
        sample_rules.common_cautions([(first, 25)], 25) == []
    )  # few enough to be shown one by one


def test_a_seed_shuffles_the_same_way_each_time_and_leaves_nobody_out() -> None:
    first, step = sample_rules.shuffled_by("run_1")
    assert (first, step) == sample_rules.shuffled_by("run_1") != sample_rules.shuffled_by("run_2")
    assert (
        len({(i * step + first) % sample_rules.SHUFFLE for i in range(sample_rules.SHUFFLE)})
        == sample_rules.SHUFFLE
    )


def test_r85_runs_are_named_after_their_month() -> None:
    assert rules.label_of(date(2026, 10, 31)) == "October 2026"
    assert rules.label_of(date(2028, 2, 29)) == "February 2028"
    assert rules.label_of(date(2026, 11, 12)) == "Up to 12 Nov 2026"
    short = [rules.short_label(rules.label_of(date(2026, 10, day))) for day in (31, 9)]
    assert [*short, rules.short_label("Carried over")] == ["Oct", "9 Oct", "Carried over"]


def test_asking_again_slows_down_but_never_stops() -> None:
    waits = [rules.ask_again_in(tries) for tries in (1, 2, 3, 50)]
    assert waits == [
        timedelta(seconds=2),
        timedelta(seconds=4),
        timedelta(seconds=8),
        timedelta(minutes=10),
    ]


def test_a_retry_needs_a_cause_that_can_pass_few_tries_and_a_young_approval() -> None:
    assert rules.retry_refusal(1, True, NOW, NOW) is None
    assert rules.retry_refusal(1, False, NOW, NOW)
    assert rules.retry_refusal(4, True, NOW, NOW)
    assert rules.retry_refusal(1, True, NOW - timedelta(days=7), NOW)
    assert rules.retry_refusal(1, True, None, NOW)


def test_every_reason_and_warning_has_its_words() -> None:
    assert set(wording.REASONS) == set(BlockedReason)
    assert set(wording.CAUTIONS) == set(Caution)
    assert wording.refusal_of("a_code_nobody_knows") is wording.OTHER


def test_R83_a_rail_that_does_not_pay_to_a_country_blocks() -> None:
    at_home = {"home": "KP"}
    assert reasons("80.00 USD", destination(**at_home)) == ["country"]
    assert reasons("80.00 USD", destination(country="DE", **at_home)) == []
    assert reasons("80.00 USD", destination(rail=Rail.PAYPAL, **at_home)) == ["country"]
    assert reasons("80.00 USD", destination(rail=Rail.SEPA, country="US")) == ["country"]
    assert reasons("80.00 USD", destination(rail=Rail.SEPA, country="", **at_home)) == []
    assert reasons("80.00 USD", destination(rail=Rail.MANUAL, **at_home)) == []


def test_R83_an_agreement_that_waits_and_a_shared_account_block() -> None:
    candidate = rules.Candidate(
        1, Money.of("80.00 USD"), destination(), must_accept=True, is_shared=True
    )
    found = rules.readiness(candidate, MINIMUM, NOW)
    assert found == (BlockedReason.AGREEMENT, BlockedReason.DUPLICATE)
    assert all(words.label and words.path and words.creator for words in wording.REASONS.values())
