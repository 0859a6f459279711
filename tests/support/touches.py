"""Touches of an order as attribution judges them, short to write in a test."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from portal.ambassadors.models import MembershipStatus
from portal.attribution.facts import OrderFacts, ProgramTerms, Touch, TouchKind
from portal.attribution.rules import credit_for
from portal.programs.models import ClickRule, CodePolicy
from portal.programs.rules import AttributionTerms
from portal.tracking.models import CodeStatus

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ORDER = OrderFacts(placed_at=NOON, recorded_at=NOON + timedelta(seconds=22), is_paid=True)
A, B, C = 1, 2, 3


def terms(
    code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK, window_days=30, id=7, **more
):
    return ProgramTerms(id, 3, window_days, code_policy, click_rule, AttributionTerms(**more))


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
    ),
    max_size=6, unique_by=lambda touch: (touch.kind, touch.touch_id),
)  # fmt: skip
