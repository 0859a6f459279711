"""Forms that lapse: a reminder 60 and 14 days before, and on the day (R101)."""

from datetime import timedelta

from sqlalchemy import select

from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tax import commands
from portal.tax.form_rules import REMIND_DAYS
from portal.tax.models import FormStatus, TaxForm

FORMS_AT_ONCE = 200


def tend_forms() -> None:
    """Remind each creator whose form lapses, once per reminder, however often this runs."""
    today, after = clock.today("UTC"), 0
    while True:
        with unit_of_work():
            forms = db.session.scalars(
                select(TaxForm)
                .where(
                    TaxForm.status == FormStatus.SUBMITTED,
                    TaxForm.expires_on <= today + timedelta(days=REMIND_DAYS[0]),
                    TaxForm.id > after,
                )
                .order_by(TaxForm.id)
                .limit(FORMS_AT_ONCE)
            ).all()
            for form in forms:
                commands.remind_of_lapsing(form, today)
        if len(forms) < FORMS_AT_ONCE:
            return
        after = forms[-1].id
