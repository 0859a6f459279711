"""Write the files that nothing more can come into; take back what nobody claimed."""

from collections.abc import Mapping

import structlog

from portal.creators.models import Rail
from portal.files import commands, queries
from portal.files.models import FileState, PaymentFile
from portal.files.provider import FileFormat
from portal.kernel import clock
from portal.kernel.errors import Conflict, PortalError
from portal.payouts import queries as payouts
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

log = structlog.get_logger("files")
Formats = Mapping[Rail, FileFormat]


def write(file_id: int, formats: Formats) -> None:
    """Write one file; later, while more of its run may come into it."""
    file = db.session.get_one(PaymentFile, file_id)
    if file.state is not FileState.COLLECTING:
        return
    if payouts.still_to_hand(file.run_id, file.rail.value):
        with unit_of_work():
            commands.write_soon(file_id)
        return
    form = formats[file.rail]
    try:
        text = form.write(queries.batch_of(file, needs_payer=form.needs_payer))
    except PortalError as wrong:
        end_read()
        with unit_of_work():
            commands.not_written(file_id, wrong.message)
        log.warning("not written", file=file_id)
        return
    name = form.name_of(file.message_id)
    end_read()
    with unit_of_work():
        commands.written(file_id, name, text)


def return_unclaimed() -> None:
    """Payments that nobody claimed in 30 days are payable again, each on its own (R89)."""
    for line_id in queries.never_claimed(clock.now()):
        try:
            with unit_of_work():
                commands.return_unclaimed(line_id)
        except Conflict:  # claimed, or returned by a report, in the same moment
            end_read()


def write_waiting(formats: Formats) -> None:
    """Files whose job was lost with its worker."""
    for file_id in queries.collecting():
        write(file_id, formats)
