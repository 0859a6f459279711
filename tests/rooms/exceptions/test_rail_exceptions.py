"""The queue holds what lies with rails, files, reports and mail, each with its next step."""

import pytest

from portal.exceptions import jobs, queries
from portal.exceptions.models import ExceptionKind
from portal.files import commands as files
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused
from portal.kernel.pages import PageRequest
from portal.notifications import commands as outbox
from portal.notifications import jobs as mail
from portal.notifications.models import Message, MessageState
from portal.notifications.queries import refused_to_payees
from portal.payouts.models import PayoutRun
from portal.reconciliation.models import Match, RailReport, ReportRow, RowSays, Source
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.file_payees import FilePayees
from tests.support.queries import keeps_budget

EXCEPTIONS = "/finance/glow/exceptions"
K = ExceptionKind


@pytest.fixture
def payees(world):
    return FilePayees(world)


def open_now(world):
    jobs.look(refused_to_payees)
    db.session.remove()
    rows = queries.queue(world.glow.id, PageRequest()).rows
    return {row.exception.kind: row.exception for row in rows}


def test_R89_an_unclaimed_payment_stands_there_until_it_comes_back(world, payees):
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, file = payees.written("USD")
    line = payees.line(run, ada)
    with unit_of_work():
        files.line_unclaimed(line.id, "PP1", by=None)
    found = open_now(world)[K.UNCLAIMED]
    assert (str(found.amount), found.creator_id) == ("40.00 USD", ada.id)
    page = world.finn.opens(EXCEPTIONS).sees("payable again on", "Ask her to claim it, or wait")
    page.opens(f"/finance/glow/files/{file.public_id}/lines/{line.reference}")
    with unit_of_work():
        files.line_returned(line.id, "RETURNED", by=None)
    assert K.UNCLAIMED not in open_now(world)


def test_a_file_that_waits_for_somebody(world, payees):
    payees.by_bank("Ada", "40.00 EUR")
    _, file = payees.written()
    assert K.NOT_ANSWERED not in open_now(world)
    clock.pass_days(3)
    assert "not uploaded yet" in open_now(world)[K.NOT_ANSWERED].words
    with unit_of_work():
        files.note_downloaded(file.id, by=payees.finn.user_id)
        files.mark_uploaded(file.id, by=payees.finn.user_id)
    assert K.NOT_ANSWERED not in open_now(world)
    clock.pass_days(4)
    assert "has not answered" in open_now(world)[K.NOT_ANSWERED].words
    page = world.finn.opens(EXCEPTIONS).sees("Upload it, or its report")
    page.opens(f"/finance/glow/files/{file.public_id}")


def test_a_file_that_could_not_be_written(world, payees):
    payees.by_bank("Ada", "40.00 EUR")
    _, file = payees.written()
    with unit_of_work():
        lock(type(file), file.id).state = "not_written"
        lock(type(file), file.id).problem = "The account of Ada is not there any more."
    assert "not there any more" in open_now(world)[K.NOT_WRITTEN].words
    world.finn.opens(EXCEPTIONS).sees("Put it right, write it again")


def test_what_a_report_leaves_over_and_a_run_that_differs(world, payees):
    payees.by_bank("Ada", "40.00 EUR")
    run, _ = payees.written()
    with unit_of_work():
        report = RailReport(
            brand_id=world.glow.id, source=Source.CAMT, name="march.xml", sha256="0" * 64,
            created_at=clock.now(),
        )  # fmt: skip
        db.session.add(report)
        db.session.flush()
        row = ReportRow(
            brand_id=world.glow.id, report_id=report.id, number=1, mark="1" * 64,
            says=RowSays.PAID, who="Somebody", amount_minor=1200, currency="EUR",
            match=Match.MISSING_HERE,
        )  # fmt: skip
        db.session.add(row)
        lock(PayoutRun, run.id).difference_minor = -1200
    end_read()
    found = open_now(world)
    assert found[K.LEFT_OVER].words == "Somebody: in no file of ours"
    assert str(found[K.DIFFERENCE].amount) == "-12.00 EUR"
    page = world.finn.opens(EXCEPTIONS).sees("Match or explain the row", "Find or explain it")
    page.opens(f"/finance/glow/reconciliation/rows/{found[K.LEFT_OVER].subject}")
    with unit_of_work():
        lock(ReportRow, row.id).match = Match.EXPLAINED
        changed = lock(PayoutRun, run.id)
        changed.explained_minor = changed.difference_minor
    assert set(open_now(world)) & {K.LEFT_OVER, K.DIFFERENCE} == set()
    keeps_budget(world.finn.browser, EXCEPTIONS, most=12)


class RefusingMailer:
    """A mail server that knows nobody."""

    def send(self, recipient, subject, text, html):
        raise ProviderRefused("550 no such user")


def test_a_payee_whose_mail_is_refused(world, payees):
    ada = payees.owed("Ada", "40.00 USD", account="")
    letter = {"letter": "x", "subject": "Money waits", "text": "…", "html": "…"}
    with unit_of_work():
        first = Message(dedupe="one", recipient="Ada@Example.com", created_at=clock.now(), **letter)
        db.session.add(first)
    mail.deliver(first.id, RefusingMailer())
    end_read()
    assert db.session.get(Message, first.id).state is MessageState.REFUSED
    found = open_now(world)[K.MAIL]
    assert (found.creator_id, str(found.amount)) == (ada.id, "40.00 USD")
    assert found.words == "Her mail server refuses our mail"  # it may be another brand's
    world.finn.opens(f"{EXCEPTIONS}?kind=mail+to+a+payee+refused").sees("Ask her another way")
    clock.pass_days(1)
    with unit_of_work():
        other = Message(dedupe="two", recipient="ada@example.com", created_at=clock.now(), **letter)
        db.session.add(other)
        db.session.flush()
        outbox.mark(other.id, MessageState.SENT)
    assert K.MAIL not in open_now(world)
