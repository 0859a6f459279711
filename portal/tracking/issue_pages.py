"""What the pages about making codes show beside their forms, as finished values."""

from collections.abc import Mapping
from typing import Any

from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.programs.models import Program
from portal.tracking import link_commands, pattern_rules, redirect, settings_queries
from portal.tracking.issue_models import CodeBatch
from portal.tracking.models import BatchKind, BatchStatus
from portal.tracking.pattern_rules import CodeFacts

PEOPLE = (("Maya Lindqvist", "maya"), ("Diego Fernández", "diego.f"), ("Zoë van den Berg", "zoe"),
          ("Олена Шевчук", "olena.runs"))  # fmt: skip
POLL_SECONDS = 2


def examples(pattern: str, program: Program, discount_bp: int) -> list[tuple[str, str]]:
    """(person, code) a pattern would give some people; empty when it cannot be used."""
    try:
        kept = pattern_rules.checked_pattern(pattern or pattern_rules.USUAL_PATTERN)
    except InvalidInput:
        return []
    year = clock.now().year
    return [
        (name, next(pattern_rules.ideas_from(
            kept, CodeFacts(name, handle, program.slug, discount_bp, year))))
        for name, handle in PEOPLE
    ]  # fmt: skip


def utm_example(template: Mapping[str, str], brand: Brand, program: Program) -> str:
    """A finished address by a UTM template; the reason instead when it cannot be used."""
    try:
        kept = pattern_rules.checked_utm(template) or pattern_rules.USUAL_UTM
    except InvalidInput as refusal:
        return refusal.message
    values = {"handle": "maya", "first": "Maya", "program": program.slug, "brand": brand.name,
              "channel": "instagram", "label": "Mug"}  # fmt: skip
    hosts = link_commands.hosts_of(brand)
    target = f"https://{hosts[0] if hosts else 'shop.example'}/mug"
    return redirect.location_of(target, pattern_rules.utm_from(kept, values), "", None)


def settings_values(program_id: int, pool_ids: Mapping[str, int]) -> dict[str, Any]:
    """A program's settings as its form's own values."""
    found = settings_queries.settings_of(program_id)
    pool_id = found.pool_id if found else None
    utm = found.utm if found and found.utm else pattern_rules.USUAL_UTM
    return {
        "pattern": found.pattern if found else "",
        "pool": next((key for key, one in pool_ids.items() if one == pool_id), ""),
        **{name: utm.get(name, "") for name in pattern_rules.UTM_PARAMETERS},
    }


def batch_words(batch: CodeBatch) -> dict[str, str]:
    """A batch in a few words: its `title` and how far it is."""
    kinds = {
        BatchKind.AMBASSADORS: f"Codes {batch.pattern} for ambassadors",
        BatchKind.POOL: f"Pool by {batch.pattern}",
        BatchKind.FILE: "Pool from a file",
    }
    if batch.status is BatchStatus.DONE:
        state = f"{batch.made:,} made" + (f", {batch.skipped:,} not" if batch.skipped else "")
    else:
        state = f"{min(batch.made + batch.skipped, batch.wanted):,} of {batch.wanted:,}"
    return {"title": kinds[batch.kind], "state": state}
