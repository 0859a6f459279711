"""What stands in a form: who gives which, whether a number can be right, when it lapses. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.us import ein, itin, ssn

from portal.kernel.errors import InvalidInput
from portal.tax.models import FormKind, FormState, FormStatus, Purpose, TinKind
from portal.tax.rules import ABROAD, EU

REMIND_DAYS = (60, 14)
LAPSES_AFTER_YEARS = 3
INDIVIDUAL = "individual"
NUMBER_LEAST, NUMBER_MOST = 4, 24


class Who(StrEnum):
    PERSON = "person"
    COMPANY = "company"


def kind_for(*, is_us: bool, who: Who) -> FormKind:
    """The form that two answers lead to (R101)."""
    if is_us:
        return FormKind.W9
    return FormKind.W8BEN if who is Who.PERSON else FormKind.W8BENE


def purpose_of(kind: FormKind) -> Purpose:
    return Purpose.PLATFORM if kind is FormKind.DAC7 else Purpose.PAYER


def expires_on(kind: FormKind, signed_on: date) -> date | None:
    """The last day of the third calendar year after signing for a W-8 (R101); others stay."""
    if kind not in ABROAD:
        return None
    return date(signed_on.year + LAPSES_AFTER_YEARS, 12, 31)


def reminder_due(expires: date, today: date) -> int | None:
    """60 or 14: of which reminder the day has come; 0 when it has lapsed; None before."""
    left = (expires - today).days
    if left < 0:
        return 0
    return next((days for days in sorted(REMIND_DAYS) if left <= days), None)


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What decides the state of a form for one payer."""

    status: FormStatus
    has_doubts: bool
    expires_on: date | None
    is_accepted: bool | None  # what this payer decided; None: nothing yet


def state_of(form: FormFacts | None, today: date, *, checks_by_hand: bool) -> FormState:
    """UX 6.14. A form without doubts needs nobody, unless the payer looks at each."""
    if form is None:
        return FormState.NEEDED
    if form.status is FormStatus.DRAFT:
        return FormState.DRAFT
    if form.is_accepted is False:
        return FormState.REJECTED
    if form.expires_on is not None and today > form.expires_on:
        return FormState.EXPIRED
    if form.is_accepted is None and (form.has_doubts or checks_by_hand):
        return FormState.CHECKING
    if form.expires_on is not None and form.expires_on - today <= timedelta(days=REMIND_DAYS[0]):
        return FormState.EXPIRING
    return FormState.ACCEPTED


# ---- names
def _tokens(name: str) -> frozenset[str]:
    apart = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return frozenset(re.findall(r"\w+", plain))


def names_match(one: str, other: str) -> bool:
    """The same words whatever their order, case and accents; a middle name may be left out, a
    surname may not (R92)."""
    first, second = _tokens(one), _tokens(other)
    if not first or not second:
        return False
    fewer, more = sorted((first, second), key=len)
    return first == second or (len(fewer) >= 2 and fewer <= more)


# ---- numbers
def compact(number: str) -> str:
    """A number without the spaces and dashes people write."""
    return re.sub(r"[\s.\-/]", "", number).upper()


def checked_tin(kind: TinKind, number: str, country: str = "US") -> str:
    """The number in its compact spelling. Raises InvalidInput (field "tin") when it cannot be a
    number of this kind: length, forbidden parts and check digits; nobody else is asked."""
    checks = {TinKind.SSN: (ssn, "Social Security number, such as 123-45-6789"),
              TinKind.ITIN: (itin, "ITIN, such as 912-90-3456"),
              TinKind.EIN: (ein, "EIN, such as 91-1144442"),
              TinKind.VAT: (eu_vat, "EU VAT number, such as DE136695976")}  # fmt: skip
    if kind in checks:
        module, words = checks[kind]
        try:
            return str(module.validate(number))
        except ValidationError:
            raise InvalidInput("tin", f"This is no valid {words}.") from None
    return _foreign(number, country)


def _foreign(number: str, country: str) -> str:
    found = compact(number)
    module = get_cc_module(country.lower(), "tin") if country else None
    if module is not None:
        try:
            return str(module.validate(number))
        except ValidationError:
            raise InvalidInput("tin", "This is no valid tax number of that country.") from None
    if not (NUMBER_LEAST <= len(found) <= NUMBER_MOST and found.isalnum() and found.isascii()):
        raise InvalidInput("tin", "Write the number as it stands on your tax papers.")
    return found


def last_four(number: str) -> str:
    """All that pages show of a number (R103); of a short one even less."""
    found = compact(number)
    return found[-4:] if len(found) >= 8 else found[-2:]


# ---- what is asked
class Doubt(StrEnum):
    """Why a person should look before a form is accepted."""

    NAME = "name"
    COUNTRY = "country"
    NUMBER = "number"


def doubts_about(
    kind: FormKind, answers: Mapping[str, str], *, profile_name: str, profile_country: str
) -> tuple[Doubt, ...]:
    """What does not fit together in a signed form: the name with her profile (R92), the country
    with what she told the portal, a number she says she does not have."""
    found = []
    names = (answers.get("name", ""), answers.get("business", ""))
    if not any(names_match(name, profile_name) for name in names):
        found.append(Doubt.NAME)
    home = "US" if kind is FormKind.W9 else answers.get("country", "")
    if profile_country and home != profile_country:
        found.append(Doubt.COUNTRY)
    if not answers.get("tin"):
        found.append(Doubt.NUMBER)
    return tuple(found)


REQUIRED: Mapping[FormKind, tuple[tuple[str, str], ...]] = {
    FormKind.W9: (("name", "Write the name on your tax return."),
                  ("classification", "Choose how you are taxed."),
                  ("street", "Write your street and number."), ("city", "Write your city."),
                  ("region", "Write your state, such as OR."), ("postcode", "Write your ZIP code."),
                  ("tin_kind", "Choose which number you have."), ("tin", "Write your number.")),
    FormKind.W8BEN: (("name", "Write your name as in your passport."),
                     ("citizenship", "Choose the country of your citizenship."),
                     ("country", "Choose the country where you are taxed."),
                     ("street", "Write your street and number."), ("city", "Write your city."),
                     ("born_on", "Write the day you were born.")),
    FormKind.W8BENE: (("name", "Write the name of the company."),
                      ("country", "Choose the country where it is taxed."),
                      ("classification", "Choose what kind of company it is."),
                      ("street", "Write its street and number."), ("city", "Write its city.")),
    FormKind.DAC7: (("name", "Write your full legal name."),
                    ("country", "Choose the country where you are taxed."),
                    ("street", "Write your street and number."), ("city", "Write your city."),
                    ("postcode", "Write your postcode."),
                    ("born_on", "Write the day you were born, or the company was founded.")),
}  # fmt: skip
WITHOUT_NUMBER = "no_tin"


def missing_in(kind: FormKind, answers: Mapping[str, str]) -> list[InvalidInput]:
    """What a form still lacks before it can be signed, one sentence a field."""
    wrong = [InvalidInput(name, words) for name, words in REQUIRED[kind] if not answers.get(name)]
    if kind is not FormKind.W9 and not answers.get("tin") and not answers.get(WITHOUT_NUMBER):
        wrong.append(InvalidInput("tin", "Write your tax number, or say that you have none."))
    if kind is FormKind.DAC7 and answers.get("country") and answers["country"] not in EU:
        wrong.append(InvalidInput("country", "DAC7 asks sellers who are taxed in the EU."))
    if kind in ABROAD and answers.get("country") == "US":
        wrong.append(InvalidInput("country", "Who is taxed in the US gives a W-9 instead."))
    return wrong


def tin_kind_of(kind: FormKind, answers: Mapping[str, str]) -> TinKind:
    """Which kind of number a form carries."""
    if not answers.get("tin"):
        return TinKind.MISSING
    if kind is FormKind.W9:
        return TinKind(answers.get("tin_kind") or TinKind.SSN)
    has_vat = kind is FormKind.DAC7 and answers.get("tin_kind") == TinKind.VAT
    return TinKind.VAT if has_vat else TinKind.FOREIGN


def problems_of(
    kind: FormKind, answers: Mapping[str, str], signed_name: str, today: date
) -> list[InvalidInput]:
    """Everything that stands between a form and its signature, one sentence a field."""
    wrong = missing_in(kind, answers)
    named = {one.field for one in wrong}
    if answers.get("tin") and not named & {"tin", "tin_kind"}:
        try:
            checked_tin(tin_kind_of(kind, answers), answers["tin"], answers.get("country") or "")
        except InvalidInput as error:
            wrong.append(error)
    if answers.get("born_on") and not _is_past(answers["born_on"], today):
        wrong.append(InvalidInput("born_on", "Write a day in the past."))
    if not signed_name.strip():
        wrong.append(InvalidInput("signed_name", "Type your full name to sign."))
    elif _is_personal(kind, answers) and not names_match(signed_name, answers.get("name", "")):
        wrong.append(InvalidInput("signed_name", "Sign with the name that stands in the form."))
    return wrong


def _is_personal(kind: FormKind, answers: Mapping[str, str]) -> bool:
    # A company's form is signed by whoever speaks for it.
    return kind is FormKind.W8BEN or answers.get("classification") == INDIVIDUAL


def _is_past(text: str, today: date) -> bool:
    try:
        return date.fromisoformat(text) < today
    except ValueError:
        return False
