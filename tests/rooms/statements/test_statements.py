"""Statements: opening and what happened sum to closing, as the books have it, month after month."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.notifications import queries as mail
from portal.statements import commands, jobs, queries
from portal.statements.models import Statement
from portal.statements.rules import Month, MoveKind, move_kind_of
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.shop import settle

MARCH, APRIL, MAY = (Month.of(f"2026-0{n}") for n in (3, 4, 5))


def posted(brand, creator_id, minor, *, reference, reason="commission earned", currency="USD"):
    path = accounts.expense(brand.id), accounts.payable(brand.id, creator_id)
    with unit_of_work():
        ledger.post(
            reason, reference, [(*(path if minor > 0 else path[::-1]), Money(abs(minor), currency))]
        )


def published(brand):
    """Publish whatever is due; (month, opening, earned, taken back, closing) of what is out."""
    jobs.publish_due()
    settle()
    rows = db.session.query(Statement).filter_by(brand_id=brand.id).order_by(Statement.month)
    return [
        (s.month, s.opening_minor, s.earned_minor, s.reversed_minor, s.closing_minor) for s in rows
    ]


REASONS = ("commission earned", "commission reversed", "payout sent", "write-off")


@pytest.fixture
def told():
    """What the examples of one property posted so far: (instant, minor units)."""
    return []


def sum_before(told, moment):
    return sum(minor for at, minor in told if at < moment)


# ---- months
@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-01", "2026-01x", "", "٢٠٢٦-01"])
def test_an_odd_month_is_no_page(text):
    with pytest.raises(NotFound):
        Month.of(text)


def test_R147_a_month_begins_and_ends_at_midnight_of_its_zone():
    assert str(MARCH.start("America/New_York")) == "2026-03-01 05:00:00+00:00"
    assert str(MARCH.end("America/New_York")) == "2026-04-01 04:00:00+00:00"  # clocks went forward
    assert (str(Month.of("2026-12").next), str(Month.of("2026-01").before)) == (
        "2027-01",
        "2025-12",
    )


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("commission earned", "earned"), ("commission reversed", "reversed"), ("payout sent", "paid"),
     ("payout returned", "paid"), ("payout withheld", "withheld"), ("write-off", "adjusted")],
)  # fmt: skip
def test_every_reason_has_a_kind(reason, kind):
    assert move_kind_of(reason) is MoveKind(kind)


# ---- publishing
def test_a_month_comes_out_an_hour_after_it_ended_and_once(world, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="2001")
    end = MARCH.end(identity.brand(world.glow.id).zone)
    with clock.at(end + timedelta(minutes=59)):
        assert published(world.glow) == []
    with clock.at(end + timedelta(minutes=61)):
        assert published(world.glow) == [("2026-03", 0, 800, 0, 800)]
        assert published(world.glow) == [("2026-03", 0, 800, 0, 800)]
        assert queries.violations() == []


def test_the_next_month_opens_where_the_last_closed(world, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="2001")
    with clock.at("2026-04-10T09:00:00+00:00"):
        shop.refunds("2001", "40.00 USD")
        shop.sells("20.00 USD", "ADA15", number="2002")
    with clock.at("2026-05-02T09:00:00+00:00"):
        assert published(world.glow) == [
            ("2026-03", 0, 800, 0, 800), ("2026-04", 800, 200, -400, 600),
        ]  # fmt: skip
        assert queries.violations() == []


def test_a_month_in_which_nothing_moved_still_carries_the_balance(world, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    with clock.at("2026-06-02T09:00:00+00:00"):
        assert [row[0] for row in published(world.glow)] == ["2026-03", "2026-04", "2026-05"]
        assert queries.newest_month(world.glow.id) == MAY


def test_nobody_gets_a_statement_of_nothing(world, ada, ben, shop):
    shop.sells("80.00 USD", "ADA15", number="2001")
    shop.refunds("2001", "80.00 USD")
    with clock.at("2026-06-02T09:00:00+00:00"):
        assert published(world.glow) == [("2026-03", 0, 800, -800, 0)]
        assert queries.newest_month(world.glow.id) == MAY


def test_only_the_latest_month_is_mailed_and_the_mail_says_it_all(world, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="2001")
    with clock.at("2026-05-02T09:00:00+00:00"):
        published(world.glow)
        letters = [
            one for one in mail.latest(20, "ada@example.com") if one.letter == "statement_ready"
        ]
        assert [one.subject for one in letters] == ["Your statement of April 2026 from Glow"]
        assert "opening $8.00" in letters[0].text
        assert "closing $8.00" in letters[0].text


def test_no_month_is_published_while_a_posting_of_it_may_come(world, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        assert commands.publish_next(world.glow.id, by=None) is None


def test_a_statement_is_mailed_again_but_not_for_ever(world, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    with clock.at("2026-04-02T09:00:00+00:00"):
        published(world.glow)
        found, finn = db.session.query(Statement).one().id, world.finn.user_id
        for _ in range(commands.MOST_MAILS - 1):
            with unit_of_work():
                commands.send_again(found, by=finn)
            settle()
        with unit_of_work(), pytest.raises(Conflict, match="20 times already"):
            commands.send_again(found, by=finn)
        sent = [
            one for one in mail.latest(50, "ada@example.com") if one.letter == "statement_ready"
        ]
        assert len(sent) == commands.MOST_MAILS


def test_tax_and_fees_of_a_payout_are_told_apart_from_what_was_paid(world, ada):
    own = world.glow.id, ada.creator_id
    posted(world.glow, ada.creator_id, 10_000, reference="t:1")
    with unit_of_work():
        committed = accounts.committed(*own)
        ledger.post("payout reserved", "payout:9:1:reserved",
                    [(accounts.payable(*own), committed, Money(10_000, "USD"))])  # fmt: skip
        ledger.post("payout sent", "payout:9:1:sent", [
            (committed, accounts.PAID_OUT, Money(7_570, "USD")),
            (committed, accounts.RAIL_FEES, Money(30, "USD")),
            (committed, accounts.tax_withheld(world.glow.id), Money(2_400, "USD")),
        ])  # fmt: skip
        ledger.post("payout fee", "payout:8:1:fee",
                    [(accounts.fees(world.glow.id), accounts.RAIL_FEES, Money(99, "USD"))])  # fmt: skip
    found = queries.figures_of(world.glow.id, ada.creator_id, MARCH)["USD"]
    assert {kind.value: amount.minor for kind, amount in found.moved.items()} == {
        "earned": 10_000, "paid": -7_570, "adjusted": -30, "withheld": -2_400,
    }  # fmt: skip
    moves = queries.moves_of(world.glow.id, ada.creator_id, "USD", MARCH)
    assert sorted((one.kind.value, one.amount.minor) for one in moves) == [
        ("adjusted", -30), ("earned", 10_000), ("paid", -7_570), ("withheld", -2_400),
    ]  # fmt: skip


def test_currencies_have_statements_of_their_own(world, ada):
    posted(world.glow, ada.creator_id, 800, reference="t:1")
    posted(world.glow, ada.creator_id, 1200, reference="t:2", currency="JPY")
    with clock.at("2026-04-02T09:00:00+00:00"):
        published(world.glow)
        rows = db.session.query(Statement).order_by(Statement.currency).all()
        assert [str(one.closing) for one in rows] == ["1200 JPY", "8.00 USD"]


def test_the_doctor_sees_a_statement_that_is_not_the_books(world, ada, ben, shop):
    shop.sells("80.00 USD", "ADA15")
    with clock.at("2026-04-02T09:00:00+00:00"):
        published(world.glow)
        found = db.session.query(Statement).one()
        with unit_of_work():
            found = db.session.merge(found)
            found.opening_minor, found.closing_minor = 5, 805
        told = " ".join(queries.violations())
        assert "does not begin where" in told
        assert "closes with $8.05, the books with $8.00" in told


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(-5000, 5000).filter(bool), st.integers(0, 100)), max_size=12))
def test_P13_months_chain_to_the_kept_balance_whatever_happens(world, ada, told, moves):
    start, zone = clock.now(), identity.brand(world.glow.id).zone
    for minor, later in sorted(moves, key=lambda one: one[1]):
        at, reason = start + timedelta(days=later), REASONS[len(told) % len(REASONS)]
        with clock.at(at):
            posted(world.glow, ada.creator_id, minor, reference=f"h:{len(told)}", reason=reason)
        told.append((at, minor))
    month = MARCH
    for _ in range(5):
        found = queries.figures_of(world.glow.id, ada.creator_id, month).get("USD")
        assert (found.opening.minor if found else 0) == sum_before(told, month.start(zone))
        assert (found.closing.minor if found else 0) == sum_before(told, month.end(zone))
        month = month.next
