"""R83, R92, R97–R102, R105: thresholds by date, the gate, withholding."""

from datetime import date

import pytest

from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.tax import rules
from portal.tax.models import Asks, FormKind, FormState, OnMissing, Reportable
from portal.tax.rules import Exported, Figures, Payee, Policy, Source, Standing, Stop, YearTotal

US = Policy(asks=Asks.THRESHOLD)
OF_2025 = rules.figures_on(FormKind.W9, date(2025, 12, 31))
OF_2026 = rules.figures_on(FormKind.W9, date(2026, 1, 1))


def usd(text: str) -> Money:
    return Money.of(f"{text} USD")


def total(paid: str, benefits: str = "0.00", withheld: str = "0.00") -> YearTotal:
    return YearTotal(1, usd(paid), usd(withheld), usd(benefits), usd("0.00"))


def verdict(amount: str, counted: str = "0.00", policy: Policy = US, **standing):
    known = Standing("US", usd(counted), **standing)
    return rules.gate_for(Payee(1, usd(amount)), known, policy, OF_2026)


def test_R97_the_threshold_is_that_of_the_payment_s_day():
    assert OF_2025.threshold == usd("600.00")
    assert OF_2026.threshold == usd("2000.00")


@pytest.mark.parametrize(
    ("paid", "figures", "reported"),
    [
        ("1999.99", OF_2026, False),
        ("2000.00", OF_2026, True),
        ("650.00", OF_2025, True),
        ("1950.00", OF_2026, False),
        ("599.99", OF_2025, False),
        ("600.00", OF_2025, True),
    ],
)
def test_R98_at_the_threshold_or_above_it(paid, figures, reported):
    assert rules.is_candidate(total(paid), figures) is reported


def test_R97_a_figure_of_2027_is_entered_and_rounded_to_hundreds():
    assert rules.lacks_figure(2027)
    assert not rules.lacks_figure(2026)
    entered = Figures(FormKind.W9, date(2027, 1, 1), usd("2100.00"), 2400, Source.OPERATOR, 1)
    assert not rules.lacks_figure(2027, [entered])
    assert rules.figures_on(FormKind.W9, date(2027, 3, 1), [entered]) == entered
    assert rules.figures_on(FormKind.W9, date(2026, 12, 31), [entered]) == OF_2026
    rules.check_rule(FormKind.W9, date(2027, 1, 1), usd("2100.00"), 2400)
    with pytest.raises(InvalidInput, match="whole hundreds"):
        rules.check_rule(FormKind.W9, date(2027, 1, 1), usd("2150.00"), 2400)


def test_R97_a_brands_own_figure_wins_over_the_operators_of_the_same_day():
    day = date(2027, 1, 1)
    own = Figures(FormKind.W9, day, usd("2200.00"), 2400, Source.BRAND, 1)
    shared = Figures(FormKind.W9, day, usd("2100.00"), 2400, Source.OPERATOR, 2)
    assert rules.figures_on(FormKind.W9, day, [own, shared]) == own


def test_R99_what_a_processor_reports_does_not_count():
    for rail, counts in (("paypal", False), ("card", False), ("stripe", True), ("manual", True)):
        expected = Reportable.YES if counts else Reportable.NO
        assert rules.reportable_payment(rail, US) is expected
    by_law = Policy(asks=Asks.THRESHOLD, excludes_processors=False)
    assert rules.reportable_payment("paypal", by_law) is Reportable.YES
    by_paypal = Payee(1, usd("5000.00"), rail="paypal")
    assert not rules.is_asked(by_paypal, usd("0.00"), US, OF_2026)


def test_R101_a_form_of_those_abroad_keeps_a_year_out_of_the_file():
    whole, kept = total("2500.00"), total("2500.00", withheld="24.00")
    assert not rules.is_candidate(whole, OF_2026, FormKind.W8BEN)
    assert rules.is_candidate(whole, OF_2026, FormKind.W9)
    assert rules.is_candidate(kept, OF_2026, FormKind.W8BENE)


def test_R100_things_count_at_their_fair_value():
    assert rules.is_candidate(total("150.00", "499.00"), OF_2025)  # a lens with a fee: $649
    assert not rules.is_candidate(total("150.00", "499.00"), OF_2026)
    assert rules.reportable_benefit(is_for_services=True) is Reportable.YES
    assert rules.reportable_benefit(is_for_services=False) is Reportable.REVIEW


def test_R102_a_missing_form_holds_the_payout_once_the_year_reaches_the_threshold():
    assert verdict("1999.99").stop is None
    assert verdict("2000.00").stop is Stop.FORM
    assert verdict("50.00", counted="1949.99").stop is None
    assert verdict("50.01", counted="1949.99").stop is Stop.FORM


def test_R102_or_24_percent_of_it_is_withheld():
    withholds = Policy(asks=Asks.THRESHOLD, on_missing=OnMissing.WITHHOLD)
    found = verdict("1850.00", counted="150.00", policy=withholds)
    assert (found.stop, found.withheld) == (None, usd("444.00"))
    assert not verdict("1850.00", counted="149.99", policy=withholds).withheld


@pytest.mark.parametrize(
    "state", [FormState.NEEDED, FormState.DRAFT, FormState.REJECTED, FormState.EXPIRED]
)
def test_R83_missing_rejected_and_expired_are_one(state):
    assert verdict("2500.00", form=state).stop is Stop.FORM


@pytest.mark.parametrize("state", [FormState.ACCEPTED, FormState.EXPIRING])
def test_R83_a_form_that_holds_lets_the_payout_go(state):
    found = verdict("2500.00", form=state)
    assert found.stop is None
    assert not found.withheld


def test_a_form_that_finance_still_checks_holds_and_withholds_nothing():
    withholds = Policy(asks=Asks.THRESHOLD, on_missing=OnMissing.WITHHOLD)
    found = verdict("2500.00", policy=withholds, form=FormState.CHECKING)
    assert found.stop is Stop.FORM
    assert not found.withheld


def test_a_creator_under_notice_is_withheld_from_though_her_form_holds():
    found = verdict("2500.00", form=FormState.ACCEPTED, has_notice=True)
    assert (found.stop, found.withheld) == (None, usd("600.00"))


def test_R92_another_name_than_the_form_s_holds_with_a_reason():
    assert verdict("2500.00", form=FormState.ACCEPTED, is_named=False).stop is Stop.NAME
    assert verdict("2500.00", form=FormState.ACCEPTED, is_named=True).stop is None


def test_another_currency_cannot_be_measured_so_a_form_is_asked_for():
    euros = Payee(1, Money.of("10.00 EUR"))
    assert rules.is_asked(euros, Money.zero("EUR"), US, OF_2026)


def test_a_creator_from_abroad_is_asked_from_the_first_payment():
    assert rules.expected_kind("CA") is FormKind.W8BEN
    abroad = rules.figures_on(FormKind.W8BEN, date(2026, 3, 2))
    assert rules.is_asked(Payee(1, usd("1.00")), usd("0.00"), US, abroad)


def test_a_payer_elsewhere_asks_nothing_until_it_decides_to():
    assert rules.default_policy("DE").is_off
    assert rules.default_policy("US").asks is Asks.THRESHOLD
    assert verdict("9000.00", policy=rules.default_policy("DE")).stop is None


def test_R105_dac7_asks_sellers_in_the_eu_from_the_first_euro_when_we_are_a_platform():
    platform, payee = Policy(dac7_operator=True), Payee(1, Money.of("1.00 EUR"))
    asked = Standing("DE", Money.zero("EUR"))
    figures = rules.figures_on(FormKind.DAC7, date(2026, 3, 2))
    found = rules.gate_for(payee, asked, platform, figures)
    assert (found.stop, found.kind) == (Stop.FORM, FormKind.DAC7)
    given = Standing("DE", Money.zero("EUR"), dac7=FormState.ACCEPTED)
    assert rules.gate_for(payee, given, platform, figures).stop is None
    elsewhere = Standing("US", Money.zero("EUR"))
    assert rules.gate_for(payee, elsewhere, platform, figures).stop is None
    assert Policy().dac7_operator is False
    assert rules.gate_for(payee, asked, Policy(), figures).stop is None


def test_R104_a_file_says_what_changed_since_the_last_one():
    before = Exported(200_000, 0, 7)
    assert rules.mark_of(before, None) == "original"
    assert rules.mark_of(Exported(200_000, 0, 7), before) == "unchanged"
    assert rules.mark_of(Exported(190_000, 0, 7), before) == "corrected"
    assert rules.mark_of(Exported(200_000, 0, 8), before) == "corrected"


def test_withheld_tax_is_reported_below_the_threshold_too():
    assert rules.is_candidate(total("100.00", withheld="24.00"), OF_2026)
    assert not rules.is_candidate(total("0.00"), rules.figures_on(FormKind.W8BEN, date(2026, 1, 1)))


def test_a_rule_must_make_sense():
    with pytest.raises(InvalidInput, match="negative"):
        rules.check_rule(FormKind.W9, date(2026, 1, 1), usd("-1.00"), 0)
    with pytest.raises(InvalidInput, match="between 0 and 100"):
        rules.check_rule(FormKind.W9, date(2026, 1, 1), usd("1.00"), 10_001)
    with pytest.raises(Conflict, match="nothing to show for 2030"):
        rules.check_year(2030, date(2026, 3, 2), [2025])
