"""Ways that fit, accounts that are checked, reminders that are due: R90."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.creators.models import Rail
from portal.destinations import rules
from portal.kernel.errors import InvalidInput

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "sent", "due"),
    [(0, set(), 0), (3, {0}, None), (7, {0}, 7), (20, {0, 7}, None), (21, {0, 7}, 21),
     (60, {0, 7, 21}, 45), (60, set(), 45), (60, {45}, None), (400, {0, 7, 21, 45}, None)],
)  # fmt: skip
def test_r90_reminders_on_days_0_7_21_and_45(days: int, sent: set[int], due: int | None) -> None:
    assert rules.reminder_due(NOW - timedelta(days=days, hours=1), NOW, sent) == due


def test_ways_fit_the_country_and_the_currencies() -> None:
    ways = rules.ways_for(["sepa", "paypal", "manual"], "US", ["USD"], is_connected=True)
    assert [way.rail for way in ways] == [Rail.PAYPAL, Rail.MANUAL, Rail.SEPA]
    assert ways[-1].why_not
    assert "USD is converted" in ways[-1].text
    german = rules.ways_for(["stripe", "sepa"], "DE", ["EUR"], is_connected=False)
    assert [(way.rail, way.why_not) for way in german] == [(Rail.SEPA, "")]
    assert "converted" not in german[0].text


def test_accounts_are_checked_and_masked() -> None:
    bank = rules.checked(Rail.SEPA, "DE89 3704 0044 0532 0130 00", " Ada  Example ")
    assert (bank.account, bank.holder, bank.label) == (
        "DE89370400440532013000", "Ada Example", "DE •••• 3000",
    )  # fmt: skip
    wallet = rules.checked(Rail.PAYPAL, "ada@example.com", "Ada")
    assert wallet.label == "ad••@example.com"


@pytest.mark.parametrize(
    ("rail", "account", "holder", "field"),
    [(Rail.SEPA, "DE89370400440532013001", "Ada", "iban"),
     (Rail.SEPA, "BR1500000000000010932840814P2", "Ada", "iban"),
     (Rail.SEPA, "DE89370400440532013000", " ", "holder"),
     (Rail.PAYPAL, "ada.example.com", "Ada", "email"),
     (Rail.PAYPAL, "a@b@c.de", "Ada", "email")],
)  # fmt: skip
def test_what_no_file_can_carry_is_refused(
    rail: Rail, account: str, holder: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as no:
        rules.checked(rail, account, holder)
    assert no.value.field == field
