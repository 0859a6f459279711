"""Year-end files: one row a creator, corrected rows marked, last four only unless somebody proved
herself again (R103–R105). Cells are neutralised by `kernel.sheets` (R149)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, extract, func, select
from sqlalchemy.orm import aliased

from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.money import Money
from portal.kernel.sheets import Cell
from portal.storage.model import db
from portal.tax import form_rules, list_queries, queries, rules, wording
from portal.tax.models import (
    EntryKind,
    Purpose,
    TaxEntry,
    TaxExport,
    TaxExportLine,
    TaxForm,
    TinKind,
)
from portal.tax.rules import Exported

NEC, DAC7 = "nec", "dac7"
NEC_HEAD = (
    "payer", "year", "status", "creator", "legal_name", "business_name", "form", "number_kind",
    "number", "street", "city", "region", "postcode", "country", "currency", "payments",
    "not_money", "reported_total", "withheld",
)  # fmt: skip
DAC7_HEAD = (
    "operator", "year", "status", "creator", "legal_name", "born_or_founded_on", "street", "city",
    "postcode", "country", "number_kind", "number", "currency",
    *(f"q{quarter}_{what}" for quarter in (1, 2, 3, 4) for what in ("amount", "activities")),
    "fees", "withheld",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A year-end file, and what to remember of each of its rows."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    lines: Mapping[tuple[int, str], Exported]


def nec_file(brand_id: int, year: int, *, whole: bool, corrections_only: bool = False) -> File:
    """Everybody to be reported for a year: the counted total reaches the threshold, or tax was
    withheld (R97–R101). Marked original, corrected or unchanged since the last file (R104)."""
    figures = list_queries.threshold_of(brand_id, year)
    totals = queries.year_totals(brand_id, year)
    before = last_exported(brand_id, year, NEC)
    people, forms = _people(totals)
    kinds = {who: form.kind for (who, purpose), form in forms.items() if purpose is Purpose.PAYER}
    wanted = {
        key: total for key, total in totals.items()
        if rules.is_candidate(total, figures, kinds.get(key[0])) or key in before
    }  # fmt: skip
    brand, rows, lines = identity.brand(brand_id), [], {}
    for key, total in wanted.items():
        creator, form = people[key[0]], forms.get((key[0], Purpose.PAYER))
        now = Exported(total.counted.minor, total.withheld.minor, form.id if form else None)
        mark = rules.mark_of(now, before.get(key))
        if corrections_only and mark == "original":
            continue  # in no file yet: the next whole one has to say so
        lines[key] = now
        if corrections_only and mark != "corrected":
            continue
        rows.append([
            brand.legal_name or brand.name, year, mark, creator.name,
            *_who(form, whole=whole), total.paid.currency, _digits(total.paid),
            _digits(total.benefits), _digits(total.counted), _digits(total.withheld),
        ])  # fmt: skip
    return File(NEC_HEAD, rows, lines)


def dac7_file(brand_id: int, year: int, *, whole: bool) -> File:
    """Every seller taxed in the EU, from the first payment on, by quarter: for personal services
    there is no least amount (R105)."""
    before, quarters = last_exported(brand_id, year, DAC7), _quarters(brand_id, year)
    people, forms = _people(quarters)
    brand, rows, lines = identity.brand(brand_id), [], {}
    for key, by_quarter in quarters.items():
        creator, form = people[key[0]], forms.get((key[0], Purpose.PLATFORM))
        home = form.country if form else creator.country
        if home not in rules.EU:
            continue
        amount = Money(sum(minor for minor, _, _ in by_quarter.values()), key[1])
        withheld = Money(sum(kept for _, _, kept in by_quarter.values()), key[1])
        now = Exported(amount.minor, withheld.minor, form.id if form else None)
        lines[key] = now
        rows.append([
            brand.legal_name or brand.name, year, rules.mark_of(now, before.get(key)),
            creator.name, *_seller(form, home, whole=whole), key[1],
            *_by_quarter(by_quarter, key[1]), _digits(Money.zero(key[1])), _digits(withheld),
        ])  # fmt: skip
    return File(DAC7_HEAD, rows, lines)


def note_export(brand_id: int, year: int, kind: str, file: File, *, whole: bool, by: int) -> None:
    """Remember what a file said, so that the next one knows what was corrected; and who took it."""
    export = TaxExport(
        brand_id=brand_id, year=year, kind=kind, is_full=whole, row_count=len(file.rows), by_id=by,
        at=clock.now(),
    )  # fmt: skip
    db.session.add(export)
    db.session.flush()
    for (creator_id, currency), said in file.lines.items():
        db.session.add(TaxExportLine(
            export_id=export.id, creator_id=creator_id, form_id=said.form_id, currency=currency,
            amount_minor=said.amount_minor, withheld_minor=said.withheld_minor,
        ))  # fmt: skip
    audit.note(by, "tax-export.made", export.id, brand_id=brand_id, year=year, kind=kind,
               rows=len(file.rows), whole_numbers=whole)  # fmt: skip


def last_exported(brand_id: int, year: int, kind: str) -> dict[tuple[int, str], Exported]:
    """What the last file of a year said, by creator and currency."""
    export_id = db.session.scalar(
        select(func.max(TaxExport.id)).where(
            TaxExport.brand_id == brand_id, TaxExport.year == year, TaxExport.kind == kind
        )
    )
    rows = db.session.scalars(select(TaxExportLine).where(TaxExportLine.export_id == export_id))
    return {
        (row.creator_id, row.currency): Exported(row.amount_minor, row.withheld_minor, row.form_id)
        for row in rows
    }


def exports_of(brand_id: int, year: int) -> Sequence[TaxExport]:
    """The files of a year, newest first."""
    query = select(TaxExport).where(TaxExport.brand_id == brand_id, TaxExport.year == year)
    return db.session.scalars(query.order_by(TaxExport.id.desc()).limit(20)).all()  # type: ignore[no-any-return]


# ---- inside
def _people(
    keys: Mapping[tuple[int, str], Any],
) -> tuple[dict[int, Creator], dict[tuple[int, Purpose], TaxForm]]:
    ids = sorted({creator_id for creator_id, _ in keys})
    people: dict[int, Creator] = {}
    for start in range(0, len(ids), queries.IDS_AT_ONCE):
        people.update(creators.creators(ids[start : start + queries.IDS_AT_ONCE]))
    return people, queries.current_forms(ids)


def _who(form: TaxForm | None, *, whole: bool) -> list[Cell]:
    if form is None:
        return ["", "", "missing", "", "", "", "", "", "", ""]
    said = queries.answers_of(form)
    return [
        form.legal_name, said.get("business", ""), wording.KINDS[form.kind],
        wording.TINS[form.tin_kind], _number(form, said, whole=whole), said.get("street", ""),
        said.get("city", ""), said.get("region", ""), said.get("postcode", ""), form.country,
    ]  # fmt: skip


def _seller(form: TaxForm | None, home: str, *, whole: bool) -> list[Cell]:
    if form is None:
        return ["", "", "", "", "", home, "", ""]
    said = queries.answers_of(form)
    return [
        form.legal_name, said.get("born_on", ""), said.get("street", ""), said.get("city", ""),
        said.get("postcode", ""), home, wording.TINS[form.tin_kind],
        _number(form, said, whole=whole),
    ]  # fmt: skip


def _number(form: TaxForm, said: Mapping[str, str], *, whole: bool) -> str:
    if form.tin_kind is TinKind.MISSING:
        return ""
    return form_rules.compact(said.get("tin", "")) if whole else f"••{form.tin_last4}"


def _quarters(brand_id: int, year: int) -> dict[tuple[int, str], dict[int, tuple[int, int, int]]]:
    """By creator and currency: quarter → (amount, payments, withheld) in minor units."""
    undone = _undone(brand_id, year)
    month = extract("month", TaxEntry.paid_on)
    rows = db.session.execute(
        select(TaxEntry.creator_id, TaxEntry.currency, month, func.sum(TaxEntry.amount_minor),
               func.count(case((TaxEntry.kind == EntryKind.PAYMENT, 1))),
               func.sum(TaxEntry.withheld_minor))
        .where(
            TaxEntry.brand_id == brand_id, TaxEntry.year == year,
            TaxEntry.kind != EntryKind.BENEFIT,
        )
        .group_by(TaxEntry.creator_id, TaxEntry.currency, month)
        .order_by(TaxEntry.creator_id, TaxEntry.currency, month)
    )  # fmt: skip
    found: dict[tuple[int, str], dict[int, tuple[int, int, int]]] = {}
    for creator_id, currency, number, minor, count, kept in rows:
        quarters, quarter = found.setdefault((creator_id, currency), {}), (int(number) + 2) // 3
        before = quarters.get(quarter, (0, 0, 0))
        gone = undone[creator_id, currency, int(number)]
        quarters[quarter] = (
            before[0] + int(minor), before[1] + count - gone, before[2] + int(kept)
        )  # fmt: skip
    return found


def _undone(brand_id: int, year: int) -> Counter[tuple[int, str, int]]:
    """By creator, currency and month: payments of which everything came back. They are no activity
    (R105); a return stands in the month of its payment."""
    paid, back = aliased(TaxEntry), aliased(TaxEntry)
    rows = db.session.execute(
        select(paid.creator_id, paid.currency, paid.paid_on)
        .join(
            back,
            (back.brand_id == paid.brand_id) & (back.creator_id == paid.creator_id)
            & back.source.startswith(paid.source + ":returned:", autoescape=False),
        )
        .where(
            paid.brand_id == brand_id, paid.year == year, paid.kind == EntryKind.PAYMENT,
            back.kind == EntryKind.RETURN, back.year == year,
        )
        .group_by(paid.id)
        .having(func.min(paid.amount_minor) + func.sum(back.amount_minor) <= 0)
    )  # fmt: skip
    return Counter((who, code, paid_on.month) for who, code, paid_on in rows)


def _by_quarter(found: Mapping[int, tuple[int, int, int]], currency: str) -> list[Cell]:
    cells: list[Cell] = []
    for quarter in (1, 2, 3, 4):
        minor, count, _ = found.get(quarter, (0, 0, 0))
        cells += [_digits(Money(minor, currency)), count]
    return cells


def _digits(amount: Money) -> str:
    return f"{currencies.to_major(amount.minor, amount.currency):f}"
