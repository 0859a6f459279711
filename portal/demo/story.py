"""Half a year of Northlight Coffee, told through the portal's own commands.

Each chapter runs at the time it happened (`clock.at`), and the worker drains after it, so the
demo's books were written exactly as an installation's would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from urllib.parse import urlsplit

from flask import current_app

from portal.demo import (
    cast,
    doubts_chapter,
    finance_chapter,
    gifts_chapter,
    growth_chapter,
    joining,
    selling,
    tax_chapter,
    verdicts_chapter,
    work_chapter,
)
from portal.factors import commands as factors
from portal.factors.rules import new_secret
from portal.identity import commands as identity
from portal.identity import queries as people
from portal.identity.models import Brand
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import commands as programs
from portal.programs.models import Program
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.statements import jobs as statements
from portal.storage.unit_of_work import unit_of_work

RATES = RateTable(
    rules=(
        RateRule(
            1, Basis.PERCENT, 800, conditions=(Condition(Asks.CATEGORY, ("Equipment",)),), since=2
        ),
        RateRule(
            2, Basis.PERCENT, 1500, since=2,
            conditions=(Condition(Asks.CATEGORY, ("Gifts",)), Condition(Asks.CUSTOMER, ("new",))),
        ),
    )
)  # fmt: skip
DAYS = 180
ORDERS_EACH = 25  # per ambassador: 1,500 for the 60 of the usual demo
APPLICANTS = 20
AGREEMENT = """\
You tell people about Northlight in your own words, and you say clearly that you earn from it: \
each post begins with #ad or another plain label.

You do not bid on our name in search ads, do not publish your code on coupon sites, and do not \
buy with your own code.

We pay the commission of the terms in force on the day of each purchase, once the time for \
returns is over, every month, from the minimum on. When a buyer sends something back, the \
commission on that part comes off.

Either side can end this at any time. What was earned before stays yours."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the chapters need to know; `staff` holds user ids by role key."""

    brand: Brand
    program: Program
    connection_id: int
    staff: dict[str, int]
    now: datetime


def fill(ambassadors: int) -> None:
    """Tell the story once; an existing demo is left as it is."""
    if people.brand_id_of(cast.BRAND_SLUG) is not None:
        return
    now, chance = clock.now(), Random("northlight")
    with clock.at(now - timedelta(days=DAYS + 10)):
        stage = _found(now)
    members = joining.welcome_all(stage, ambassadors, chance)
    finance_chapter.offer_ways(stage)
    finance_chapter.connect_accounts(stage, members, chance)
    tax_chapter.sign_forms(stage, members)
    selling.sell(stage, members, ORDERS_EACH * ambassadors, chance)
    with clock.at(now):
        growth_chapter.promise(stage, members)
        joining.applicants(stage, members, APPLICANTS)
        work_chapter.briefs(stage, members)
        worker.drain()
        doubts_chapter.tell(stage, members)
        verdicts_chapter.tell(stage, members)
        tax_chapter.tend(stage, members)
        gifts_chapter.tell(stage, members)
        finance_chapter.run_in_review(stage)
        statements.publish_due()
        worker.drain()


def _found(now: datetime) -> Stage:
    with unit_of_work():
        staff = _people()
        owner = staff["manager"]
        brand = _brand(staff)
        connection = sales.connect(brand.id, Source.SHOPIFY, name="northlight.example")
        program = _program(brand, owner)
        programs.publish_terms(
            program.id, rate_bp=1200, hold_days=30, window_days=30, by=owner,
            effective_at=now - timedelta(days=60), summary="12% of each sale",
            rates=RATES,
        )  # fmt: skip
    return Stage(brand, program, connection.id, staff, now)


def _people() -> dict[str, int]:
    staff = {}
    for role in cast.ROLES:
        user = identity.register(email=role.email, name=role.name, password=cast.PASSWORD)
        user.is_operator = role.is_operator
        if role.has_app:
            factors.give_app(user.id, new_secret())
        staff[role.key] = user.id
    return staff


def _brand(staff: dict[str, int]) -> Brand:
    home = f"{current_app.config['PORTAL'].base_url}/demo/shop"
    brand = identity.create_brand(
        name=cast.BRAND_NAME, slug=cast.BRAND_SLUG, currency=cast.CURRENCY, zone=cast.ZONE, by=None,
        website=home, allowed_hosts=[urlsplit(home).netloc], country="US", colour="#8F3A1D",
        tagline="Good coffee, passed on.", brief_fee_limit_minor=20_000,
    )  # fmt: skip
    for role in cast.STAFF:
        for capability in role.capabilities:
            identity.grant(
                brand_id=brand.id, user_id=staff[role.key], capability=capability, by=None
            )
    return brand


def _program(brand: Brand, by: int) -> Program:
    program = programs.create_program(
        brand.id, "Northlight ambassadors", slug=cast.PROGRAM_SLUG, by=by,
        pitch="Good coffee, passed on.",
        description="Share Northlight with people who trust your taste. They get 15% off, "
                    "you get a share of every bag, paid monthly.",
        discount_bp=1500, countries=["US", "CA"], min_followers=3000, min_engagement_bp=300,
        pay_day=5, answer_days=3, questions=["Why Northlight?", "What would you make first?"],
    )  # fmt: skip
    programs.publish_terms(
        program.id, rate_bp=1000, hold_days=30, window_days=30, by=by, summary="10% of each sale"
    )
    programs.publish_agreement(
        program.id, AGREEMENT, by=by, summary="Say that it is an ad. No coupon sites. Paid monthly."
    )
    programs.set_minimum(brand.id, Money(2500, cast.CURRENCY), by=by)
    programs.open_applications(program.id, by=by)
    return program
