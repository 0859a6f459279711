"""A message from outside as an operator may read it: no buyer, no address, no secret."""

import json
import re
from typing import Any

HIDDEN = "•••"
CHARACTERS = 20_000
# What stands below such a key is about a person, or opens something.
PERSONAL = re.compile(
    r"customer|address|billing|shipping_lines|email|phone|first_name|last_name|full_name|nickname|"
    r"^name_on|^note$|comment|browser|client_|user_agent|^ip$|_ip$|landing_site|referr|"
    r"card|bank|iban|routing|account_number|last4|fingerprint|tax_id|birth|^dob$|individual|"
    r"^shipping$|^shipping_details$|^company$|vat_(id|number)|postcode|"
    r"user_name|city|postal|^zip|geoip|^ua$|evidence|_pdf$|^pdf$|^href$|^receipt$|order_key|tracking_url|"
    r"token|secret|signature|hmac|password|authorization|_url$|^url$",
    re.IGNORECASE,
)
KEPT = frozenset({"account", "gift_card", "billing_reason", "token_type"})
EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[a-z]{2,}", re.IGNORECASE)
PAIR_VALUES = frozenset({"value", "display_value"})
NUMBER_LIKE_PHONE = re.compile(r"\+\d[\d\s()./-]{6,}\d")


def redacted(body: bytes) -> str:
    """A stored body as indented JSON with everything personal replaced; never the raw bytes.

    A body that is no JSON is not shown at all: nobody could say what is in it.
    """
    try:
        shown = json.dumps(_cleaned(json.loads(body)), indent=2, ensure_ascii=False)
    except ValueError:
        return f"{len(body)} bytes that are not JSON. They are kept, and not shown."
    except RecursionError:
        return f"{len(body)} bytes, nested too deep to be shown. They are kept."
    shown = shown.encode("utf-8", "replace").decode()  # halves of characters cannot be sent
    return shown if len(shown) <= CHARACTERS else shown[:CHARACTERS] + "\n… and more"


def redacted_headers(headers: dict[str, str]) -> dict[str, str]:
    """Stored headers without signatures and the like."""
    return {
        name: HIDDEN if PERSONAL.search(name.replace("-", "_")) else str(value)
        for name, value in sorted(headers.items())
    }


def _cleaned(value: Any, key: str = "") -> Any:
    if key and key not in KEPT and PERSONAL.search(key) and value not in (None, "", [], {}):
        return HIDDEN
    if isinstance(value, dict):
        named = _name_of_pair(value)
        return {
            name: _cleaned(inner, named if name in PAIR_VALUES else name)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    if isinstance(value, str):
        return NUMBER_LIKE_PHONE.sub(HIDDEN, EMAIL.sub(HIDDEN, value))
    return value


def _name_of_pair(value: dict[str, Any]) -> str:
    """What a pair such as {"key": "_billing_phone", "value": …} calls its value."""
    name = value.get("key") or value.get("name")
    return name.replace(" ", "_") if isinstance(name, str) else ""
