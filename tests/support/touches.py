"""Touches of an order as attribution judges them, short to write in a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from portal.ambassadors.models import MembershipStatus
from portal.attribution.facts import OrderFacts, ProgramTerms, Touch, TouchKind
from portal.attribution.rules import credit_for
from portal.programs.models import (
    BindingRule,
    BindingYields,
    ClickRule,
    CodePolicy,
    CustomerRule,
    RenewalRule,
    SplitRule,
)
from portal.programs.rules import AttributionTerms
from portal.tracking.models import CodeStatus

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ORDER = OrderFacts(placed_at=NOON, recorded_at=NOON + timedelta(seconds=22), is_paid=True)
A, B, C = 1, 2, 3


def terms(
    code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK, window_days=30, id=7, **more
):
    more = AttributionTerms(**more)
    return ProgramTerms(id, 3, window_days, code_policy, click_rule, more, "USD")


def code(of=A, word="", *, status=CodeStatus.ACTIVE, discount_bp=1500, id=0, since=0, **more):
    values = {
        "kind": TouchKind.CODE, "touch_id": id or of * 10, "ambassador_id": of, "program_id": 1,
        "at": NOON - timedelta(days=90 - since), "membership": MembershipStatus.ACTIVE,
        "member_since": NOON - timedelta(days=90), "code": word or "ABC"[of - 1] + "DA15",
        "status": status, "discount_bp": discount_bp,
    }  # fmt: skip
    return Touch(**(values | more))


def click(of=A, days=1, *, id=0, **more):
    values = {
        "kind": TouchKind.CLICK, "touch_id": id or 1000 - int(days * 10) + of, "ambassador_id": of,
        "program_id": 1, "at": NOON - timedelta(days=days), "membership": MembershipStatus.ACTIVE,
        "member_since": NOON - timedelta(days=90),
    }  # fmt: skip
    return Touch(**(values | more))


def brought(of=A, kind=TouchKind.RENEWAL, days=30, **more):
    """The subscription (or the customer) is hers since so many days."""
    return replace(click(of, days, id=500 + of, **more), kind=kind)


def by_hand(of=A, **more):
    return replace(click(of, 0, id=900 + of, **more), kind=TouchKind.HAND)


def decide(*touches, order=ORDER, **policy):
    return credit_for(order, touches, {1: terms(**policy)})


touches = st.lists(
    st.one_of(
        st.builds(
            code, st.sampled_from([A, B, C]), status=st.sampled_from(CodeStatus),
            discount_bp=st.sampled_from([500, 1500]), since=st.integers(0, 3), id=st.integers(10, 40),
            evidence=st.sampled_from([(), ("surname",), ("email",), ("ip", "surname")]),
        ),
        st.builds(
            click, st.sampled_from([A, B, C]), st.integers(0, 40), id=st.integers(100, 160),
            membership=st.sampled_from([MembershipStatus.ACTIVE, MembershipStatus.PAUSED]),
            stands_down=st.sampled_from(["", "checkout"]),
        ),
        st.builds(
            brought, st.sampled_from([A, B, C]),
            st.sampled_from([TouchKind.RENEWAL, TouchKind.BINDING]), st.integers(1, 90),
        ),
    ),
    max_size=6, unique_by=lambda touch: (touch.kind, touch.touch_id),
)  # fmt: skip

more_terms = st.fixed_dictionaries(
    {
        "customers": st.sampled_from(CustomerRule), "minimum_minor": st.sampled_from([0, 5_000]),
        "stand_down": st.booleans(), "binding": st.sampled_from(BindingRule),
        "binding_yields": st.sampled_from(BindingYields), "split": st.sampled_from(SplitRule),
        "renewals": st.sampled_from(RenewalRule), "renewal_charges": st.integers(0, 4),
        "renewal_months": st.integers(0, 2), "first_charges": st.integers(0, 3),
        "grace_days": st.sampled_from([0, 30]), "later_rate_bp": st.just(500),
    }
)  # fmt: skip
orders = st.builds(
    replace, st.just(ORDER), base_minor=st.sampled_from([0, 4_999, 8_000]),
    currency=st.sampled_from(["USD", "EUR"]), is_paid=st.sampled_from([True, True, False]),
    is_new_customer=st.sampled_from([None, True, False]), charges_before=st.integers(0, 5),
    is_duplicate=st.sampled_from([False, False, True]),
)  # fmt: skip
