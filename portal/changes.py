"""What each kind of change of policy does once two people agreed on it: the whole table."""

from collections.abc import Mapping

from portal.invoices import change_commands as invoices
from portal.limits import commands as limits
from portal.paying import change_commands as paying
from portal.proposals.registry import Effect
from portal.tax import change_commands as tax

EFFECTS: Mapping[str, Effect] = {
    "limits": limits.take_effect,
    "schedule": paying.take_effect,
    "ways": paying.take_effect,
    "payer": paying.take_effect,
    "approval-limit": paying.take_effect,
    "minimum": paying.take_effect,
    "tax-policy": tax.take_effect,
    "tax-figures": tax.take_effect,
    "ledger-codes": limits.codes_take_effect,
    "invoice-settings": invoices.take_effect,
}
