"""Every job by name, and how often the scheduled ones run (seconds)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from portal.api import jobs as api
from portal.appeals import jobs as appeals
from portal.applications import jobs as applications
from portal.attribution import jobs as attribution
from portal.bonuses import jobs as bonuses
from portal.briefs import jobs as briefs
from portal.chain import jobs as chain
from portal.click_pay import jobs as click_pay
from portal.commissions import jobs as commissions
from portal.config import Settings
from portal.destinations import jobs as destinations
from portal.exceptions import jobs as exceptions
from portal.files import jobs as files
from portal.flags import jobs as flags
from portal.integrations import jobs as integrations
from portal.invoices import jobs as invoices
from portal.ledger import jobs as ledger
from portal.notifications import jobs as notifications
from portal.notifications import queries as messages
from portal.payouts import jobs as payouts
from portal.proposals import jobs as proposals
from portal.referrals import jobs as referrals
from portal.rewards import jobs as rewards
from portal.sales import jobs as sales
from portal.standings import jobs as standings
from portal.statements import jobs as statements
from portal.tax import jobs as tax
from portal.terms import jobs as terms
from portal.tracking import jobs as tracking
from portal.webhooks import jobs as webhooks

# Jobs that need nothing of the outside world.
ALONE: Mapping[str, Callable[..., None]] = {
    "sales.match_waiting": sales.match_waiting,
    "applications.tidy": applications.tidy,
    "applications.decide_each": applications.decide_each,
    "briefs.tend_briefs": briefs.tend_briefs,
    "commissions.mature_due": commissions.mature_due,
    "bonuses.look": bonuses.look,
    "click_pay.close_days": click_pay.close_days,
    "rewards.look": rewards.look,
    "referrals.tend": referrals.tend,
    "ledger.check_books": ledger.check_books,
}


def job_functions(settings: Settings, adapters: Any) -> Mapping[str, Callable[..., None]]:
    """Job name → function, with the outside world already handed in."""
    rails, instance = adapters.rails, settings.instance
    return {
        **ALONE,
        "notifications.deliver": partial(notifications.deliver, mailer=adapters.mailer),
        "notifications.deliver_each": partial(notifications.deliver_each, mailer=adapters.mailer),
        "chain.seal": partial(chain.seal_new, settings.data),
        "chain.verify": partial(chain.verify, settings.data),
        "proposals.end_waits": proposals.end_waits,
        "exceptions.look": partial(exceptions.look, refused_mail=messages.refused_to_payees),
        "appeals.tend": appeals.tend,
        "flags.look": flags.look,
        "terms.try_on_orders": terms.try_on_orders,
        "terms.forget_old": terms.forget_old,
        "standings.look": standings.look,
        "tracking.tend_codes": tracking.tend_codes,
        "attribution.exhaust_codes": attribution.exhaust_codes,
        "tracking.fill_batch": tracking.fill_batch,
        "tracking.check_links": partial(
            tracking.check_links, allows_loopback=settings.demo or settings.testing
        ),
        "tracking.forget_addresses": partial(
            tracking.forget_addresses, keep_hours=settings.click_ip_hours
        ),
        "api.note_use": partial(api.note_use, settings.data),
        "api.forget_answers": api.forget_answers,
        **_shop_jobs(settings, adapters),
        "webhooks.deliver": partial(webhooks.deliver, allows_loopback=settings.is_rehearsal),
        "webhooks.replay_rest": webhooks.replay_rest,
        "webhooks.queue_overdue": webhooks.queue_overdue,
        "webhooks.forget_old": webhooks.forget_old,
        "statements.publish_due": statements.publish_due,
        "invoices.write_due": invoices.write_due,
        "destinations.remind": destinations.remind,
        "destinations.read_account": partial(destinations.read_account, rails=rails),
        "tax.tend_forms": tax.tend_forms,
        "files.return_unclaimed": files.return_unclaimed,
        "files.write": partial(files.write, formats=adapters.formats),
        "files.write_waiting": partial(files.write_waiting, formats=adapters.formats),
        "payouts.calculate_run": payouts.calculate_run,
        "payouts.execute_run": partial(payouts.execute_run, rails=rails, instance=instance),
        "payouts.send_batch": partial(payouts.send_batch, rails=rails, instance=instance),
        "payouts.send_payout": partial(payouts.send_payout, rails=rails, instance=instance),
        "payouts.resolve_waiting": payouts.resolve_waiting,
        "payouts.hold_disputed": payouts.hold_disputed,
        "payouts.free_stopped": partial(payouts.free_stopped, rails=rails, instance=instance),
        "payouts.finish_runs": partial(payouts.finish_runs, rails=rails, instance=instance),
    }


def _shop_jobs(settings: Settings, adapters: Any) -> Mapping[str, Callable[..., None]]:
    shops, instance = adapters.shops, settings.instance
    return {
        "integrations.check_access": partial(integrations.check_access, shops=shops),
        "integrations.subscribe": partial(
            integrations.subscribe, shops=shops, base_url=settings.base_url
        ),
        "integrations.push_all": integrations.push_all,
        "integrations.push_code": partial(integrations.push_code, shops=shops, instance=instance),
        "integrations.learn_promotions": partial(integrations.learn_promotions, shops=shops),
        "integrations.reconcile": partial(integrations.reconcile, shops=shops),
        "integrations.reconcile_due": integrations.reconcile_due,
        "integrations.read_upload": integrations.read_upload,
        "integrations.forget_bodies": partial(
            integrations.forget_bodies, keep_days=settings.raw_body_days
        ),
    }


SCHEDULE: Mapping[str, int] = {
    "sales.match_waiting": 60,
    "applications.tidy": 3600,
    "briefs.tend_briefs": 300,
    "commissions.mature_due": 60,
    "bonuses.look": 900,
    "click_pay.close_days": 900,
    "rewards.look": 900,
    "referrals.tend": 900,
    "ledger.check_books": 3600,
    "chain.seal": 60,
    "chain.verify": 86_400,
    "proposals.end_waits": 600,
    "exceptions.look": 600,
    "appeals.tend": 600,
    "flags.look": 900,
    "tracking.tend_codes": 300,
    "attribution.exhaust_codes": 60,
    "tracking.check_links": 300,
    "tracking.forget_addresses": 3600,
    "api.note_use": 60,
    "api.forget_answers": 86400,
    "integrations.reconcile_due": 3600,
    "integrations.forget_bodies": 86_400,
    "webhooks.queue_overdue": 300,
    "webhooks.forget_old": 86_400,
    "terms.forget_old": 86_400,
    "standings.look": 600,
    "statements.publish_due": 3600,
    "invoices.write_due": 3600,
    "destinations.remind": 3600,
    "tax.tend_forms": 3600,
    "files.return_unclaimed": 3600,
    "files.write_waiting": 60,
    "payouts.resolve_waiting": 30,
    "payouts.finish_runs": 30,
}
