"""Pay per click, end to end: people follow a link, the day ends, the night pays, she reads why."""

from datetime import date, timedelta

from portal.click_pay import jobs
from portal.commissions.jobs import mature_due
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.doctor import CHECKS
from portal.kernel import clock
from portal.programs.rules import ClickTerms
from portal.storage.model import db
from portal.tracking import click_queries
from tests.support.clicks import ingest
from tests.support.people import a_program, an_ambassador

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{}) AppleWebKit/605.1.15 Safari/604.1"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def follows(app, agent, method="GET", **headers):
    told = {"User-Agent": agent} | {name.replace("_", "-"): one for name, one in headers.items()}
    return app.test_client().open("/go/ada", method=method, headers=told)


def clicks():
    wanted = db.select(Commission).where(Commission.kind == CommissionKind.CLICKS)
    return db.session.scalars(wanted.order_by(Commission.id)).all()


def test_people_click_and_the_night_pays(world):
    program = a_program(
        world.glow, terms={"hold_days": 14, "clicks": ClickTerms(5, 10)}, countries=[]
    )
    ada = an_ambassador(program, "Ada")
    clock.pass_time(timedelta(hours=34))  # Tuesday, 14:00 in New York: the terms hold today
    for person in range(12):
        assert follows(world.app, PHONE.format(person)).status_code == 302
    follows(world.app, PHONE.format(0))  # again, at once
    follows(world.app, PHONE.format(99), method="HEAD")
    follows(world.app, PHONE.format(99), Sec_Purpose="prefetch")
    follows(world.app, ROBOT)
    for _ in range(3):
        follows(world.app, PHONE.format(50), Sec_GPC="1")  # tells nothing of who it is
    jobs.close_days()
    ingest()
    assert click_queries.clicks_of_ambassador(ada.id, clock.now()) >= 13
    assert clicks() == []
    clock.pass_time(timedelta(hours=12))
    world.settle()
    ingest()  # the spool says that it is in step
    jobs.close_days()
    world.settle()
    (earned,) = clicks()
    assert (str(earned.amount), earned.status) == ("0.50 USD", CommissionStatus.PENDING)
    assert earned.source == f"clicks:{ada.id}:{date(2026, 3, 3)}"
    parts = [(part["label"], part["minor"]) for part in earned.explanation["parts"]]
    assert parts == [("13 clicks × $0.05", 65), ("3 clicks above the cap", -15)]
    assert (
        earned.explanation["parts"][0]["note"] == "3 repeats not counted"
    )  # a robot that says so is not even kept
    me = world.signed_in("ada@example.com")
    me.opens("/creator/earnings").sees("Clicks on 3 March 2026", "$0.50", "Pending")
    me.opens(f"/creator/earnings/{earned.public_id}").sees("13 clicks × $0.05", "Daily cap")
    clock.pass_days(14)
    mature_due()
    db.session.remove()
    assert clicks()[0].status is CommissionStatus.PAYABLE
    assert [sentence for _, find in CHECKS for sentence in find()] == []
