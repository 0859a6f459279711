"""Reports of PayPal and banks matched both ways; what is left is explained before a run closes."""

from datetime import date

import pytest

from portal.adapters import READERS
from portal.files import commands as files
from portal.files import jobs as file_jobs
from portal.files import queries as file_queries
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.paying import commands as paying
from portal.payouts import commands as payouts
from portal.payouts import jobs, violations
from portal.payouts.models import PayoutRun, PayoutStatus, RunStatus
from portal.reconciliation import commands, queries
from portal.reconciliation.models import Match, RailReport, Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.file_payees import RAILS, FilePayees
from tests.support.world import World

PAYPAL = "Transaction ID,Status,Recipient,Unique ID,Amount,Currency,Fee\n"


@pytest.fixture
def payees(world: World) -> FilePayees:
    return FilePayees(world)


def uploaded(payees: FilePayees, text: str, by: int | None = None) -> RailReport:
    body = text.encode()
    found = commands.read_report(body, READERS)
    with unit_of_work():
        report = commands.take_in_report(payees.brand.id, "report.csv", body, found, by=by)
    end_read()
    return db.session.get_one(RailReport, report.id)


def rows_of(payees: FilePayees, view: str) -> list[tuple[str, str]]:
    from portal.kernel.pages import PageRequest

    found = queries.rows(payees.brand.id, view, PageRequest(None))
    return [(row.match.value, row.note) for row in found.rows]


def camt(reference: str, figure: str, side: str, more: str = "") -> str:
    return f"""<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">{figure}</Amt><CdtDbtInd>{side}</CdtDbtInd>
<BookgDt><Dt>2026-03-03</Dt></BookgDt><NtryDtls><TxDtls><Refs>
<AcctSvcrRef>B77</AcctSvcrRef><EndToEndId>{reference}</EndToEndId></Refs>
<Amt Ccy="EUR">{figure}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}</TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">900.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls><TxDtls><Refs>
<EndToEndId>RENT MARCH</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def test_paypals_report_pays_refuses_and_says_what_waits(payees: FilePayees) -> None:
    ada, ben = payees.by_paypal("Ada", "40.00 USD"), payees.by_paypal("Ben", "50.00 USD")
    cleo = payees.by_paypal("Cleo", "60.00 USD")
    run, _ = payees.written("USD")
    refs = {one: payees.line(run, one).reference for one in (ada, ben, cleo)}
    report = uploaded(
        payees,
        PAYPAL
        + f"T1,Success,ada@paypal.example,{refs[ada]},40.00,USD,0.25\n"
        + f"T2,FAILED,ben@paypal.example,{refs[ben].upper()},50.00,USD,\n"
        + f'T3,Unclaimed,cleo@paypal.example,{refs[cleo]},"60,00",USD,\n'
        + "T4,Success,x@y.example,po-zzzzzzzzzzzz-1,7.00,USD,\n"
        + f"T5,Success,ada@paypal.example,{refs[ada]},a lot,USD,\n",
    )
    assert payees.of(run, ada).status is PayoutStatus.PAID
    assert payees.of(run, ben).status is PayoutStatus.FAILED
    assert payees.of(run, cleo).status is PayoutStatus.SENT
    assert report.wrong == [{"row": 6, "reason": "“a lot” is not an amount."}]
    assert rows_of(payees, "left") == [("missing_here", "No payment of ours has this reference.")]
    assert books.balance(accounts.RAIL_FEES, "USD") == Money.of("0.25 USD")  # R93, as reported
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.zero("USD")
    assert violations.violations() == []
    assert queries.violations() == []


def test_the_same_report_and_an_overlapping_one_change_nothing(payees: FilePayees) -> None:
    ada, ben = payees.by_paypal("Ada", "40.00 USD"), payees.by_paypal("Ben", "50.00 USD")
    run, _ = payees.written("USD")
    first = f"T1,Success,a,{payees.line(run, ada).reference},40.00,USD,\n"
    one = uploaded(payees, PAYPAL + first)
    assert uploaded(payees, PAYPAL + first).id == one.id
    more = f"T2,Success,b,{payees.line(run, ben).reference},50.00,USD,\n"
    two = uploaded(payees, PAYPAL + first + more)
    assert (two.row_count, two.known_count) == (2, 1)
    assert payees.balances(ada)["paid"] == 4000
    assert payees.balances(ben)["paid"] == 5000
    assert len(rows_of(payees, "matched")) == 2


def test_a_status_paypal_invented_since_is_shown_raw_and_does_nothing(payees: FilePayees) -> None:
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, _ = payees.written("USD")
    uploaded(payees, PAYPAL + f"T1,SHINY,a,{payees.line(run, ada).reference},40.00,USD,\n")
    assert payees.of(run, ada).status is PayoutStatus.HANDED
    assert db.session.query(queries.ReportRow).one().raw_status == "SHINY"  # mistake 20


def test_a_banks_csv_with_rent_in_it(payees: FilePayees) -> None:
    ada, ben = payees.by_bank("Ada", "40.00 EUR"), payees.by_bank("Ben", "1234.50 EUR")
    run, _ = payees.written()
    report = uploaded(
        payees,
        "Buchungstag;Name;Verwendungszweck;Betrag;Waehrung\n"
        f"03.03.2026;Ada;Glow March {payees.line(run, ada).reference.upper()};-40,00;EUR\n"
        f"03.03.2026;Ben;Glow March {payees.line(run, ben).reference};-1.234,50;EUR\n"
        "03.03.2026;Landlord;Rent March;-900,00;EUR\n",
    )
    assert (report.source, report.row_count) == (Source.BANK_CSV, 2)
    assert payees.again(run).status is RunStatus.COMPLETED
    row = db.session.query(queries.ReportRow).first()
    assert row.booked_on == date(2026, 3, 3)
    returned = (
        "Buchungstag;Name;Verwendungszweck;Betrag;Waehrung\n"
        f"05.03.2026;Ada;RETOURE {payees.line(run, ada).reference};40,00;EUR\n"
    )
    uploaded(payees, returned)
    assert payees.of(run, ada).status is PayoutStatus.RETURNED
    assert payees.balances(ada, "EUR")["payable"] == 4000


def test_one_booking_for_a_whole_file_pays_every_line_of_it(payees: FilePayees) -> None:
    ada, ben = payees.by_bank("Ada", "40.00 EUR"), payees.by_bank("Ben", "50.00 EUR")
    run, file = payees.written()
    head = "Date,Amount,Currency,Description\n"
    uploaded(payees, head + f"2026-03-03,-89.00,EUR,{file.message_id}\n")
    assert rows_of(payees, "left") == [("amount_differs", "Our file is €90.00.")]
    uploaded(payees, head + f"2026-03-03,-90.00,EUR,SAMMLER {file.message_id.upper()}\n")
    assert payees.of(run, ada).status is PayoutStatus.PAID
    assert payees.of(run, ben).status is PayoutStatus.PAID


@pytest.mark.parametrize("proofs", [("T1", "T9"), ("", "")])
def test_what_is_reported_paid_twice_is_left_for_a_person(
    payees: FilePayees, proofs: tuple[str, str]
) -> None:
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, _ = payees.written("USD")
    told = f"Success,a,{payees.line(run, ada).reference},40.00,USD,\n"
    uploaded(payees, PAYPAL + "".join(f"{proof},{told}" for proof in proofs))
    ((match, note),) = rows_of(payees, "left")
    assert (match, "paid twice" in note) == ("missing_here", True)
    assert payees.balances(ada)["paid"] == 4000
    again = f"{proofs[0]},Completed,a,{payees.line(run, ada).reference},40.00,USD,\n"
    uploaded(payees, PAYPAL + again)  # a later report, the same payment: nothing new
    assert len(rows_of(payees, "left")) == 1


def test_what_came_back_unclaimed_and_was_claimed_after_all_is_left_for_a_person(
    payees: FilePayees,
) -> None:
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, _ = payees.written("USD")
    row = f"T1,{{}},a,{payees.line(run, ada).reference},40.00,USD,\n"
    uploaded(payees, PAYPAL + row.format("Unclaimed"))
    clock.pass_days(30)
    file_jobs.return_unclaimed()
    uploaded(payees, PAYPAL + row.format("Completed"))
    ((match, note),) = rows_of(payees, "left")
    assert (match, "or it is paid twice" in note) == ("missing_here", True)
    assert payees.balances(ada) == {"payable": 4000, "committed": 0, "paid": 0}
    assert payees.of(run, ada).status is PayoutStatus.RETURNED


def test_a_file_that_the_bank_took_twice_is_left_for_a_person(payees: FilePayees) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    _, file = payees.written()
    head = "Date,Amount,Currency,Description,Transaction ID\n"
    uploaded(payees, head + f"2026-03-03,-40.00,EUR,{file.message_id},B1\n")
    uploaded(payees, head + f"2026-03-04,-40.00,EUR,{file.message_id},B2\n")
    ((_, note),) = rows_of(payees, "left")
    assert "paid twice" in note


def test_a_booking_of_a_file_that_is_not_written_spoils_no_report(payees: FilePayees) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    with unit_of_work():
        paying.queries.kept(payees.brand.id).payer_iban = ""
    _, file = payees.written()
    uploaded(payees, f"Date,Amount,Currency,Description\n2026-03-03,-40.00,EUR,{file.message_id}\n")
    ((_, note),) = rows_of(payees, "left")
    assert note == "This file is not written yet. The report says paid."


def test_camt_053_pays_and_takes_back(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, _ = payees.written()
    reference = payees.line(run, ada).reference
    report = uploaded(payees, camt(reference, "40.00", "DBIT"))
    assert (report.source, report.row_count) == (Source.CAMT, 1)
    assert payees.line(run, ada).proof == "B77"
    back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    uploaded(payees, camt(reference, "40.00", "CRDT", back))
    assert payees.of(run, ada).status is PayoutStatus.RETURNED
    assert payees.line(run, ada).said.startswith("AC04")


@pytest.mark.parametrize(
    "body",
    [b"", b"\n \n", b"hello", b"a,b\n1,2\n", b"\xff\xfe\x00", b"<a>camt.053", b"%PDF-1.7",
     b'<!DOCTYPE x [<!ENTITY a "b">]><Document>camt.053 &a;</Document>'],
)  # fmt: skip
def test_p16_what_is_no_report_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(InvalidInput) as no:
        commands.read_report(body, READERS)
    assert no.value.field == "file"
    assert no.value.message.endswith(".")


def test_another_amount_moves_nothing_and_is_explained(payees: FilePayees) -> None:
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, _ = payees.written("USD")
    uploaded(payees, PAYPAL + f"T1,Success,a,{payees.line(run, ada).reference},39.00,USD,\n")
    assert rows_of(payees, "left") == [("amount_differs", "Ours is $40.00.")]
    assert payees.of(run, ada).status is PayoutStatus.HANDED
    row = db.session.query(queries.ReportRow).one()
    with pytest.raises(InvalidInput), unit_of_work():
        commands.explain(row.id, "", by=payees.finn.user_id)
    with unit_of_work():
        commands.explain(row.id, "PayPal took its fee first.", by=payees.finn.user_id)
    with pytest.raises(Conflict), unit_of_work():
        commands.explain(row.id, "Again.", by=payees.finn.user_id)
    assert rows_of(payees, "left") == []


def test_matched_by_hand_by_a_second_person_only(payees: FilePayees) -> None:
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, _ = payees.written("USD")
    uploaded(payees, PAYPAL + "T1,Success,a,lost,40.00,USD,\n")
    row, line = db.session.query(queries.ReportRow).one(), payees.line(run, ada)
    assert [one.id for one in queries.waiting_lines_like(row)] == [line.id]
    with pytest.raises(NotAllowed), unit_of_work():
        commands.match_by_hand(row.id, line.id, by=payees.finn.user_id)
    with unit_of_work():
        commands.match_by_hand(row.id, line.id, by=payees.faye.user_id)
    assert payees.of(run, ada).status is PayoutStatus.PAID
    found = db.session.get_one(queries.ReportRow, row.id)
    assert (found.match, found.decided_by) == (Match.MATCHED, payees.faye.user_id)


def test_what_stands_in_no_report_is_missing_there(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, file = payees.written()
    with unit_of_work():
        files.note_downloaded(file.id, by=payees.finn.user_id)
        files.mark_uploaded(file.id, by=payees.finn.user_id)
    assert queries.missing_there(payees.brand.id) == []
    clock.pass_days(4)
    (missing,) = queries.missing_there(payees.brand.id)
    assert (missing.line.reference, missing.why) == (
        payees.line(run, ada).reference, "In no report yet",
    )  # fmt: skip


def test_a_run_closes_at_zero_or_with_a_reason_for_exactly_its_difference(
    payees: FilePayees,
) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, _ = payees.written()
    uploaded(payees, camt(payees.line(run, ada).reference, "40.00", "DBIT"))
    with unit_of_work():  # somebody tampers with the rail's own memory
        line = db.session.get_one(file_queries.PaymentLine, payees.line(run, ada).id)
        line.amount_minor = 3900
    end_read()
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.of("1.00 EUR")
    faye, finn = payees.faye.user_id, payees.finn.user_id
    with unit_of_work():
        payouts.note_exported(run.id, by=finn)
    with pytest.raises(Conflict, match="reconcile"), unit_of_work():
        payouts.close(run.id, by=finn)
    with unit_of_work():
        payouts.explain_difference(run.id, "The bank kept one euro.", by=faye)
    with unit_of_work():
        assert payouts.close(run.id, by=finn).status is RunStatus.CLOSED


def test_a_stale_explanation_does_not_close_another_difference() -> None:
    run = PayoutRun(currency="EUR", difference_minor=100, explained_minor=100)
    assert run.is_explained
    run.difference_minor = 200
    assert not run.is_explained
