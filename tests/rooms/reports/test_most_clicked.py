"""The brand's links that most people clicked, most first."""

from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from portal.tracking.click_models import ClickDay
from tests.support.people import a_program, an_ambassador


def clicked(member, people: int) -> str:
    """So many people on her link today, by the roll-up that the pages read; the link's slug."""
    link = tracking.default_links([member.id])[member.id]
    with unit_of_work():
        db.session.add(
            ClickDay(
                link_id=link.id, day=clock.today("UTC"), ambassador_id=member.id,
                brand_id=link.brand_id, humans=people, repeats=0, bots=5, prefetches=0,
            )
        )  # fmt: skip
    return link.slug


def test_the_view_shows_the_most_clicked_first_and_leaves_out_who_has_none(world):
    program = a_program(world.glow)
    few, none, many = (clicked(an_ambassador(program, name), people)
                       for name, people in (("Ada", 2), ("Bea", 0), ("Cleo", 9)))  # fmt: skip
    page = world.mona.opens("/brand/glow/links?view=most")
    assert page.text.index(f"/go/{many}") < page.text.index(f"/go/{few}")
    page.does_not_see(f"/go/{none}")
    world.mona.opens("/brand/glow/links?view=most&q=Ada").sees(f"/go/{few}")
