"""The rows of special rates in the editor of terms, and their way to a `RateTable` and back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import Length, NumberRange, Optional

from portal.kernel import clock, currencies
from portal.kernel.errors import InvalidInput
from portal.programs import rate_wording
from portal.programs.points_rules import MOST_POINTS, PointsRate
from portal.programs.rate_rules import (
    MOST_RULES,
    Asks,
    Basis,
    Condition,
    Period,
    RateRule,
    RateTable,
)
from portal.programs.rate_wording import major
from portal.terms.credit_form import CreditForm
from portal.web.forms import AmountInput, SelectChoice, bare_amount, stripped

BOOST = "boost"
PAYS = (
    ("percent", "% of what was sold"),
    ("order", "an amount for each order"),
    ("line", "an amount for each line"),
    ("unit", "an amount for each piece"),
    ("excluded", "nothing: excluded"),
    (BOOST, "% more than the rate that decides"),
)
FOR = (
    ("", "Choose …"),
    ("category", "Products in the category"),
    ("product", "Products with the id or SKU"),
    ("tag", "Products with the tag"),
    ("customer:new", "New customers"),
    ("customer:returning", "Returning customers"),
    ("came_by:code", "Orders that came by a code"),
    ("came_by:link", "Orders that came by a link"),
    ("code", "Orders with the code"),
    ("ambassador", "Orders of the ambassador"),
    ("tier", "Ambassadors of the tier"),
    ("order_tag", "Orders with the tag"),
    ("action:lead", "Leads"),
    ("action:sign_up", "Sign-ups"),
    ("source:csv", "Orders from files"),
    ("source:api", "Orders told by a program"),
)
VALUES = 4_000
PERCENT = 100  # basis points

Handles = Mapping[str, str]  # an ambassador's handle, folded → her public id


class RateRow(Form):
    """One special rate: what it is for, what it pays, from when to when."""

    class Meta:
        csrf = False

    number = HiddenField()
    asks = SelectField("For", choices=[SelectChoice(*one) for one in FOR], default="")
    values = StringField("Which", [Length(max=VALUES)], filters=[stripped])
    asks_too = SelectField(
        "And only for", default="",
        choices=[SelectChoice("", "Whatever else"), *(SelectChoice(*one) for one in FOR[1:])],
    )  # fmt: skip
    values_too = StringField("Which of them", [Length(max=VALUES)], filters=[stripped])
    pays = SelectField("They earn", choices=[SelectChoice(*one) for one in PAYS], default="percent")
    value = StringField("How much", [Length(max=20)], filters=[stripped, bare_amount])
    starts_on = DateField("From", [Optional()])
    ends_on = DateField("Until the end of", [Optional()])
    is_gone = BooleanField("Take this rate out")

    @property
    def is_blank(self) -> bool:
        """Nothing was written."""
        typed = (self.asks, self.values, self.asks_too, self.value, self.starts_on, self.ends_on)
        return not any(field.data for field in typed)


class RatesForm(CreditForm):
    """The part of the editor about special rates and limits."""

    rates = FieldList(FormField(RateRow), max_entries=MOST_RULES)
    basis = SelectField(
        "A fixed amount is for",
        choices=[
            SelectChoice(Basis.ORDER.value, "each order"),
            SelectChoice(Basis.LINE.value, "each line of an order"),
            SelectChoice(Basis.UNIT.value, "each piece"),
        ],
        default=Basis.ORDER.value,
    )
    zero_base = SelectField(
        "Orders of 0.00",
        choices=[SelectChoice("no", "Earn nothing"), SelectChoice("yes", "Earn a fixed amount")],
        default="no",
    )
    cap = StringField("An order earns at most", [Optional(), AmountInput(1)], filters=[bare_amount])
    lost_above = IntegerField(
        "A fixed amount is kept up to",
        [Optional(), NumberRange(1, 100, "Write 1 to 100 percent, or leave it empty.")],
    )
    period = SelectField(
        "Limits count over",
        choices=[SelectChoice(one.value, f"a {one.value}") for one in Period],
        default=Period.MONTH.value,
    )
    most_actions = IntegerField(
        "Orders of one ambassador",
        [Optional(), NumberRange(1, 1_000_000, "Between 1 and 1,000,000.")],
    )
    most = StringField(
        "Commission of one ambassador", [Optional(), AmountInput(1, 10**12)], filters=[bare_amount]
    )
    budget = StringField(
        "Commission of the whole program", [Optional(), AmountInput(1, 10**12)],
        filters=[bare_amount],
    )  # fmt: skip

    points = IntegerField(
        "Points", [Optional(), NumberRange(1, MOST_POINTS, f"Give 1 to {MOST_POINTS:,} points.")]
    )
    points_per = StringField(
        "For each full", [Optional(), AmountInput(1)], filters=[bare_amount]
    )  # fmt: skip

    def handles(self) -> set[str]:
        """Every ambassador's handle that a row names, folded."""
        return {
            handle.casefold()
            for row in self.rates
            for asks, typed in _conditions(row.form)
            if asks == Asks.AMBASSADOR
            for handle in _values(Asks.AMBASSADOR, typed)
        }

    def rate_table(self, old: RateTable, version: int, zone: str, known: Handles) -> RateTable:
        """What the rows say. Raises InvalidInput, having marked every field concerned."""
        found = list[tuple[RateRow, RateRule]]()
        is_refused = False
        for row in self.kept_rows():
            try:
                found.append((row, _rule(row, self.currency_code, zone, known)))
            except InvalidInput as refusal:
                is_refused = True
                field = row[refusal.field]
                field.errors = [*field.errors, refusal.message]
        if is_refused:
            self.rates.errors = [entry.errors for entry in self.rates]
            raise InvalidInput("", "")
        numbered = _with_numbers(found, old, version)
        boosts = tuple(rule for row, rule in numbered if row.pays.data == BOOST)
        return RateTable(
            tuple(rule for row, rule in numbered if row.pays.data != BOOST), boosts,
            Basis(self.basis.data),
            cap_minor=self._minor(self.cap), period=Period(self.period.data),
            most_actions=self.most_actions.data or 0, most_minor=self._minor(self.most),
            budget_minor=self._minor(self.budget),
            lost_above_bp=(self.lost_above.data or 0) * PERCENT,
            points=PointsRate(self.points.data or 0, self._minor(self.points_per)),
        )  # fmt: skip

    def kept_rows(self) -> list[RateRow]:
        """The rows that say something and are not taken out."""
        rows = [row.form for row in self.rates]
        return [row for row in rows if not row.is_gone.data and not row.is_blank]

    def said(self, zone: str, known: Handles, tiers: Mapping[str, str]) -> dict[str, str]:
        """What each row says as a sentence, by the row's name; nothing for one not finished."""
        names = {**tiers, **{public_id: f"@{handle}" for handle, public_id in known.items()}}
        found = {}
        for entry in self.rates:
            try:
                rule = _rule(entry.form, self.currency_code, zone, known)
            except InvalidInput:
                continue
            if entry.form.pays.data == BOOST:
                found[entry.name] = rate_wording.boost_sentence(rule, zone, names)
            else:
                found[entry.name] = rate_wording.sentence(rule, self.currency_code, zone, names)
        return found

    def _minor(self, field: StringField) -> int:
        return currencies.to_minor(field.data, self.currency_code) if field.data else 0


def rates_values(
    table: RateTable, currency: str, zone: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """The form's first values, of rates made before; `names` are ambassadors' handles by id."""
    rows = [_row(rule, currency, zone, names) for rule in table.rules]
    rows += [_row(rule, currency, zone, names) | {"pays": BOOST} for rule in table.boosts]
    return {
        "rates": rows, "basis": table.basis.value, "period": table.period.value,
        "cap": major(table.cap_minor, currency), "most": major(table.most_minor, currency),
        "budget": major(table.budget_minor, currency), "most_actions": table.most_actions or None,
        "lost_above": table.lost_above_bp // PERCENT or None,
        "points": table.points.points or None,
        "points_per": major(table.points.per_minor, currency),
    }  # fmt: skip


def _rule(row: RateRow, currency: str, zone: str, known: Handles) -> RateRule:
    if row.pays.data not in dict(PAYS):
        raise InvalidInput("pays", "Choose one.")
    basis = Basis.PERCENT if row.pays.data == BOOST else Basis(row.pays.data)
    rate_bp, flat_minor = 0, 0
    if basis is Basis.PERCENT:
        rate_bp = _rate(row)
    elif basis is not Basis.EXCLUDED:
        flat_minor = _amount(row, currency)
    return RateRule(
        1, basis, rate_bp, flat_minor,
        tuple(_condition(asks, typed, known) for asks, typed in _conditions(row)),
        _midnight(row, "starts_on", zone), _midnight(row, "ends_on", zone, days_later=1),
    )  # fmt: skip


def _midnight(row: RateRow, name: str, zone: str, days_later: int = 0) -> datetime | None:
    day = row[name].data
    try:
        return clock.start_of_day(day + timedelta(days=days_later), zone) if day else None
    except OverflowError as error:
        raise InvalidInput(name, "Write a day such as 2026-05-31.") from error


def _with_numbers(
    found: Sequence[tuple[RateRow, RateRule]], old: RateTable, version: int
) -> list[tuple[RateRow, RateRule]]:
    """Known rows keep their number, and since when; changed and new ones are of this version."""
    free = max([one.number for one in (*old.rules, *old.boosts)], default=0)
    numbered, used = list[tuple[RateRow, RateRule]](), set[int]()
    for row, rule in found:
        before = old.rule(_number(row))
        if before is None or before.number in used:
            free += 1
            numbered.append((row, _numbered(rule, free, version)))
            continue
        used.add(before.number)
        is_same = _numbered(rule, before.number, before.since) == before
        since = before.since if is_same else version
        numbered.append((row, _numbered(rule, before.number, since)))
    return numbered


def _numbered(rule: RateRule, number: int, since: int) -> RateRule:
    return RateRule(
        number, rule.basis, rule.rate_bp, rule.flat_minor, rule.conditions, rule.starts_at,
        rule.ends_at, since,
    )  # fmt: skip


def _number(row: RateRow) -> int:
    typed = row.number.data or ""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _conditions(row: RateRow) -> list[tuple[str, str]]:
    both = ((row.asks.data, row.values.data), (row.asks_too.data, row.values_too.data))
    return [
        (asks.split(":")[0], asks.partition(":")[2] or typed or "")
        for asks, typed in both
        if asks and asks in dict(FOR)  # the fields themselves refuse any other
    ]


def _condition(asks: str, typed: str, known: Handles) -> Condition:
    values = _values(Asks(asks), typed)
    if not values:
        raise InvalidInput("values", "Write what it is for.")
    if asks == Asks.AMBASSADOR:
        unknown = [one for one in values if one.casefold() not in known]
        if unknown:
            raise InvalidInput("values", f"No ambassador of this program is @{unknown[0]}.")
        values = tuple(known[one.casefold()] for one in values)
    return Condition(Asks(asks), values)


def _values(asks: Asks, typed: str) -> tuple[str, ...]:
    parts = (part.strip() for part in typed.replace("\n", ",").split(","))
    bare = (part.lstrip("@") if asks is Asks.AMBASSADOR else part for part in parts)
    return tuple(dict.fromkeys(part for part in bare if part))


def _rate(row: RateRow) -> int:
    said = "Write a percentage such as 5 or 7.5."
    typed = (row.value.data or "").rstrip("% ")
    try:
        rate = Decimal(typed) if typed and typed.isascii() else None
    except ArithmeticError:
        rate = None
    if rate is None or not rate.is_finite() or not 0 <= rate <= 100:
        raise InvalidInput("value", said)
    return currencies.half_up(rate * 100)


def _amount(row: RateRow, currency: str) -> int:
    said = "Write an amount such as 5 or 5.00."
    try:
        minor = currencies.to_minor(row.value.data or "", currency)
    except InvalidInput as error:
        raise InvalidInput("value", said) from error
    if not 0 < minor <= 1_000_000_000:
        raise InvalidInput("value", said)
    return minor


def _row(rule: RateRule, currency: str, zone: str, names: Mapping[str, str]) -> dict[str, Any]:
    first, second = (*map(_typed(names), rule.conditions), ("", ""), ("", ""))[:2]
    is_share = rule.basis is Basis.PERCENT
    return {
        "number": str(rule.number), "asks": first[0], "values": first[1],
        "asks_too": second[0], "values_too": second[1], "pays": rule.basis.value,
        "value": _share(rule.rate_bp) if is_share else major(rule.flat_minor, currency),
        "starts_on": _day(rule.starts_at, zone),
        "ends_on": _day(rule.ends_at, zone, before=timedelta(seconds=1)),
    }  # fmt: skip


def _typed(names: Mapping[str, str]) -> Any:
    def typed(condition: Condition) -> tuple[str, str]:
        word = condition.asks.value
        values: Sequence[str] = condition.values
        if f"{word}:{values[0].casefold()}" in dict(FOR):
            return f"{word}:{values[0].casefold()}", ""
        if condition.asks is Asks.AMBASSADOR:
            values = [names.get(value, value) for value in values]
        return word, ", ".join(values)

    return typed


def _share(rate_bp: int) -> str:
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _day(instant: datetime | None, zone: str, before: timedelta = timedelta(0)) -> date | None:
    return (instant - before).astimezone(ZoneInfo(zone)).date() if instant else None
