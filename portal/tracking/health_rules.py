"""What an answer of a link's destination means, and when to look again."""

from dataclasses import dataclass
from datetime import timedelta

from portal.tracking.models import Health

AGAIN_AFTER = {
    Health.WORKS: timedelta(hours=24),
    Health.REDIRECTS: timedelta(hours=24),
    Health.BROKEN: timedelta(hours=6),
}
SURE_AFTER = timedelta(minutes=15)  # a first failure is looked at again soon
SHUT_TO_MACHINES = (401, 403, 405, 406, 429)  # says nothing about what a person would see


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; `problem` is a sentence when it is broken."""

    health: Health
    status: int = 0
    problem: str = ""
    leads_to: str = ""


def finding_of(status: int, leads_to: str = "") -> Finding:
    """What a status code means; `leads_to` is where a redirect points."""
    if 300 <= status < 400 and leads_to:
        return Finding(Health.REDIRECTS, status, leads_to=leads_to[:2000])
    if 200 <= status < 300 or status == 304 or status in SHUT_TO_MACHINES:
        return Finding(Health.WORKS, status)
    words = {404: "The page does not exist", 410: "The page was taken away"}
    said = words.get(status, "The shop answers with an error")
    return Finding(Health.BROKEN, status, f"{said} ({status}).")


def again_after(finding: Finding, failures: int) -> timedelta:
    """When to look again; `failures` counts those in a row, this one included."""
    return SURE_AFTER if failures == 1 else AGAIN_AFTER[finding.health]
