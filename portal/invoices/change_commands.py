"""Put forward how a brand stands on invoices; `take_effect` puts it into force. Callers commit."""

from collections.abc import Mapping
from typing import Any

from portal.invoices import commands, queries
from portal.invoices.commands import Details
from portal.programs.rate_wording import percent
from portal.proposals import commands as proposals
from portal.proposals.models import Proposal

KIND = "invoice-settings"
NAMES = {"legal_name": "Legal name", "address": "Address", "country": "Country",
         "vat_number": "VAT number"}  # fmt: skip
NOTHING, YES_NO = "none", {True: "yes", False: "no"}


def put_forward(
    brand_id: int, details: Details, *, vat_rate_bp: int, writes: bool, by: int
) -> Proposal:
    """Propose how a brand stands on invoices, and whether it writes them from the month on in
    which this takes effect. Raises InvalidInput for a VAT number or a rate that cannot be, or for
    what is in force already."""
    checked = commands.checked_issuer(details, vat_rate_bp)
    held = queries.issuer_of(brand_id)
    lines = [
        (what, _line(getattr(held, name) if held else ""), _line(checked[name]))
        for name, what in NAMES.items()
    ]
    lines += [
        ("Standard VAT rate", percent(held.vat_rate_bp) if held else NOTHING, percent(vat_rate_bp)),
        ("Invoices are written", YES_NO[bool(held and held.since)], YES_NO[writes]),
    ]
    facts = {"details": checked, "vat_rate_bp": vat_rate_bp, "writes": writes}
    return proposals.put_forward(brand_id, KIND, facts, lines, by=by)


def take_effect(change: Proposal, facts: Mapping[str, Any]) -> None:
    """Put a decided change into force; noted as done by the second person, or by the first where
    it waited instead."""
    commands.save_issuer(
        change.brand_id, facts["details"], vat_rate_bp=facts["vat_rate_bp"],
        writes=facts["writes"], by=change.decided_by or change.proposed_by,
    )  # fmt: skip


def _line(value: str) -> str:
    return ", ".join(value.split("\n")).replace("\r", "") or NOTHING
