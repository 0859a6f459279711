"""Jinja filters: how money, numbers and instants are written on every page (UX 4.5)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_name

from portal.kernel import clock, currencies, writing
from portal.kernel.money import Money
from portal.kernel.writing import LOCALE, MINUS

NO_COUNTRY = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
SHORT_COUNTRIES = {"US": "US", "GB": "UK"}


def money(amount: Money, code: bool = False) -> str:
    """ "$1,204.50", negative "−$6.75"; with `code` "USD 1,204.50", where currencies mix."""
    if not code:
        return f"{amount}"
    sign = MINUS if amount.minor < 0 else ""
    return f"{sign}{amount.currency} {_digits(abs(amount))}"


def signed_money(amount: Money, code: bool = False) -> str:
    """As `money`, with a plus before what comes in: "+$7.20"."""
    return ("+" if amount.minor > 0 else "") + money(amount, code)


def amount(minor: int, currency: str) -> Money:
    """Minor units of a chart or sum as Money, for the filters that write it."""
    return Money(minor, currency)


def money_parts(amount: Money) -> dict[str, str]:
    """The pieces of a hero figure: sign, symbol, whole, cents; cents are "" for JPY."""
    whole, _, cents = _digits(abs(amount)).partition(".")
    return {
        "sign": MINUS if amount.minor < 0 else "",
        "symbol": writing.symbol(amount.currency),
        "whole": whole,
        "cents": cents,
    }


def digits(amount: Money) -> str:
    """The figure alone, "0.00": for difference columns whose header names the currency."""
    sign = MINUS if amount.minor < 0 else ""
    return sign + _digits(abs(amount))


def short_money(amount: Money) -> str:
    """A label inside a chart: "414.9k", "$1.2M" is never a table figure."""
    major = currencies.to_major(abs(amount.minor), amount.currency)
    sign = MINUS if amount.minor < 0 else ""
    for size, letter in ((Decimal(1_000_000), "M"), (Decimal(1_000), "k")):
        if major >= size:
            return f"{sign}{writing.symbol(amount.currency)}{_trimmed(major / size, 1)}{letter}"
    return money(amount)


def percent(rate_bp: int) -> str:
    """Basis points as "12.5%", at most two decimals, none that say nothing."""
    sign = MINUS if rate_bp < 0 else ""
    return f"{sign}{_trimmed(Decimal(abs(rate_bp)) / 100, 2)}%"


def share(share_bp: int) -> str:
    """A share or rate with exactly one decimal, "6.0%", so that a column of them lines up."""
    sign = MINUS if share_bp < 0 else ""
    return f"{sign}{format_decimal(Decimal(abs(share_bp)) / 100, format='#,##0.0', locale=LOCALE)}%"


def count(number: int) -> str:
    """A grouped whole number: "4,871"."""
    return (MINUS if number < 0 else "") + format_decimal(abs(number), locale=LOCALE)


def plural(number: int, one: str, many: str) -> str:
    """The count with its word: "1 creator", "4,871 creators"."""
    return f"{count(number)} {one if number == 1 else many}"


def when(instant: datetime, zone: str = "UTC") -> str:
    """ "3 Nov, 14:05" in that zone; the year is named when it is not this one."""
    local = _local(instant, zone)
    pattern = "d MMM, HH:mm" if _this_year(local.date(), zone) else "d MMM y, HH:mm"
    return format_datetime(local, pattern, locale=LOCALE)


def day(moment: date | datetime, zone: str = "UTC") -> str:
    """ "3 Nov", with the year when it is not this one."""
    on = _date_of(moment, zone)
    return format_date(on, "d MMM" if _this_year(on, zone) else "d MMM y", locale=LOCALE)


def day_number(moment: date | datetime, zone: str = "UTC") -> str:
    """The "15" of the date stamp in a feed."""
    return str(_date_of(moment, zone).day)


def month_name(moment: date | datetime, zone: str = "UTC") -> str:
    """The "Nov" of the date stamp in a feed."""
    return format_date(_date_of(moment, zone), "MMM", locale=LOCALE)


def time_of_day(instant: datetime, zone: str = "UTC") -> str:
    """ "14:05"."""
    return format_datetime(_local(instant, zone), "HH:mm", locale=LOCALE)


def zone_name(zone: str) -> str:
    """How a page names the zone of its times, once: "New York time", "UTC"."""
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time" if "/" in zone else zone


def iso(moment: date | datetime) -> str:
    """What <time datetime="…"> wants."""
    return moment.isoformat()


def ago(instant: datetime) -> str:
    """How long since: "just now", "5 min", "19 h", "2 d"; for an instant ahead, until then."""
    passed = abs(clock.now() - instant)
    for step, word in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if passed >= step:
            return f"{passed // step} {word}"
    minutes = passed // timedelta(minutes=1)
    return f"{minutes} min" if minutes else "just now"


def initials(name: str) -> str:
    """At most two letters for an avatar: "Maya Lindqvist" is "ML"."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def currency_name(code: str) -> str:
    """ "US dollars" for USD, "Euros" for EUR."""
    name = get_currency_name(code, count=2, locale=LOCALE)
    return name[:1].upper() + name[1:]


def country(code: str) -> str:
    """ "Canada" for CA, "US" for US; a code nobody knows stays as it is."""
    return SHORT_COUNTRIES.get(code) or Locale.parse(LOCALE).territories.get(code, code)


def countries(codes: Sequence[str], joint: str = "and") -> str:
    """ "US and Canada", "Austria, Germany or Switzerland"; "Every country" for none."""
    names = sorted((country(code) for code in codes), key=lambda name: (name != "US", name))
    if not names:
        return "Every country"
    head = ", ".join(names[:-1])
    return f"{head} {joint} {names[-1]}" if head else names[-1]


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country, by its full name, after an empty first choice."""
    known = {str(code): str(name) for code, name in Locale.parse(LOCALE).territories.items()}
    codes = [code for code in known if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY]
    named = sorted((known[code], code) for code in codes)
    return [("", "Choose a country"), *((code, name) for name, code in named)]


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "signed_money": signed_money,
    "amount": amount,
    "money_parts": money_parts,
    "digits": digits,
    "short_money": short_money,
    "percent": percent,
    "share": share,
    "count": count,
    "plural": plural,
    "when": when,
    "day": day,
    "day_number": day_number,
    "month_name": month_name,
    "time_of_day": time_of_day,
    "iso": iso,
    "zone_name": zone_name,
    "ago": ago,
    "initials": initials,
    "currency_name": currency_name,
    "country": country,
    "countries": countries,
}


def install(app_or_env: Any) -> None:
    """Register every filter with a Flask app or a bare Jinja environment.

    `count` and `plural` take numbers; Jinja's own `count` (= `length`) is replaced on purpose.
    """
    environment = getattr(app_or_env, "jinja_env", app_or_env)
    environment.filters.update(FILTERS)


def _digits(amount: Money) -> str:
    return writing.digits(currencies.to_major(amount.minor, amount.currency), amount.currency)


def _trimmed(value: Decimal, places: int) -> str:
    pattern = "#,##0." + "#" * places
    return format_decimal(value, format=pattern, locale=LOCALE)


def _local(instant: datetime, zone: str) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("A page only shows instants that know their zone.")
    return instant.astimezone(ZoneInfo(zone))


def _date_of(moment: date | datetime, zone: str) -> date:
    return _local(moment, zone).date() if isinstance(moment, datetime) else moment


def _this_year(on: date, zone: str) -> bool:
    return on.year == clock.now().astimezone(ZoneInfo(zone)).year
