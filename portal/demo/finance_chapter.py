"""Payout accounts at the simulator, last month's run, and this month's, waiting in review."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from flask import current_app
from stdnum import iban

from portal.creators.models import Rail
from portal.demo import cast
from portal.demo.joining import Member
from portal.destinations import commands as destinations
from portal.destinations.provider import AccountProvider
from portal.files import commands as files
from portal.files import jobs as file_jobs
from portal.files import queries as file_queries
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.paying import commands as paying
from portal.payouts import commands as payouts
from portal.payouts import jobs as payout_jobs
from portal.payouts import queries as runs
from portal.payouts.models import PayoutStatus
from portal.statements import jobs as statements
from portal.storage.unit_of_work import end_read, unit_of_work

if TYPE_CHECKING:
    from portal.demo.story import Stage

NO_ACCOUNT_EVERY, UNFINISHED_EVERY, MANUAL_EVERY, REFUSED_EVERY = 11, 13, 17, 19
LONG_AGO = timedelta(days=100)
FILE_EVERY = 14  # by PayPal, or to a bank account in euros; in the small demos nobody


def connect_accounts(stage: Stage, members: list[Member], chance: Random) -> None:
    """Most creators have finished their payout account, some have not begun."""
    rail: AccountProvider = current_app.extensions["portal.adapters"].rails["stripe"]
    for number, member in enumerate(members):
        moment = min(member.joined_at + timedelta(days=chance.randint(2, 9)), stage.now)
        with clock.at(moment):
            if number and number % NO_ACCOUNT_EVERY == 0:
                continue
            if number and number % MANUAL_EVERY == 0:
                _set(member, Rail.MANUAL, "Bank transfer, agreed by mail", "Bank transfer")
                continue
            if number and number % FILE_EVERY == 0:
                _name(member, number)
                continue
            _connect(rail, member, number)
            worker.drain()


def offer_ways(stage: Stage) -> None:
    """Finance offers every way, names the account that bank files draw on, and enters a rate."""
    by = stage.staff["approver"]
    with clock.at(stage.now - LONG_AGO), unit_of_work():
        paying.set_ways(
            stage.brand.id, [rail.value for rail in Rail], by=by, fees={"paypal": 200},
            uplift_bp=1_000,
        )  # fmt: skip
        paying.set_payer(stage.brand.id, "Northlight Coffee GmbH", "DE02120300000000202051", by=by)
        paying.enter_rate(
            stage.brand.id, cast.CURRENCY, "EUR", "0.9215", clock.today(cast.ZONE),
            "European Central Bank", by=stage.staff["preparer"],
        )  # fmt: skip


def _name(member: Member, number: int) -> None:
    by_bank = number % (2 * FILE_EVERY) == 0
    account = _iban(number) if by_bank else f"{member.persona.handle}@paypal.example"
    with unit_of_work():
        destinations.name_account(
            member.creator_id, Rail.SEPA if by_bank else Rail.PAYPAL, account,
            member.persona.name, by=member.user_id,
        )  # fmt: skip


def _iban(number: int) -> str:
    """An account at a German bank that nobody has: right in all its digits."""
    rest = f"37040044{number:010d}"
    return f"DE{iban.calc_check_digits('DE00' + rest)}{rest}"


def _connect(rail: AccountProvider, member: Member, number: int) -> None:
    persona = member.persona
    end_read()
    account = rail.create_account(
        email=persona.email, country=persona.country, creator=persona.handle
    )
    _set(member, Rail.STRIPE, account, "")  # Stripe says which bank account it is
    if number and number % UNFINISHED_EVERY == 0:
        return
    if number and number % REFUSED_EVERY == 0:
        _simulator(f"/v1/accounts/{account}", b"metadata[simulate]=transfer_refused")
    _simulator("/_simulator/onboard", json.dumps({"account": account}).encode())
    state = rail.account_state(account)
    with unit_of_work():
        destinations.record_report(account, state)


def _set(member: Member, rail: Rail, reference: str, label: str) -> None:
    with unit_of_work():
        destinations.set_destination(
            member.creator_id, rail, reference, by=member.user_id, label_masked=label, country="US"
        )


def _simulator(path: str, body: bytes) -> None:
    settings = current_app.config["PORTAL"]
    kind = "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded"
    request = urllib.request.Request(  # noqa: S310 — the simulator on loopback
        settings.stripe_api_base + path,
        body,
        {"Authorization": f"Bearer {settings.stripe_secret_key}", "Content-Type": kind},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        return


def run_last_month(stage: Stage) -> None:
    """Last month was prepared by Dana, approved by Lee, sent and closed as far as it went."""
    with unit_of_work():
        run = payouts.draft_run(
            stage.brand.id, cast.CURRENCY, _last(stage), clock.now(), by=stage.staff["preparer"]
        )
        payouts.calculate(run.id, by=stage.staff["preparer"])
        payouts.submit_run(run.id, "First payouts of the season.", by=stage.staff["preparer"])
    with unit_of_work():
        payouts.approve_run(run.id, runs.run(run.id).control_hash, by=stage.staff["approver"])
    worker.drain()
    _close(stage, run.id)


def _close(stage: Stage, run_id: int) -> None:
    """Lee confirms what was paid by hand; Dana leaves the failures to the next run and closes."""
    by_hand = runs.batch_of(run_id, PayoutStatus.QUEUED, 0, 1_000)
    for number, payout_id in enumerate(by_hand, 1):
        with unit_of_work():
            reference = f"Wire {clock.now():%Y-%m-%d}/{number}"
            payouts.mark_outside(run_id, payout_id, reference, by=stage.staff["approver"])
    _carry(stage, run_id)
    payout_jobs.finish_runs(
        current_app.extensions["portal.adapters"].rails, current_app.config["PORTAL"].instance
    )
    statements.publish_due()
    with unit_of_work():
        payouts.roll_over_failed(run_id, by=stage.staff["preparer"])
        payouts.note_exported(run_id, by=stage.staff["preparer"])
        payouts.close(run_id, by=stage.staff["preparer"])
    worker.drain()


def _carry(stage: Stage, run_id: int) -> None:
    """Dana takes the files to the bank and to PayPal; Lee confirms each payment."""
    end_read()
    file_jobs.write_waiting(current_app.extensions["portal.adapters"].formats)
    for file in file_queries.files_of_run(run_id):
        with unit_of_work():
            files.note_downloaded(file.id, by=stage.staff["preparer"])
            files.mark_uploaded(file.id, by=stage.staff["preparer"])
        for line in file_queries.lines(file.id, PageRequest(None, 200)).rows:
            with unit_of_work():
                proof = f"{file.rail.value.upper()} {line.reference[-6:]}"
                files.confirm_by_hand(line.id, proof, by=stage.staff["approver"])
    end_read()


def run_in_review(stage: Stage) -> None:
    """This month's run is calculated and waits for Dana to check and submit it."""
    with unit_of_work():
        run = payouts.draft_run(
            stage.brand.id, cast.CURRENCY, _label(), clock.now(), by=stage.staff["preparer"]
        )
        payouts.calculate(run.id, by=stage.staff["preparer"])


def _last(stage: Stage) -> str:
    """The month before the one that waits for review, so that no two runs share a name."""
    with clock.at(stage.now):
        first = clock.today(cast.ZONE).replace(day=1)
    return f"{first - timedelta(days=1):%B %Y}"


def _label() -> str:
    return f"{clock.today(cast.ZONE):%B %Y}"
