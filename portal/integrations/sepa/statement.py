"""A bank's statement as CSV, by the names of its columns."""

from collections.abc import Mapping

from portal.integrations.paypal.report import cells_of, day_in, first, money_in
from portal.kernel.errors import InvalidInput
from portal.reconciliation.models import RowSays, Source
from portal.reconciliation.provider import ReportRead, RowRead, WrongRow
from portal.reconciliation.rules import batch_in, reference_in

DAY = ("date", "booking date", "booked on", "booked_on", "value date", "buchungstag", "datum")
AMOUNT = ("amount", "betrag", "value")
CURRENCY = ("currency", "waehrung", "währung")
TEXTS = ("reference", "end to end id", "end-to-end id", "end_to_end_id", "purpose", "description",
         "remittance information", "verwendungszweck", "details")  # fmt: skip
WHO = ("counterparty", "name", "beneficiary", "recipient", "payee")
PROOF = ("transaction id", "bank reference", "id", "entry reference")


class BankStatement:
    """Implements `reconciliation.provider.ReportReader`."""

    def fits(self, text: str) -> bool:
        """Its first row names a day, an amount and a text."""
        head = set(next(iter(cells_of(text.partition("\n")[0] + "\n" + "x,x")), {}))
        return all(any(one in head for one in names) for names in (DAY, AMOUNT, TEXTS))

    def read(self, text: str) -> ReportRead:
        """The rows that name a payment of ours; what has nothing to do with payouts is passed
        over. Money that went out was paid, money that came in came back."""
        rows: list[RowRead] = []
        wrong: list[WrongRow] = []
        passed = 0
        for number, cells in enumerate(cells_of(text), 2):
            told = " ".join(cells[name] for name in TEXTS if cells.get(name))
            reference = reference_in(told) or batch_in(told)
            if not reference:
                passed += 1
                continue
            try:
                rows.append(_row(number, cells, reference))
            except InvalidInput as error:
                wrong.append(WrongRow(number, error.message))
        return ReportRead(Source.BANK_CSV, rows, wrong, passed)


def _row(number: int, cells: Mapping[str, str], reference: str) -> RowRead:
    amount = money_in(first(cells, AMOUNT), first(cells, CURRENCY) or "EUR")
    if not amount:
        raise InvalidInput("amount", "Its amount is zero.")
    says = RowSays.PAID if amount.minor < 0 else RowSays.RETURNED
    return RowRead(
        number, says, reference, abs(amount), proof=first(cells, PROOF).strip(),
        who=first(cells, WHO).strip(), booked_on=day_in(first(cells, DAY)),
    )  # fmt: skip
