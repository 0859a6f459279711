"""Forms, states and doubts in words, for the creator and for finance. Pure."""

from collections.abc import Mapping

from portal.tax.form_rules import Doubt
from portal.tax.models import Asks, EntryKind, FormKind, FormState, OnMissing, TinKind

KINDS: Mapping[FormKind, str] = {
    FormKind.W9: "W-9",
    FormKind.W8BEN: "W-8BEN",
    FormKind.W8BENE: "W-8BEN-E",
    FormKind.DAC7: "DAC7 details",
}
WHO: Mapping[FormKind, str] = {
    FormKind.W9: "for people and companies that are taxed in the US",
    FormKind.W8BEN: "for people who are not taxed in the US",
    FormKind.W8BENE: "for companies that are not taxed in the US",
    FormKind.DAC7: "for sellers who are taxed in the EU",
}
TINS: Mapping[TinKind, str] = {
    TinKind.SSN: "SSN",
    TinKind.EIN: "EIN",
    TinKind.ITIN: "ITIN",
    TinKind.VAT: "VAT number",
    TinKind.FOREIGN: "Tax number",
    TinKind.MISSING: "No number",
}
STATES: Mapping[FormState, str] = {
    FormState.NOT_NEEDED: "Nothing is needed from you now. A form given early is never asked for "
                          "again when a payout depends on it.",
    FormState.NEEDED: "A form is needed before more can be paid to you.",
    FormState.DRAFT: "You have begun a form. What you wrote is kept; sign it when you are ready.",
    FormState.CHECKING: "Your form is signed. Somebody looks at it, because not everything in it "
                        "fits together by itself.",
    FormState.ACCEPTED: "Your form is accepted. There is nothing more to do.",
    FormState.EXPIRING: "Your form is accepted and lapses soon. Sign a new one before that day.",
    FormState.REJECTED: "Your form cannot be used. Correct it and sign it again.",
    FormState.EXPIRED: "Your form has lapsed. Sign a new one, and payouts go on.",
}  # fmt: skip
DOUBTS: Mapping[Doubt, str] = {
    Doubt.NAME: "The name is not the one of the creator’s profile.",
    Doubt.COUNTRY: "The country is not the one of the creator’s profile.",
    Doubt.NUMBER: "She says that she has no tax number.",
}
CLASSIFICATIONS: Mapping[str, str] = {
    "individual": "Individual or sole proprietor",
    "llc": "Limited liability company",
    "c_corporation": "C corporation",
    "s_corporation": "S corporation",
    "partnership": "Partnership",
    "trust": "Trust or estate",
}
ENTITIES: Mapping[str, str] = {
    "corporation": "Corporation",
    "partnership": "Partnership",
    "disregarded": "Disregarded entity",
    "trust": "Trust",
    "other": "Another kind",
}
ANSWERS: Mapping[str, str] = {
    "name": "Name", "business": "Business name", "classification": "Taxed as",
    "citizenship": "Citizenship", "country": "Country of tax", "street": "Street",
    "city": "City", "region": "State or region", "postcode": "Postcode", "born_on": "Born on",
    "tin_kind": "Kind of number", "tin": "Number", "no_tin": "Has no number",
    "vat": "VAT number", "notice": "Told to withhold",
}  # fmt: skip
ASKS: Mapping[Asks, str] = {
    Asks.THRESHOLD: "Once the year’s payments reach the threshold",
    Asks.ALWAYS: "Before the first payment",
    Asks.NEVER: "Never",
}
ON_MISSING: Mapping[OnMissing, str] = {
    OnMissing.HOLD: "Hold the payout until the form is here",
    OnMissing.WITHHOLD: "Pay it, less the withholding rate",
}
ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.PAYMENT: "Payment",
    EntryKind.RETURN: "Came back",
    EntryKind.BENEFIT: "Not money",
}
