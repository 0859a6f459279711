"""Keep what looking at the destinations of links finds."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.audit import commands as audit
from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import health_rules
from portal.tracking.health_queries import SURE_FAILURES
from portal.tracking.health_rules import Finding
from portal.tracking.issue_models import LinkCheck
from portal.tracking.models import AffiliateLink, Health, LinkStatus

JOB = "tracking.check_links"
PAGES_AT_ONCE = 40


def due_pages() -> Sequence[str]:
    """Destinations of working links that it is time to look at, each once."""
    rows = db.session.scalars(
        select(AffiliateLink.destination_url)
        .outerjoin(LinkCheck, LinkCheck.link_id == AffiliateLink.id)
        .where(
            AffiliateLink.status == LinkStatus.ACTIVE,
            or_(
                LinkCheck.id.is_(None),
                LinkCheck.next_at <= clock.now(),
                LinkCheck.url != AffiliateLink.destination_url,
            ),
        )
        .distinct()
        .limit(PAGES_AT_ONCE)
    )
    return rows.all()


def note_finding(url: str, finding: Finding) -> int:
    """Keep what a look at this page found, for every working link that leads there. How many.

    The second failure in a row is told to the audit trail as broken, the first good look after
    it as mended.
    """
    rows = db.session.execute(
        select(AffiliateLink, LinkCheck)
        .outerjoin(LinkCheck, LinkCheck.link_id == AffiliateLink.id)
        .where(AffiliateLink.destination_url == url, AffiliateLink.status == LinkStatus.ACTIVE)
    ).all()
    for link, check in rows:
        _keep(link, check, finding)
    return len(rows)


def _keep(link: AffiliateLink, check: LinkCheck | None, finding: Finding) -> None:
    now = clock.now()
    if check is None:
        check = LinkCheck(link_id=link.id, brand_id=link.brand_id, failures=0)
        db.session.add(check)
    before = check.failures if check.url == link.destination_url else 0
    is_broken = finding.health is Health.BROKEN
    check.failures = before + 1 if is_broken else 0
    check.broken_since = (check.broken_since if before else now) if is_broken else None
    check.url, check.health, check.status = link.destination_url, finding.health, finding.status
    check.problem, check.leads_to = finding.problem[:200], finding.leads_to
    check.checked_at = now
    check.next_at = now + health_rules.again_after(finding, check.failures)
    if check.failures == SURE_FAILURES or (before >= SURE_FAILURES and not is_broken):
        act = "link.destination-broken" if is_broken else "link.destination-mended"
        audit.note(None, act, link.id, brand_id=link.brand_id, status=finding.status)


def ask_check(link_id: int, *, by: int | None) -> None:
    """Look at a link's destination within the next minute."""
    link = lock(AffiliateLink, link_id)
    check = db.session.scalar(select(LinkCheck).where(LinkCheck.link_id == link_id))
    if check is not None:
        check.next_at = clock.now()
    audit.note(by, "link.check-asked", link.id, brand_id=link.brand_id)
    enqueue(JOB, dedupe=JOB)
