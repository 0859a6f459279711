"""The doors of flags: what is seen, what is decided, and who may."""

import pytest

from portal.commissions import queries as commissions
from portal.commissions.models import CommissionStatus
from portal.flags import commands, queries
from portal.flags.models import Flag
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as codes
from tests.support.people import a_program, an_ambassador
from tests.support.queries import keeps_budget
from tests.support.shop import Shop


@pytest.fixture
def ada(world):
    program = a_program(world.glow, terms={"rate_bp": 1000, "hold_days": 30})
    return an_ambassador(program, "Ada", code="ADA15")


@pytest.fixture
def flag(world, ada):
    shop = Shop(world.glow)
    for one in range(4):
        shop.sells(
            "80.00 USD", "ADA15", number=str(2000 + one), customer_email=f"b{one}@example.com"
        )
    shop.refunds("2000", "80.00 USD")
    with unit_of_work():
        commands.look_at(world.glow.id)
    return db.session.query(Flag).one()


def what_it_held(flag):
    return [commissions.commission(one) for one in sorted(queries.commission_ids_of(flag.id))]


def test_evidence_and_release_of_some(world, ada, flag):
    mona = world.mona.opens("/brand/glow/flags").sees("Many refunds", "$24.00", "3 commissions")
    mona.follows("Many refunds").sees(
        "1 of 4 buyers got money back: 25.0%.", "Got money back", "2001"
    )
    mona.presses("Release").sees("Decided.", "Released")
    assert {one.status for one in what_it_held(flag)} == {CommissionStatus.PENDING}


def test_declining_needs_reason_and_note(world, ada, flag):
    page = f"/brand/glow/flags/{flag.public_id}"
    mona = world.mona.opens(page).presses("Decline", status=422).sees("Choose the reason")
    mona.fills("Reason for declining", "cons_fraud").presses("Decline", status=422).sees("Say why")
    mona.fills("Note", "One card.").fills("Reason for declining", "cons_fraud").presses("Decline")
    mona.sees("Declined")


def test_many_at_once(world, ada, flag):
    bulk, ticked = "/brand/glow/flags/bulk", {"ids": flag.public_id}
    mona = (
        world.mona.opens("/brand/glow/flags").presses("Keep held").sees("Tick at least one flag.")
    )
    mona.posts(bulk, {**ticked, "act": "keep"}).sees("Decided about 1 flag.")
    mona.opens("/brand/glow/flags?view=kept").sees("Kept held", "$24.00")
    mona.posts(bulk, {**ticked, "act": "decline"}, status=422).sees("Choose the reason")
    odd = {**ticked, "act": "decline", "reason": "because"}
    mona.posts(bulk, odd, status=422).sees("Not a valid choice")
    mona.opens(f"/brand/glow/flags?ambassador={ada.public_id}").sees("Flags of Ada Example")


def test_one_action_rotates_a_leaked_code(world, ada):
    code = codes.codes_of_ambassador(ada.id)[0]
    page = f"/brand/glow/flags/codes/{code.public_id}"
    mona = world.mona.opens(page).fills("Days the old code", "31")
    mona.presses("Rotate ADA15", status=422).sees("0 to 30 days")
    mona.fills("Days the old code", "0").fills("What you saw", "On a coupon site")
    mona.presses("Rotate ADA15").sees("the creator is told")
    leak = queries.leak_of(code.id)
    assert leak is not None
    mona.opens(page).sees("has leaked", codes.code(leak.replaced_by_id).code)
    mona.presses("The leak is over").sees("count as ever")
    mona.posts(page, {"act": "tell", "grace_days": "7"}, status=409)


def test_only_telling_leaves_the_code(world, ada):
    code = codes.codes_of_ambassador(ada.id)[0]
    mona = world.mona.opens(f"/brand/glow/flags/codes/{code.public_id}").presses("Only tell Ada")
    mona.sees("the creator is told")
    assert queries.leak_of(code.id).replaced_by_id is None


def test_thresholds_are_the_owners(world):
    owen = world.owen.opens("/brand/glow/flags/rules").sees("coupons.com")
    owen.fills("Buyers, at least", "0").presses("Save thresholds", status=422).sees("from 1 to")
    owen.fills("Buyers, at least", "8").fills("Coupon sites", "coupon").presses(
        "Save thresholds", status=422
    )
    owen.sees("not a site’s name").fills("Coupon sites", "coupons.example")
    owen.presses("Save thresholds").sees("In force from now on.")
    thresholds, sites = queries.rules_of(world.glow.id)
    assert (thresholds.refund_customers, list(sites)) == (8, ["coupons.example"])
    world.mona.opens("/brand/glow/flags/rules", status=403)


def test_strangers_and_other_roles(world, ada, flag):
    code = codes.codes_of_ambassador(ada.id)[0]
    world.rae.opens(f"/brand/glow/flags/{flag.public_id}", status=404)
    world.rae.opens(f"/brand/rival/flags/{flag.public_id}", status=404)
    world.rae.opens(f"/brand/rival/flags/codes/{code.public_id}", status=404)
    world.rosa.opens(f"/brand/glow/flags/{flag.public_id}").does_not_see("Keep held")
    world.rosa.browser.posts(f"/brand/glow/flags/{flag.public_id}", {"act": "release"}, status=403)
    world.rosa.browser.posts("/brand/glow/flags/bulk", {"act": "release"}, status=403)


def test_a_creator_reads_a_fair_sentence(world, ada, flag):
    held = what_it_held(flag)[0]
    me = world.signed_in("ada@example.com").opens(f"/creator/earnings/{held.public_id}")
    me.sees("On hold", "Somebody at Glow looks at it", "Nothing is decided yet.")


def test_the_list_asks_little(world, ada, flag):
    keeps_budget(world.mona.browser, "/brand/glow/flags", most=12)
    keeps_budget(world.mona.browser, f"/brand/glow/flags/{flag.public_id}", most=20)


def test_kept_is_no_decision_and_a_note_stays(world, ada, flag):
    page = f"/brand/glow/flags/{flag.public_id}"
    mona = world.mona.opens(page).presses("Keep held").sees("Nothing is decided yet.")
    for odd in ("9" * 40, "all"):
        mona.posts(page, {"act": "release", "ids": odd}, status=409).sees("decided meanwhile")
    mona.posts(page, {"act": "release", "note": "Three of one family."})
    mona.opens(page).sees("Released", "Three of one family.")
