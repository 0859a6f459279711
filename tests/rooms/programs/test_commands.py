"""Programs, versions of terms and agreements, minimum payouts, in a real database."""

from datetime import timedelta

import pytest

from portal.audit import queries as audit
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.money import Money
from portal.programs import commands, queries
from portal.programs.models import CodePolicy, CommissionKind
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program


def publish(program, **terms):
    with unit_of_work():
        return commands.publish_terms(program.id, **{"by": None, "rate_bp": 1_000, **terms})


def test_a_program_begins_as_a_draft_that_nobody_outside_sees(world):
    program = a_program(world.glow, is_open=False)
    with pytest.raises(NotFound):
        queries.program_by_slug(program.slug)
    assert queries.one_of_brand(world.glow.id, program.public_id).id == program.id


def test_it_opens_only_with_terms_and_an_agreement(world):
    glow = world.glow
    with unit_of_work():
        program = commands.create_program(glow.id, "Glow Club", by=None)
    with pytest.raises(Conflict, match="commission terms"), unit_of_work():
        commands.open_applications(program.id, by=None)
    publish(program)
    with pytest.raises(Conflict, match="agreement"), unit_of_work():
        commands.open_applications(program.id, by=None)
    with unit_of_work():
        commands.publish_agreement(program.id, "Say it is an ad.", by=None)
    with unit_of_work():
        assert commands.open_applications(program.id, by=None).is_open
    assert queries.program_by_slug("glow-club").id == program.id


def test_closing_remembers_the_day_and_opening_forgets_it(program):
    with unit_of_work():
        commands.close_applications(program.id, by=None)
    assert program.closed_at == clock.now()
    with unit_of_work():
        commands.close_applications(program.id, by=None)
        commands.open_applications(program.id, by=None)
    assert program.closed_at is None
    acts = [entry.act for entry in audit.history_of("program", program.id)]
    assert acts == ["program.created", "program.opened", "program.closed", "program.opened"]


def test_an_address_belongs_to_one_program(world, program):
    rival = world.rival
    with pytest.raises(InvalidInput, match="Another program"), unit_of_work():
        commands.create_program(rival.id, "Anything", slug=program.slug, by=None)


def test_another_brands_program_is_not_found(world, program):
    with pytest.raises(NotFound):
        queries.one_of_brand(world.rival.id, program.public_id)


def test_R16_versions_are_never_edited_and_each_has_its_time(program):
    first = queries.current_terms(program.id)
    start = clock.now() + timedelta(days=5)
    second = publish(program, rate_bp=1_200, effective_at=start)
    assert (first.version, second.version) == (1, 2)
    assert queries.terms_at(program.id, start - timedelta(microseconds=1)).id == first.id
    assert queries.terms_at(program.id, start).id == second.id
    assert queries.current_terms(program.id).id == first.id
    clock.pass_days(5)
    assert queries.current_terms(program.id).rate_bp == 1_200
    assert queries.terms(first.id).rate_bp == 1_000


def test_R15_before_the_first_version_nothing_is_in_force(program):
    with pytest.raises(NotFound):
        queries.terms_at(program.id, clock.now() - timedelta(seconds=1))


def test_R16_a_midnight_of_the_brand_divides_two_versions(program):
    """31 March 23:59:59 in New York takes version 1, the next second version 2."""
    midnight = clock.start_of_day(
        clock.today("America/New_York") + timedelta(days=30), "America/New_York"
    )
    publish(program, rate_bp=1_500, effective_at=midnight)
    assert queries.terms_at(program.id, midnight - timedelta(seconds=1)).version == 1
    assert queries.terms_at(program.id, midnight).version == 2


@pytest.mark.parametrize("loss", [{"rate_bp": 900}, {"window_days": 7}, {"hold_days": 60}])
def test_R17_a_loss_needs_fourteen_days_notice(program, loss):
    with pytest.raises(Conflict, match="14 days’ notice"):
        publish(program, **loss)
    early = clock.now() + timedelta(days=14) - timedelta(seconds=1)
    with pytest.raises(Conflict, match="14 days’ notice"):
        publish(program, effective_at=early, **loss)
    assert queries.latest_terms(program.id).version == 1
    assert publish(program, effective_at=clock.now() + timedelta(days=14), **loss).version == 2


def test_R17_an_increase_may_begin_at_once(program):
    assert publish(program, rate_bp=1_500).effective_at == clock.now()


def test_R17_what_was_promised_counts_as_the_old_terms(program):
    """An increase announced for next week cannot be taken back on its eve."""
    start = clock.now() + timedelta(days=7)
    publish(program, rate_bp=1_500, effective_at=start)
    with pytest.raises(Conflict, match="rate goes down"):
        publish(program, rate_bp=1_000, effective_at=start)


def test_terms_start_neither_in_the_past_nor_before_the_last_version(program):
    with pytest.raises(Conflict, match="in the past"):
        publish(program, rate_bp=1_500, effective_at=clock.now() - timedelta(seconds=1))
    publish(program, rate_bp=1_500, effective_at=clock.now() + timedelta(days=3))
    with pytest.raises(Conflict, match="Version 2 starts later"):
        publish(program, rate_bp=2_000, effective_at=clock.now() + timedelta(days=2))


def test_the_facts_say_what_the_row_says(program):
    version = publish(
        program, kind=CommissionKind.FLAT, rate_bp=0, flat=Money.of("5.00 USD"),
        code_policy=CodePolicy.IF_INVOLVED, effective_at=clock.now() + timedelta(days=14),
    )  # fmt: skip
    facts = queries.facts_of(version)
    assert (facts.kind, facts.flat, facts.version) == (CommissionKind.FLAT, Money.of("5.00 USD"), 2)
    assert facts.code_policy is CodePolicy.IF_INVOLVED


def test_agreements_are_versions_with_a_fingerprint(program):
    first = queries.current_agreement(program.id)
    with pytest.raises(InvalidInput, match="unchanged"), unit_of_work():
        commands.publish_agreement(program.id, first.text, by=None)
    with pytest.raises(InvalidInput, match="Write the agreement"), unit_of_work():
        commands.publish_agreement(program.id, "  \n ", by=None)
    with unit_of_work():
        second = commands.publish_agreement(program.id, "New.\r\nText.", by=None)
    assert (second.version, second.text) == (2, "New.\nText.")
    assert len(second.sha256) == 64
    assert second.sha256 != first.sha256
    assert queries.agreement(program.id, 1).text == first.text
    with pytest.raises(NotFound):
        queries.agreement(program.id, 3)


def test_R84_a_brand_sets_a_minimum_for_each_currency(world):
    brand_id = world.glow.id
    assert queries.minimum_payout(brand_id, "USD") == Money.of("25.00 USD")
    with unit_of_work():
        commands.set_minimum(brand_id, Money.of("40.00 USD"), by=None)
        commands.set_minimum(brand_id, Money.of("50.00 USD"), by=None)
        commands.set_minimum(brand_id, Money.of("0.00 EUR"), by=None)
    assert queries.minimum_payout(brand_id, "USD") == Money.of("50.00 USD")
    assert queries.minimum_payout(brand_id, "EUR") == Money.of("0.00 EUR")
    assert queries.minimum_payout(world.rival.id, "USD") == Money.of("25.00 USD")
    assert [row.currency for row in queries.minimums_of(brand_id)] == ["EUR", "USD"]
    with pytest.raises(InvalidInput, match="negative"), unit_of_work():
        commands.set_minimum(brand_id, Money.of("-1.00 USD"), by=None)


def test_changing_the_page_keeps_before_and_after(program):
    with unit_of_work():
        commands.change_page(program.id, by=None, pitch="Newer.", min_followers=100)
    entry = audit.history_of("program", program.id)[-1]
    assert entry.act == "program.changed"
    assert entry.facts["before"] == {"pitch": "Good things, passed on.", "min_followers": 3_000}
    with pytest.raises(TypeError), unit_of_work():
        commands.change_page(program.id, by=None, status="open")


def test_terms_can_start_at_once_while_the_clock_runs(world, monkeypatch):
    monkeypatch.setattr(clock._state, "frozen", None)
    program = a_program(world.glow)
    with unit_of_work():
        commands.publish_terms(program.id, rate_bp=1_100, by=None)
        version = commands.publish_terms(program.id, rate_bp=1_200, by=None).version
    assert version == 3
