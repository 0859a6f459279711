"""Profiles, channels and payout destinations, in a real database."""

from datetime import timedelta

import pytest

from portal.audit import queries as audit
from portal.creators import commands, queries
from portal.creators.models import DestinationState, Platform, Rail
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, NotFound
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_creator


@pytest.fixture
def ada(world):
    return a_creator("Ada")


def test_a_profile_is_completed_more_than_once(world, ada):
    assert (ada.handle, ada.country, ada.is_adult) == ("adaexample", "US", True)
    with unit_of_work():
        again = commands.complete_profile(
            ada.user_id, name="Ada L.", handle="@Ada.L", zone="Europe/Rome"
        )
    assert again.id == ada.id
    assert (again.name, again.handle, again.country) == ("Ada L.", "Ada.L", "US")
    assert queries.by_handle("@ADA.L").id == ada.id
    assert queries.of_user(ada.user_id).id == ada.id


def test_handles_belong_to_one_creator_whatever_their_case(world, ada):
    ben = a_creator("Ben")
    with pytest.raises(InvalidInput, match="is taken") as refused, unit_of_work():
        commands.complete_profile(ben.user_id, name="Ben", handle="AdaExample")
    assert refused.value.field == "handle"


def test_a_second_person_of_the_same_name_gets_another_handle(world):
    first, second = a_creator("Ada", name="Zoë"), a_creator("Ben", name="Zoë")
    assert first.handle == "zoe"
    assert second.handle.startswith("zoe")
    assert second.handle != first.handle


def test_adding_a_channel_again_brings_its_figures_up_to_date(ada):
    with unit_of_work():
        first = commands.add_channel(ada.id, Platform.TIKTOK, "@Ada", followers=100)
        again = commands.add_channel(
            ada.id, Platform.TIKTOK, "ada", followers=250, likes_per_post=9
        )
        commands.add_channel(ada.id, Platform.BLOG, "ada.example", followers=900)
    assert again.id == first.id
    found = queries.channels_of(ada.id)
    assert [(one.platform, one.followers) for one in found] == [("blog", 900), ("tiktok", 250)]


def test_the_first_destination_is_used_at_once_and_a_changed_one_cools(ada):
    with unit_of_work():
        first = commands.record_destination(ada.id, Rail.STRIPE, "acct_1", by=ada.user_id)
    assert (first.state, first.cooling_until) == (DestinationState.ONBOARDING, None)
    with unit_of_work():
        commands.record_account_state("acct_1", "payable")
    assert first.state is DestinationState.READY
    with unit_of_work():
        commands.record_destination(ada.id, Rail.STRIPE, "acct_2", by=ada.user_id)
    assert first.cooling_until == clock.now() + timedelta(hours=72)
    with unit_of_work():
        commands.record_account_state("acct_2", "payable")
    assert first.state is DestinationState.COOLING
    clock.pass_days(3)
    with unit_of_work():
        commands.record_account_state("acct_2", "payable")
    assert first.state is DestinationState.READY


def test_setting_the_same_account_again_changes_nothing(ada):
    with unit_of_work():
        commands.record_destination(ada.id, Rail.STRIPE, "acct_1", by=None)
        again = commands.record_destination(ada.id, Rail.STRIPE, "acct_1", by=None)
    assert again.cooling_until is None
    acts = [entry.act for entry in audit.history_of("payout-destination", again.id)]
    assert acts == ["payout-destination.set"]


def test_a_report_repeated_is_written_once(ada):
    with unit_of_work():
        row = commands.record_destination(ada.id, Rail.STRIPE, "acct_1", by=None)
        commands.record_account_state("acct_1", "not_payable", ["date_of_birth"])
        commands.record_account_state("acct_1", "not_payable", ["date_of_birth"])
    assert (row.state, row.missing) == (DestinationState.ACTION_NEEDED, ["date_of_birth"])
    assert len(audit.history_of("payout-destination", row.id)) == 2


def test_an_account_of_nobody_is_not_found(ada):
    for account in ("acct_9", ""):
        with pytest.raises(NotFound), unit_of_work():
            commands.record_account_state(account, "payable")


def test_stripe_goes_before_the_manual_rail(ada):
    assert queries.destination_of(ada.id) is None
    with unit_of_work():
        commands.record_destination(ada.id, Rail.MANUAL, "invoice", by=None)
    assert queries.destination_of(ada.id).rail is Rail.MANUAL
    with unit_of_work():
        commands.record_destination(ada.id, Rail.STRIPE, "acct_1", by=None)
    assert queries.destination_of(ada.id).rail is Rail.STRIPE
    assert queries.destinations_of([ada.id])[ada.id].rail is Rail.STRIPE
    assert queries.destinations_of([]) == {}
