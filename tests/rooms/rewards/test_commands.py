"""Points, products, credit and cards: the books, the points, the tax year (R100, PROGRAMS)."""

import pytest
from sqlalchemy import select

from portal.briefs import submission_commands
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.rewards import commands, item_commands, queries
from portal.rewards.models import Reward, RewardKind, RewardStatus
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tax import entry_commands as tax
from portal.tax.models import Reportable, TaxEntry
from tests.support import assignments as work
from tests.support.shop import settle

usd = Money.of


def add(brand, kind=RewardKind.PRODUCT, name="Box", value="40.00 USD", **more):
    with unit_of_work():
        return item_commands.add_item(brand.id, kind, name, usd(value), by=None, **more)


def give(item, member, quantity=1, source="hand:1", **more):
    with unit_of_work():
        return commands.give(item.id, member.creator_id, quantity, source=source, **more)


def redeem(item, member, source="redeem:1"):
    with unit_of_work():
        return commands.redeem(item.id, member.creator_id, source=source, by=None)


def move(reward, action, **more):
    with unit_of_work():
        return commands.move(reward.id, action, by=None, **more)


@pytest.fixture
def points(world):
    return add(world.glow, RewardKind.POINTS, "points", "0.10 USD")


@pytest.fixture
def box(world):
    return add(world.glow, points_price=500, stock=3)


def stands(member):
    """(points, their worth, what is on its way, what was promised, what was received)."""
    owner = member.brand_id, member.creator_id
    names = (accounts.points(*owner), accounts.goods(*owner), accounts.rewards(member.brand_id),
             accounts.rewards_received(member.brand_id))  # fmt: skip
    return (queries.points_of(*owner), *(books.balance(one, "USD").minor for one in names))


def taxed():
    rows = db.session.scalars(select(TaxEntry).order_by(TaxEntry.id))
    return [(str(row.amount), row.reportable) for row in rows]


def test_Quest_Squad_400_points_are_refused_and_600_leave_100(ada, points, box):
    first = give(points, ada, 400)
    with pytest.raises(Conflict, match="500 points and you have 400: 100 are missing"):
        redeem(box, ada)
    give(points, ada, 200, source="hand:2")
    again = give(points, ada, 400)  # a replayed approval adds nothing
    assert (again.id, stands(ada)) == (first.id, (600, 6_000, 0, -6_000, 0))
    reward = redeem(box, ada)
    assert (reward.status, reward.points, queries.item(box.id).stock) == (
        RewardStatus.TO_SHIP, 500, 2,
    )  # fmt: skip
    assert redeem(box, ada).id == reward.id
    assert stands(ada) == (100, 1_000, 5_000, -6_000, 0)
    move(reward, "ship", tracking="1Z 999")
    move(reward, "deliver")
    assert stands(ada) == (100, 1_000, 0, -6_000, 5_000)
    # R100: the points counted when they were given; what they buy does not count again
    assert taxed() == [("40.00 USD", Reportable.YES), ("20.00 USD", Reportable.YES)]
    assert queries.violations() == []


def test_R100_a_gift_waits_for_finance_and_work_counts_at_its_value(ada, box):
    give(box, ada, 2)
    give(box, ada, source="gift:1")
    assert taxed() == [("80.00 USD", Reportable.YES), ("40.00 USD", Reportable.REVIEW)]
    assert stands(ada) == (0, 0, 12_000, -12_000, 0)
    with pytest.raises(Conflict, match="None is left"):
        give(box, ada, source="hand:2")


@pytest.mark.parametrize(("counts", "word"), [(True, Reportable.YES), (False, Reportable.NO)])
def test_R100_a_gift_that_was_cancelled_first_never_counts(world, ada, box, counts, word):
    move(give(box, ada, source="gift:1"), "cancel")
    by = world.mona.user_id
    gift = db.session.scalars(select(TaxEntry).order_by(TaxEntry.id)).first()
    with unit_of_work():
        tax.decide_benefit(ada.brand_id, gift.id, counts=counts, by=by)
    assert taxed() == [("40.00 USD", word), ("-40.00 USD", word)]


def test_nothing_of_it_is_money_that_a_run_could_pay(ada, points, box):
    give(points, ada, 1_000)
    give(box, ada, source="hand:2")
    sums = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    assert (sums.pending.minor, sums.held.minor, sums.payable.minor) == (0, 0, 0)
    assert books.violations() == []


def test_cancelling_puts_everything_back(ada, points, box):
    move(give(box, ada), "cancel")
    assert stands(ada) == (0, 0, 0, 0, 0)
    assert sum(Money.of(amount).minor for amount, _ in taxed()) == 0
    give(points, ada, 500, source="hand:2")
    reward = redeem(box, ada)
    move(reward, "cancel")
    assert (stands(ada), queries.item(box.id).stock) == ((500, 5_000, 0, -5_000, 0), 3)
    with pytest.raises(Conflict, match="cancelled already"):
        move(reward, "ship")


def test_a_card_is_issued_with_its_code(ada, world):
    card = add(world.glow, RewardKind.GIFT_CARD, "Gift card", "25.00 USD")
    reward = give(card, ada)
    with pytest.raises(InvalidInput, match="code of the card"):
        move(reward, "issue")
    move(reward, "issue", card_code="GLOW-1234")
    found = queries.reward(reward.id)
    assert (found.status, found.card_code) == (RewardStatus.ISSUED, "GLOW-1234")
    assert stands(ada) == (0, 0, 0, -2_500, 2_500)


def test_she_is_told_what_happens_to_it(ada, box):
    reward = give(box, ada)
    move(reward, "ship", tracking="1Z 999")
    move(reward, "deliver")
    move(give(box, ada, source="hand:2"), "cancel")
    settle()
    found = db.session.scalars(select(Message).where(Message.letter.like("reward_%")))
    told = {one.letter: one.text for one in found}
    assert sorted(told) == ["reward_cancelled", "reward_given", "reward_shipped"]
    assert "1Z 999" in told["reward_shipped"]


def test_one_kind_of_points_and_none_that_cost_points(world, points):
    with pytest.raises(InvalidInput, match="has points already"):
        add(world.glow, RewardKind.POINTS, "stars", "0.05 USD")
    with pytest.raises(InvalidInput, match="cost no points"):
        add(world.rival, RewardKind.POINTS, "stars", "0.05 USD", points_price=3)


def test_what_is_not_given_any_more_is_neither_given_nor_redeemed(ada, points, box):
    give(points, ada, 500)
    with unit_of_work():
        item_commands.change_item(
            box.id, points_price=500, stock=3, seen_stock=3, is_active=False, by=None
        )
    with pytest.raises(Conflict, match="not given any more"):
        give(box, ada, source="hand:2")
    with pytest.raises(Conflict, match="do not buy"):
        redeem(box, ada)
    assert queries.points_of(ada.brand_id, ada.creator_id) == 500


def test_a_completed_brief_gives_its_reward_once_and_tells_tax(world, program, box):
    ada = work.a_member(program, "Ada")
    brief = work.an_open_brief(program, world.mona.user_id, world.owen.user_id)
    with unit_of_work():
        item_commands.set_brief_reward(world.glow.id, brief.id, box.id, 2, by=None)
    by = work.user_of(ada.creator_id)
    assignment = work.an_accepted(brief, ada, by)
    version = work.a_version(assignment, by)
    settle()
    with unit_of_work():
        submission_commands.approve_submission(version.id, by=world.mona.user_id)
    settle()
    reward = db.session.scalars(select(Reward)).one()
    assert (reward.quantity, reward.source.startswith("brief:")) == (2, True)
    assert ("80.00 USD", Reportable.YES) in taxed()
    mail = db.session.scalars(select(Message).where(Message.letter == "reward_given")).one()
    assert "2 × Box" in mail.subject
