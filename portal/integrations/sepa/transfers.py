"""A file of SEPA credit transfers, pain.001.001.03, checked against its schema."""

import re
from importlib import import_module

from sepaxml import SepaTransfer
from sepaxml.validation import ValidationError

from portal.creators.models import Rail
from portal.files.provider import Batch
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

SCHEMA = "pain.001.001.03"
LINES_AT_MOST = 20_000
TRANSFER_MOST = 99_999_999_999  # 999,999,999.99 euros
CREATED = re.compile(r"<CreDtTm>[^<]*</CreDtTm>")
PART = re.compile(r"<PmtInfId>[^<]*</PmtInfId>")


class SepaFormat:
    """Implements `files.provider.FileFormat`."""

    rail = Rail.SEPA
    needs_payer = True
    lines_at_most = LINES_AT_MOST

    def refusal(self, amount: Money) -> str | None:
        """SEPA carries euros, up to 999,999,999.99."""
        if amount.currency != "EUR":
            return f"A SEPA transfer carries euros only, not {amount.currency}."
        return None if 0 < amount.minor <= TRANSFER_MOST else "A SEPA transfer cannot carry this."

    def name_of(self, message_id: str) -> str:
        return f"sepa-{message_id}.xml"

    def write(self, batch: Batch) -> str:
        """The file. Raises InvalidInput when the schema refuses it."""
        payer = {"name": batch.payer_name, "IBAN": batch.payer_iban, "batch": True,
                 "currency": batch.currency}  # fmt: skip
        if batch.payer_bic:
            payer["BIC"] = batch.payer_bic
        made = SepaTransfer(payer, schema=SCHEMA, clean=True)
        made.msg_id = batch.message_id
        for order in batch.orders:
            line = {"name": order.holder, "IBAN": order.account, "amount": order.amount.minor,
                    "execution_date": batch.execute_on, "endtoend_id": order.reference,
                    "description": f"{batch.purpose} {order.reference}"}  # fmt: skip
            made.add_payment(line | ({"BIC": order.bic} if order.bic else {}))
        return _checked(_settled(made.export(validate=False).decode(), batch))


def _settled(text: str, batch: Batch) -> str:
    # The library writes its own ids and the clock's time; ours make the same file the same bytes.
    text = re.sub(r"<MsgId>[^<]*</MsgId>", f"<MsgId>{batch.message_id}</MsgId>", text)
    created = f"<CreDtTm>{batch.created_at:%Y-%m-%dT%H:%M:%S}</CreDtTm>"
    text = CREATED.sub(created, text)
    return PART.sub(f"<PmtInfId>{batch.message_id}</PmtInfId>", text)


def _checked(text: str) -> str:
    check = import_module("sepaxml.validation").try_valid_xml
    try:
        check(text.encode(), SCHEMA)
    except ValidationError as wrong:
        cause = getattr(wrong.__cause__, "reason", "") or "a field has an illegal value"
        raise InvalidInput("file", f"The bank would not accept this file: {cause}.") from wrong
    return text
