"""Wishes of creators for a code of their own choice, and the brand's answers."""

from portal.ambassadors import queries as ambassadors
from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs import queries as programs
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import (
    commands,
    issue_queries,
    pattern_rules,
    queries,
    rules,
    settings_queries,
)
from portal.tracking.issue_models import CodeRequest
from portal.tracking.models import CodeStatus, DiscountCode, RequestStatus


def request_code(ambassador_id: int, wanted: str, why: str, *, by: int | None) -> CodeRequest:
    """Ask the brand for a code; nothing changes before its answer.

    Raises InvalidInput when nobody could have it: ill-formed, blocked, taken; Conflict while the
    membership is not active, or another wish is open.
    """
    ambassador = ambassadors.ambassador(ambassador_id)
    if not ambassador.is_active:
        raise Conflict("Your membership is not active, so it cannot get another code now.")
    latest = issue_queries.latest_requests([ambassador_id]).get(ambassador_id)
    if latest is not None and latest.is_open:
        raise Conflict(f"You have asked for {latest.wanted} already. Wait for the answer.")
    code = rules.check_code(wanted)
    words = [one.word for one in settings_queries.blocked_words(ambassador.brand_id)]
    if pattern_rules.blocking_word(code, words):
        raise InvalidInput("wanted", f"{code} cannot be used as a code. Choose another word.")
    if issue_queries.taken_among(ambassador.brand_id, [rules.lookalike(code)]):
        name = creators.creator(ambassador.creator_id).name
        discount_bp = programs.program(ambassador.program_id).discount_bp
        free = ", ".join(queries.suggestions(ambassador.brand_id, name, discount_bp))
        raise InvalidInput("wanted", f"{code} is taken. Free are: {free}.")
    request = CodeRequest(
        brand_id=ambassador.brand_id, ambassador_id=ambassador_id, wanted=code,
        why=why.strip()[:300], asked_at=clock.now(),
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    audit.note(by, "code.wished", request.id, brand_id=request.brand_id, wanted=code)
    return request


def withdraw_request(request_id: int, *, by: int | None) -> CodeRequest:
    """Take a wish back. Raises Conflict once it is answered."""
    return _answer(request_id, RequestStatus.WITHDRAWN, "", by)


def decline_request(request_id: int, answer: str, *, by: int | None) -> CodeRequest:
    """Say no, with a reason she reads. Raises Conflict when it was answered before."""
    if not answer.strip():
        raise InvalidInput("answer", "Say why: the creator reads it.")
    return _answer(request_id, RequestStatus.DECLINED, answer, by)


def approve_request(
    request_id: int, grace_days: int | None, *, by: int | None
) -> DiscountCode:  # fmt: skip
    """Give her the code she asked for, at once. Her present code goes on for `grace_days` (0–30)
    more, or for good when that is None.

    Raises InvalidInput when the code was taken meanwhile, Conflict when the wish was answered
    before or the membership is not active.
    """
    request = _answer(request_id, RequestStatus.APPROVED, "", by)
    ambassador = ambassadors.ambassador(request.ambassador_id)
    present = queries.current_codes([ambassador.id]).get(ambassador.id)
    has_present = present is not None and present.status in (CodeStatus.ACTIVE, CodeStatus.PAUSED)
    if present is not None and has_present and grace_days is not None:
        code = commands.replace_code(present.id, request.wanted, grace_days, by=by)
    else:
        if not ambassador.is_active:
            raise Conflict("The membership is not active, so it cannot get a new code now.")
        name = creators.creator(ambassador.creator_id).name
        discount_bp = programs.program(ambassador.program_id).discount_bp
        discount_bp = present.discount_bp if present else discount_bp
        code = commands.reserve_code(ambassador.id, request.wanted, name, discount_bp, by=by)
        code = commands.activate_code(code.id, by=by)
    request.code_id = code.id
    return code


def _answer(request_id: int, status: RequestStatus, answer: str, by: int | None) -> CodeRequest:
    request = lock(CodeRequest, request_id)
    if not request.is_open:
        raise Conflict(f"This wish was {request.status} already.")
    request.status, request.answer = status, answer.strip()[:300]
    request.decided_at, request.decided_by = clock.now(), by
    audit.note(
        by, f"code.wish-{status}", request.id, brand_id=request.brand_id, wanted=request.wanted
    )
    return request
