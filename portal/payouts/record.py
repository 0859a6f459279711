"""A run's record in sentences, from its audit trail: who did what, and what comes next."""

from typing import Any

from portal.audit import queries as audit
from portal.audit.models import AuditEntry
from portal.identity import queries as identity
from portal.kernel.money import Money
from portal.payouts import starting
from portal.payouts.models import PayoutRun, RunStatus
from portal.web.formatting import day, money, plural

# act → icon, sentence; {…} are the entry's facts.
SENTENCES = {
    "drafted": ("calendar-days", "opened the run"),
    "calculated": ("calculator", "calculated {balances}"),
    "calculation-failed": ("circle-alert", "could not be calculated: {reason}"),
    "payout-held": ("pause", "held a payout: {reason}"),
    "payout-included": ("play", "took a held payout back in"),
    "payout-rolled-over": ("arrow-right", "left a payout to the next run: {reason}"),
    "payouts-held": ("pause", "held {count:,} payouts: {reason}"),
    "payouts-included": ("play", "took {count:,} held payouts back in"),
    "payouts-rolled-over": ("arrow-right", "left {count:,} to the next run: {reason}"),
    "creators-reminded": ("mail", "asked {creators} for what is missing"),
    "submitted": ("send", "submitted {net} for {creators}"),
    "recalled": ("undo-2", "took the run back"),
    "returned": ("undo-2", "returned the run: {comment}"),
    "approved-first": ("stamp", "approved {net}; above the limit, so a second person follows"),
    "approved": ("stamp", "approved {net}"),
    "approval-lapsed": ("hourglass", "the approval lapsed after 72 hours"),
    "books-wrong": ("circle-alert", "nothing is sent: {reason}"),
    "sent-early": ("play", "sends it before its pay date"),
    "short": ("pause", "paused on its pay date: {reason}"),
    "sending-began": ("play", "sending began"),
    "paused": ("pause", "paused the run"),
    "resumed": ("play", "resumed the run"),
    "stopped": ("x", "stopped the run"),
    "finished": ("flag", "finished"),
    "failed-retried": ("refresh-cw", "sent what had failed again ({count:,})"),
    "failed-rolled-over": ("arrow-right", "left what failed to the next run ({count:,})"),
    "payout-marked-outside": ("hand-coins", "confirmed a payment: {reference}"),
    "reconciled": ("search-check", "compared with the provider: {matched:,} transfers match"),
    "difference-explained": ("search-check", "explained the difference: {reason}"),
    "journal-exported": ("download", "exported the journal"),
    "closed": ("lock", "closed the run"),
    "cancelled": ("x", "cancelled the run"),
}
NEXT = {
    RunStatus.IN_REVIEW: "check and submit the run",
    RunStatus.AWAITING_APPROVAL: "a second person approves",
    RunStatus.APPROVED: "sending begins",
    RunStatus.EXECUTING: "the result",
    RunStatus.PAUSED: "somebody resumes or stops it",
    RunStatus.COMPLETED: "close the run",
    RunStatus.COMPLETED_WITH_FAILURES: "decide the failures, then close the run",
    RunStatus.STOPPED: "close the run",
}


def timeline(run: PayoutRun) -> list[dict[str, Any]]:
    """Entries for ui/timeline.html, oldest first, and the next step last."""
    trail = [entry for entry in audit.history_of("payout-run", run.id) if _key(entry) in SENTENCES]
    users = identity.users([entry.actor_id for entry in trail if entry.actor_id])
    entries = []
    for entry in trail:
        icon, sentence = SENTENCES[_key(entry)]
        words = sentence.format(**_facts(entry, run.currency))
        who = users[entry.actor_id].name if entry.actor_id else ""
        text = words if who else f"Automatic: {words}"
        entries.append({"icon": icon, "who": who, "text": text, "at": entry.at, "state": ""})
    if entries:
        entries[-1]["state"] = "latest"
    if run.status in NEXT:
        entries.append({"icon": "", "who": "", "text": f"Next: {_next(run)}", "at": "",
                        "state": "next"})  # fmt: skip
    return entries


def _next(run: PayoutRun) -> str:
    if run.status is RunStatus.APPROVED and run.pay_on and not starting.is_due(run):
        return f"sending begins on {day(run.pay_on)}"
    return NEXT[run.status]


def _key(entry: AuditEntry) -> str:
    return entry.act.partition(".")[2]


def _facts(entry: AuditEntry, currency: str) -> dict[str, Any]:
    facts = dict(entry.facts)
    if "net_minor" in facts:
        facts["net"] = money(Money(facts["net_minor"], currency))
    if "considered" in facts:
        facts["balances"] = plural(facts["considered"], "balance", "balances")
    if "count" in facts:
        facts["creators"] = plural(facts["count"], "creator", "creators")
    return facts
