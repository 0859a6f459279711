"""Raise flags, hold what they are about, and let people decide. Nothing here decides by itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.audit import commands as audit
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.commissions import rules as earned
from portal.commissions.models import Commission, CommissionStatus, VoidCode
from portal.flags import queries, rules, signal_queries
from portal.flags.events import FlagDecided, FlagRaised
from portal.flags.models import (
    ABOUT_CLICKS,
    UNDECIDED,
    DeclineReason,
    Flag,
    FlaggedCommission,
    FlagRules,
    FlagStatus,
    HeldState,
)
from portal.flags.rules import Thresholds
from portal.flags.signal_queries import Found
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

ENDINGS = {HeldState.RELEASED: FlagStatus.RELEASED, HeldState.DECLINED: FlagStatus.DECLINED}


def look_at(brand_id: int) -> int:
    """Compute a brand's signals and raise what they show. How many flags are new."""
    now, (thresholds, sites) = clock.now(), queries.rules_of(brand_id)
    found = signal_queries.signals(brand_id, now, thresholds, sites)
    return sum(raise_flag(brand_id, one, thresholds) is not None for one in found)


def raise_flag(brand_id: int, found: Found, thresholds: Thresholds) -> Flag | None:
    """Flag what was found, or add to the flag that is open about it; None when it is not new.

    The commissions it is about are held. After a decision the same thing is quiet for a window,
    and what was decided is not held for it again, so that nobody decides the same twice.
    """
    kind = found.evidence.kind
    quiet = clock.now() - timedelta(days=thresholds.window_days)
    flag = queries.open_about(brand_id, kind, found.subject)
    if flag is not None:
        flag = lock(Flag, flag.id)
        flag.seen_at = clock.now()
        _hold_all(flag, found, quiet)
        return None
    if queries.decided_since(brand_id, kind, found.subject, quiet):
        return None
    flag = open_flag(brand_id, found)
    held = _hold_all(flag, found, quiet)
    announce(FlagRaised(flag.id, held))
    return flag


def open_flag(brand_id: int, found: Found) -> Flag:
    """A new flag; what it is about is not held yet."""
    now = clock.now()
    flag = Flag(
        brand_id=brand_id, ambassador_id=found.ambassador_id, code_id=found.code_id,
        kind=found.evidence.kind, subject=found.subject, opened_at=now, seen_at=now,
        review_by=now + timedelta(days=rules.REVIEW_DAYS),
        evidence={"sentence": found.evidence.sentence,
                  "figures": [list(one) for one in found.evidence.figures]},
    )  # fmt: skip
    db.session.add(flag)
    db.session.flush()
    _note(flag, "raised", None, kind=flag.kind.value, sentence=found.evidence.sentence)
    return flag


def add_held(flag: Flag, commission_id: int, reason: str) -> HeldState:
    """Hold one commission for a flag, or hold it too where another flag does; money on its way or
    paid already stays untouched."""
    state = HeldState.HELD
    is_held = commissions.commission(commission_id).status is CommissionStatus.ON_HOLD
    if not (is_held and queries.flags_holding(commission_id)):
        try:
            with savepoint():
                earnings.hold(commission_id, reason, by=None)
        except Conflict:
            state = HeldState.UNTOUCHED
    db.session.add(
        FlaggedCommission(flag_id=flag.id, commission_id=commission_id, state=state, at=clock.now())
    )
    return state


def withhold_clicks(commission_ids: Sequence[int]) -> int:
    """Hold those of new commissions that clicks earned, of creators whose clicks an open flag says
    look wrong, as it holds their sales. How many."""
    held = 0
    for commission_id, flag_id in queries.click_pay_of_flagged(commission_ids):
        flag = lock(Flag, flag_id)
        if commission_id not in queries.commission_ids_of(flag.id):
            state = add_held(flag, commission_id, hold_reason(flag, rules.CLICKS_IN_DOUBT))
            held += state is HeldState.HELD
    db.session.flush()
    return held


def release(
    flag_id: int, *, by: int, note: str = "", commission_ids: Sequence[int] | None = None
) -> int:
    """Let what a flag holds go on (all of it, or these); the creator is told. What another flag
    holds too stays on hold for that one. How many."""
    return _decide(flag_id, HeldState.RELEASED, by, commission_ids, None, note)


def keep(flag_id: int, *, by: int, note: str = "") -> Flag:
    """Somebody looked and keeps the money held for now; it can be decided later."""
    flag = _waiting(flag_id)
    for row in queries.rows_in(flag.id, (HeldState.HELD,)):
        row.state, row.at, row.by_id = HeldState.KEPT, clock.now(), by
    flag.status, flag.note = FlagStatus.KEPT, note.strip() or flag.note
    flag.review_by = clock.now() + timedelta(days=rules.REVIEW_DAYS)
    _note(flag, "kept", by, note=note)
    return flag


def decline(
    flag_id: int, reason: DeclineReason, note: str, *, by: int,
    commission_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """Take back what a flag holds (all of it, or these), with a reason the creator reads (R62).

    Raises InvalidInput without a note. How many.
    """
    if not note.strip():
        raise InvalidInput("note", "Say why: the creator reads it.")
    return _decide(flag_id, HeldState.DECLINED, by, commission_ids, reason, note)


def clear(flag_id: int, note: str, *, by: int) -> Flag:
    """Somebody looked and nothing is wrong. Raises Conflict while it still holds money."""
    flag = _waiting(flag_id)
    if queries.rows_in(flag.id, UNDECIDED):
        raise Conflict("This flag holds money. Release it or decline it.")
    return _close(flag, FlagStatus.CLEARED, by, note)


def act_on(flag_id: int, note: str, *, by: int) -> Flag:
    """A suspected leak was acted on: the creator is told, the code replaced or kept."""
    return _close(_waiting(flag_id), FlagStatus.ACTED, by, note)


def follow(commission_id: int) -> None:
    """A held commission was released elsewhere (finance, an appeal): its flags take note."""
    for flag_id in queries.flags_holding(commission_id):
        flag = lock(Flag, flag_id)
        for row in queries.rows_in(flag_id, UNDECIDED, [commission_id]):
            row.state, row.at = HeldState.RELEASED, clock.now()
        db.session.flush()
        _close_when_done(flag, None, "released elsewhere")


def set_rules(
    brand_id: int, thresholds: dict[str, int], sites: str, *, by: int | None
) -> FlagRules:
    """Thresholds and coupon sites from now on. Raises InvalidInput for one that cannot be."""
    rules.checked_thresholds(thresholds)
    row = FlagRules(
        brand_id=brand_id, effective_at=clock.now(), thresholds=dict(thresholds),
        coupon_sites=rules.checked_sites(sites), by_id=by,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.note(by, "flag-rules.set", row.id, brand_id=brand_id, **thresholds)
    return row


# ---- inside
def _hold_all(flag: Flag, found: Found, since: datetime) -> int:
    """The orders that a flag is about; where clicks look wrong, what clicks earned lately too."""
    known = queries.commission_ids_about(flag.brand_id, flag.kind, flag.subject)
    reason = hold_reason(flag, found.evidence.to_creator)
    wanted = [*signal_queries.to_hold(found.order_ids, known)]
    if flag.kind in ABOUT_CLICKS:
        wanted += signal_queries.clicks_to_hold(flag.ambassador_id, since, known)
    held = 0
    for commission_id in wanted:
        held += add_held(flag, commission_id, reason) is HeldState.HELD
    db.session.flush()
    return held


def hold_reason(flag: Flag, words: str) -> str:
    """The fair sentence that a creator reads while her money is held."""
    brand = identity.brand(flag.brand_id)
    return rules.hold_sentence(words, brand.name, _day(flag.review_by, brand.zone))


def _decide(
    flag_id: int, state: HeldState, by: int, commission_ids: Sequence[int] | None,
    reason: DeclineReason | None, note: str,
) -> int:  # fmt: skip
    flag = _waiting(flag_id)
    rows = queries.rows_in(flag.id, UNDECIDED, commission_ids)
    if not rows and commission_ids is not None:
        raise Conflict("What you chose was decided meanwhile.")
    for row in rows:
        # A refund may have left nothing of it meanwhile, or finance may have decided: then it is
        # not on hold any more, or only for a dispute, and only the flag takes note.
        found = commissions.commission(row.commission_id)
        if found.status is CommissionStatus.ON_HOLD and reason is None:
            _let_go(flag, found, by)
        elif found.status is CommissionStatus.ON_HOLD and reason is not None:
            said = rules.decline_sentence(reason, note)
            earnings.void(found.id, said, by=by, code=VoidCode[reason.name])
        row.state, row.reason, row.at, row.by_id = state, reason, clock.now(), by
    db.session.flush()
    flag.note = note.strip() or flag.note
    _note(flag, state.value, by, count=len(rows), reason=reason.value if reason else "", note=note)
    _close_when_done(flag, by, note)
    announce(FlagDecided(flag.id))
    return len(rows)


def _let_go(flag: Flag, found: Commission, by: int) -> None:
    others = [one for one in queries.flags_holding(found.id) if one != flag.id]
    if others:
        words = hold_reason(queries.flag(min(others)), rules.STILL_IN_QUESTION)
        earnings.stay_on_hold(found.id, words, by=by)
    elif found.hold_reason != earned.DISPUTE:
        earnings.release(found.id, by=by)


def _close_when_done(flag: Flag, by: int | None, note: str) -> None:
    states = queries.states_of(flag.id)
    if any(states.get(one) for one in UNDECIDED):
        return
    ends = {state for state in ENDINGS if states.get(state)}
    status = ENDINGS[next(iter(ends))] if len(ends) == 1 else FlagStatus.DECIDED
    if not ends:
        status = FlagStatus.CLEARED
    _close(flag, status, by, note)


def _close(flag: Flag, status: FlagStatus, by: int | None, note: str) -> Flag:
    flag.status, flag.decided_at, flag.decided_by = status, clock.now(), by
    flag.note = note.strip() or flag.note
    _note(flag, "closed", by, status=status.value, note=note)
    return flag


def _waiting(flag_id: int) -> Flag:
    flag = lock(Flag, flag_id)
    if not flag.is_waiting:
        raise Conflict("Somebody has decided about this flag meanwhile.")
    return flag


def _day(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b}"


def _note(flag: Flag, act: str, by: int | None, **facts: object) -> None:
    audit.note(by, f"flag.{act}", flag.id, brand_id=flag.brand_id, **facts)
