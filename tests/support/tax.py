"""Forms that are signed in one line: `papers.w9(ada)`."""

from __future__ import annotations

from typing import Any

from portal.creators.models import Creator
from portal.kernel import clock
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax import commands, queries
from portal.tax.models import FormKind, FormState, Purpose, TaxForm
from portal.tax.rules import Policy
from tests.support.payees import Payees

ADDRESS = {"street": "1 Main St", "city": "Portland", "region": "OR", "postcode": "97201"}
SSN = "536-90-4399"


class Papers:
    """Builders for forms."""

    def __init__(self, payees: Payees) -> None:
        self.payees, self.brand = payees, payees.brand

    def signed(self, creator: Creator, kind: FormKind, **answers: str) -> TaxForm:
        """A form of this creator, signed with the name that stands in it."""
        said = {"name": creator.name, **ADDRESS, **answers}
        with unit_of_work():
            form = commands.start_form(creator.id, kind, by=creator.user_id)
            commands.save_draft(form.id, said)
            form = commands.sign(form.id, said["name"], by=creator.user_id)
        end_read()
        return form

    def w9(self, creator: Creator, **answers: str) -> TaxForm:
        given = {"classification": "individual", "tin_kind": "ssn", "tin": SSN}
        return self.signed(creator, FormKind.W9, **{**given, **answers})

    def w8ben(self, creator: Creator, **answers: str) -> TaxForm:
        given = {"citizenship": "CA", "country": "CA", "born_on": "1990-01-31", "tin": "046454286"}
        return self.signed(creator, FormKind.W8BEN, **{**given, **answers})

    def dac7(self, creator: Creator, **answers: str) -> TaxForm:
        given = {"country": "DE", "born_on": "1990-01-31", "tin_kind": "vat", "tin": "DE136695976"}
        return self.signed(creator, FormKind.DAC7, **{**given, **answers})

    def policy(self, **values: Any) -> None:
        """What the brand decides."""
        with unit_of_work():
            commands.set_policy(
                self.brand.id, Policy(is_default=False, **values), by=self.payees.faye.user_id
            )

    def state(self, creator: Creator, brand_id: int | None = None) -> FormState:
        """How her form stands with a brand now."""
        end_read()
        form = queries.current_forms([creator.id]).get((creator.id, Purpose.PAYER))
        if form is None:
            return FormState.NEEDED
        today = clock.today("UTC")
        return queries.states_of(brand_id or self.brand.id, [form], today)[form.id]
