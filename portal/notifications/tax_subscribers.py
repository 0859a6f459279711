"""Who is told what (UX §5, 38): a tax form is needed, cannot be used, or lapses."""

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import email_of_creator
from portal.tax import queries as tax
from portal.tax import wording
from portal.tax.events import TaxFormAsked, TaxFormExpiring, TaxFormRejected
from portal.tax.models import ReminderReason
from portal.web.formatting import day


def on_tax_form_asked(event: TaxFormAsked) -> None:
    """A brand asks for a form."""
    reminder = tax.reminder(event.reminder_id)
    assert reminder.brand_id is not None, "a brand asks"
    send(
        "tax_form_needed", reminder.id, email_of_creator(reminder.creator_id),
        brand=identity.brand(reminder.brand_id).name, link=link_to("tax_creator.overview"),
    )  # fmt: skip


def on_tax_form_expiring(event: TaxFormExpiring) -> None:
    """Her form lapses in 60 or 14 days, or has lapsed."""
    reminder = tax.reminder(event.reminder_id)
    assert reminder.form_id is not None, "a form lapses"
    form = tax.form(reminder.form_id)
    assert form.expires_on is not None, "only such a form is reminded of"
    send(
        "tax_form_expiring", reminder.id, email_of_creator(reminder.creator_id),
        form=wording.KINDS[form.kind], has_lapsed=reminder.reason is ReminderReason.EXPIRED,
        on=f"{day(form.expires_on)} {form.expires_on.year}",
        link=link_to("tax_creator.overview"),
    )  # fmt: skip


def on_tax_form_rejected(event: TaxFormRejected) -> None:
    """A payer cannot use her form; she reads why."""
    decision = tax.decision(event.decision_id)
    form = tax.form(decision.form_id)
    creator = creators.creator(form.creator_id)
    send(
        "tax_form_rejected", event.epoch_seconds, email_of_creator(creator.id),
        form=wording.KINDS[form.kind], brand=identity.brand(decision.brand_id).name,
        reason=decision.reason, link=link_to("tax_creator.overview"),
    )  # fmt: skip
