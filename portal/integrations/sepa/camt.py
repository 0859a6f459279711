"""A bank's statement as camt.053."""

from collections.abc import Iterator
from xml.etree import ElementTree

from portal.integrations.paypal.report import day_in, money_in
from portal.kernel.errors import InvalidInput
from portal.reconciliation.models import RowSays, Source
from portal.reconciliation.provider import ReportRead, RowRead, WrongRow
from portal.reconciliation.rules import batch_in, reference_in

Element = ElementTree.Element


class CamtStatement:
    """Implements `reconciliation.provider.ReportReader`."""

    def fits(self, text: str) -> bool:
        """XML that speaks of camt.053."""
        return text.lstrip().startswith("<") and "camt.053" in text

    def read(self, text: str) -> ReportRead:
        """Every entry, and every payment in it, that names one of ours. Raises InvalidInput for
        what is no XML, or declares entities."""
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise InvalidInput("file", "A statement declares no document type of its own.")
        try:
            root = ElementTree.fromstring(text.encode())  # noqa: S314 — no entities, see above
        except ElementTree.ParseError:
            raise InvalidInput("file", "The file is not XML that can be read.") from None
        rows: list[RowRead] = []
        wrong: list[WrongRow] = []
        passed = 0
        for number, (entry, part) in enumerate(_parts(root), 1):
            try:
                row = _row(number, entry, part)
            except InvalidInput as error:
                wrong.append(WrongRow(number, error.message))
                continue
            passed += row is None
            rows += [row] if row is not None else []
        return ReportRead(Source.CAMT, rows, wrong, passed)


def _parts(root: Element) -> Iterator[tuple[Element, Element]]:
    for entry in root.findall(".//{*}Ntry"):
        parts = entry.findall(".//{*}TxDtls")
        for part in parts or [entry]:
            yield entry, part


def _row(number: int, entry: Element, part: Element) -> RowRead | None:
    told = " ".join(text for one in part.iter() if (text := (one.text or "").strip()))
    reference = reference_in(told) or batch_in(told)
    if not reference:
        return None
    figure = part.find("{*}Amt")
    if figure is None:
        figure = part.find(".//{*}TxAmt/{*}Amt")
    if figure is None:
        figure = entry.find("{*}Amt")
    if figure is None:
        raise InvalidInput("amount", "It has no amount.")
    amount = money_in(figure.text or "", figure.get("Ccy") or "")
    is_out = _text(part, "{*}CdtDbtInd") or _text(entry, "{*}CdtDbtInd")
    returned = part.find(".//{*}RtrInf") is not None or is_out == "CRDT"
    return RowRead(
        number, RowSays.RETURNED if returned else RowSays.PAID, reference, abs(amount),
        proof=_text(part, ".//{*}AcctSvcrRef") or _text(entry, "{*}AcctSvcrRef"),
        who=_text(part, ".//{*}Cdtr//{*}Nm"), booked_on=day_in(_text(entry, "{*}BookgDt//{*}Dt")),
        raw_status=_text(part, ".//{*}RtrInf//{*}Cd"),
    )  # fmt: skip


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""
