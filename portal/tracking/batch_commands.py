"""Many codes at once: asked for in one step, made in chunks by a job, each code once (R41, R42)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.audit import commands as audit
from portal.creators.models import Creator
from portal.jobs.commands import announce_each, enqueue
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs import queries as programs
from portal.storage.insert_once import insert_missing
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import issue_queries, pattern_rules, rules, settings_queries, validity_rules
from portal.tracking.events import CodeActivated
from portal.tracking.issue_models import CodeBatch, CodePool, PooledCode
from portal.tracking.models import BatchKind, BatchStatus, CodeChange, CodeStatus, DiscountCode
from portal.tracking.pattern_rules import CodeFacts
from portal.tracking.validity_rules import Validity

CHUNK = 1_000
MOST_CODES = 100_000
ROUNDS = 14  # of looking for a free code for everybody in a chunk; the last ones are pure chance
PROBLEMS_KEPT = 100
JOB = "tracking.fill_batch"


def ask_batch(
    brand_id: int, program_id: int, kind: BatchKind, *, by: int | None, pattern: str = "",
    discount_bp: int = 0, count: int = 0, pool_name: str = "", source: str = "",
    validity: Validity | None = None,
) -> CodeBatch:  # fmt: skip
    """Ask for many codes; a job makes them. `count` is for pools, `source` (one code on each
    line) for files; ambassadors get one each.

    Raises InvalidInput for a pattern, number or file that cannot be, Conflict when the program
    has no active ambassador.
    """
    program = programs.program(program_id)
    validity = validity_rules.checked(validity or Validity(), clock.now())
    if kind is not BatchKind.FILE:
        pattern = pattern_rules.checked_pattern(pattern, for_pool=kind is BatchKind.POOL)
    lines = _lines(source) if kind is BatchKind.FILE else []
    wanted = {
        BatchKind.AMBASSADORS: active_count(program_id), BatchKind.POOL: count,
        BatchKind.FILE: len(lines),
    }[kind]  # fmt: skip
    _check_size(kind, wanted)
    batch = CodeBatch(
        brand_id=brand_id, program_id=program.id, kind=kind, pattern=pattern,
        discount_bp=discount_bp, wanted=wanted, source="\n".join(lines), by_id=by,
        created_at=clock.now(), valid_from=validity.valid_from, valid_until=validity.valid_until,
        use_limit=validity.use_limit,
    )  # fmt: skip
    if kind is not BatchKind.AMBASSADORS:
        batch.pool_id = _pool_for(batch, pool_name).id
    db.session.add(batch)
    db.session.flush()
    audit.note(by, "batch.asked", batch.id, brand_id=brand_id, kind=kind.value, wanted=wanted)
    enqueue(JOB, {"batch_id": batch.id}, dedupe=f"batch:{batch.id}", total=wanted)
    return batch


def active_count(program_id: int) -> int:
    """How many ambassadors of a program would get a code now."""
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(Ambassador)
            .where(
                Ambassador.program_id == program_id, Ambassador.status == MembershipStatus.ACTIVE
            )
        )
        or 0
    )


def _check_size(kind: BatchKind, wanted: int) -> None:
    if kind is BatchKind.AMBASSADORS and not wanted:
        raise Conflict("This program has no active ambassador to give a code to.")
    if kind is BatchKind.POOL and not 1 <= wanted <= MOST_CODES:
        raise InvalidInput("count", f"A pool takes 1 to {MOST_CODES:,} codes at once.")
    if kind is BatchKind.FILE and not 1 <= wanted <= MOST_CODES:
        raise InvalidInput("file", f"The file needs 1 to {MOST_CODES:,} lines, one code on each.")


def _lines(source: str) -> list[str]:
    """The cells of a file's first column, without a head line and empty ones."""
    cells = (line.split(",")[0].split(";")[0].strip().strip('"') for line in source.splitlines())
    found = [cell[:80] for cell in cells if cell]
    is_head = bool(found) and found[0].casefold() in ("code", "codes", "coupon", "discount code")
    return found[1:] if is_head else found


def _pool_for(batch: CodeBatch, name: str) -> CodePool:
    if not name.strip():
        raise InvalidInput("pool_name", "Give the pool a name.")
    pool = CodePool(
        brand_id=batch.brand_id, program_id=batch.program_id, name=name.strip()[:80],
        discount_bp=batch.discount_bp, created_at=clock.now(), by_id=batch.by_id,
    )  # fmt: skip
    db.session.add(pool)
    db.session.flush()
    return pool


def fill_some(batch_id: int) -> tuple[int, int, bool]:
    """Make the next chunk of a batch. Returns (looked at, wanted, whether that was all).

    Safe to repeat: what a chunk made and where the next begins are one transaction.
    """
    batch = lock(CodeBatch, batch_id)
    if batch.status is BatchStatus.DONE:
        return batch.wanted, batch.wanted, True
    batch.status = BatchStatus.RUNNING
    fill = {
        BatchKind.AMBASSADORS: _for_ambassadors, BatchKind.POOL: _for_pool,
        BatchKind.FILE: _from_file,
    }[batch.kind]  # fmt: skip
    is_done = fill(batch)
    if is_done:
        batch.status, batch.finished_at, batch.source = BatchStatus.DONE, clock.now(), ""
        audit.note(
            batch.by_id, "batch.done", batch.id, brand_id=batch.brand_id, made=batch.made,
            skipped=batch.skipped,
        )  # fmt: skip
    return min(batch.made + batch.skipped, batch.wanted), batch.wanted, is_done


# ---- a code for every ambassador
def _for_ambassadors(batch: CodeBatch) -> bool:
    people = db.session.execute(
        select(Ambassador.id, Creator.name, Creator.handle)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(
            Ambassador.program_id == batch.program_id, Ambassador.id > batch.position,
            Ambassador.status == MembershipStatus.ACTIVE,
        )
        .order_by(Ambassador.id)
        .limit(CHUNK)
    ).all()  # fmt: skip
    if not people:
        return True
    words = [one.word for one in settings_queries.blocked_words(batch.brand_id)]
    program, year = programs.program(batch.program_id).slug, clock.now().year
    waiting = {
        ambassador_id: pattern_rules.ideas_from(
            batch.pattern, CodeFacts(name, handle, program, batch.discount_bp, year), words
        )
        for ambassador_id, name, handle in people
    }
    for _ in range(ROUNDS):
        chosen = _distinct_free(batch.brand_id, waiting)
        _issue(batch, chosen)
        got = _owners(batch, list(waiting))
        waiting = {key: ideas for key, ideas in waiting.items() if key not in got}
        if not waiting:
            break
    _finish_chunk(batch, people[-1][0], len(people) - len(waiting), len(waiting))
    for ambassador_id, name, _ in people:
        if ambassador_id in waiting:
            _problem(batch, name, "No free code was found.")
    return len(people) < CHUNK


def _distinct_free(brand_id: int, waiting: dict[int, Iterator[str]]) -> dict[int, str]:
    """Everybody's next idea, where nobody has it and nobody else of the chunk chose it."""
    ideas = {key: next(source) for key, source in waiting.items()}
    looks = {key: rules.lookalike(idea) for key, idea in ideas.items()}
    seen = issue_queries.taken_among(brand_id, looks.values())
    chosen: dict[int, str] = {}
    for key, look in looks.items():
        if look not in seen:
            seen.add(look)
            chosen[key] = ideas[key]
    return chosen


def _issue(batch: CodeBatch, chosen: dict[int, str]) -> None:
    now = clock.now()
    validity = Validity(batch.valid_from, batch.valid_until, batch.use_limit)
    status = validity_rules.first_status(validity, now)
    insert_missing(DiscountCode, [
        {
            "public_id": codes.public_id("code"), "brand_id": batch.brand_id,
            "ambassador_id": key, "code": code, "folded": code,
            "lookalike": rules.lookalike(code), "status": status,
            "discount_bp": batch.discount_bp, "reserved_at": now, "activated_at": now,
            "valid_from": batch.valid_from, "valid_until": batch.valid_until,
            "use_limit": batch.use_limit, "batch_id": batch.id,
        }
        for key, code in chosen.items()
    ])  # fmt: skip
    _begin_histories(batch, list(chosen), status, validity, now)


def _begin_histories(
    batch: CodeBatch, ambassador_ids: Sequence[int], status: CodeStatus, validity: Validity,
    now: datetime,
) -> None:  # fmt: skip
    ids = db.session.scalars(
        select(DiscountCode.id)
        .outerjoin(CodeChange, CodeChange.code_id == DiscountCode.id)
        .where(
            DiscountCode.batch_id == batch.id, DiscountCode.ambassador_id.in_(ambassador_ids),
            CodeChange.id.is_(None),
        )
    ).all()  # fmt: skip
    ahead = validity_rules.changes_ahead(status, validity, now, is_activated=True)
    rows: list[dict[str, Any]] = [
        {"code_id": code_id, "status": word, "at": at, "by_id": batch.by_id, "reason": reason}
        for code_id in ids
        for at, word, reason in [(now, status, "issued in a batch"), *ahead]
    ]
    if rows:
        db.session.execute(insert(CodeChange), rows)
    if status is CodeStatus.ACTIVE:
        announce_each([CodeActivated(code_id) for code_id in ids])


def _owners(batch: CodeBatch, ambassador_ids: Sequence[int]) -> set[int]:
    return set(
        db.session.scalars(
            select(DiscountCode.ambassador_id).where(
                DiscountCode.batch_id == batch.id, DiscountCode.ambassador_id.in_(ambassador_ids)
            )
        )
    )


# ---- codes that are nobody's yet
def _for_pool(batch: CodeBatch) -> bool:
    size = min(CHUNK, batch.wanted - batch.made)
    facts = CodeFacts(
        program=programs.program(batch.program_id).slug, discount_bp=batch.discount_bp,
        year=clock.now().year,
    )  # fmt: skip
    words = [one.word for one in settings_queries.blocked_words(batch.brand_id)]
    ideas = (pattern_rules.code_from(batch.pattern, facts) for _ in range(4 * size))
    usable = (idea for idea in ideas if pattern_rules.is_usable(idea, words))
    wanted = {rules.lookalike(idea): idea for idea in islice(usable, size)}
    made = _pool(batch, wanted)
    _finish_chunk(batch, batch.position + 1, made, 0)
    if not made:
        _problem(batch, batch.pattern, "The pattern has no free code left. Use more chance.")
        batch.skipped = batch.wanted - batch.made
    return batch.made + batch.skipped >= batch.wanted


def _pool(batch: CodeBatch, wanted: dict[str, str]) -> int:
    taken = issue_queries.taken_among(batch.brand_id, wanted)
    return insert_missing(PooledCode, [
        {"brand_id": batch.brand_id, "pool_id": batch.pool_id, "code": code, "lookalike": look}
        for look, code in wanted.items()
        if look not in taken
    ])  # fmt: skip


def _from_file(batch: CodeBatch) -> bool:
    lines = batch.source.split("\n")[batch.position : batch.position + CHUNK]
    words = [one.word for one in settings_queries.blocked_words(batch.brand_id)]
    wanted: dict[str, str] = {}
    for line in lines:
        code = codes.folded(line)
        look = rules.lookalike(code)
        if not pattern_rules.is_usable(code, words):
            _problem(batch, line[:40], _why_not(code, words))
        elif look in wanted:
            _problem(batch, line[:40], "It stands in the file twice, or reads like one above it.")
        else:
            wanted[look] = code
    taken = issue_queries.taken_among(batch.brand_id, wanted)
    for look in taken:
        _problem(batch, wanted.pop(look), "The brand has or had a code that reads like it.")
    made = _pool(batch, wanted)
    _finish_chunk(batch, batch.position + len(lines), made, len(lines) - made)
    return batch.position >= batch.wanted


def _why_not(code: str, words: Sequence[str]) -> str:
    if not codes.is_well_formed(code):
        return "A code has 3 to 20 letters A–Z and digits, without spaces or signs."
    word = pattern_rules.blocking_word(code, words)
    return f"It holds {word}, which your block-list has." if word else "It cannot be used."


def _finish_chunk(batch: CodeBatch, position: int, made: int, skipped: int) -> None:
    batch.position, batch.made = position, batch.made + made
    batch.skipped += skipped


def _problem(batch: CodeBatch, what: str, why: str) -> None:
    if len(batch.problems) < PROBLEMS_KEPT:
        batch.problems = [*batch.problems, [what, why]]
