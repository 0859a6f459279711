"""Change a program's own way with codes and links, and the words a brand blocks."""

from collections.abc import Mapping

from sqlalchemy import delete

from portal.audit import commands as audit
from portal.kernel import clock, codes
from portal.kernel.errors import InvalidInput
from portal.programs.models import Program
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import pattern_rules, settings_queries
from portal.tracking.issue_models import BlockedWord, CodePool, TrackingSettings

MOST_WORDS = 500


def save_settings(
    program_id: int, *, pattern: str, utm: Mapping[str, str], pool_id: int | None, by: int | None
) -> TrackingSettings:  # fmt: skip
    """Set how codes of a program are made and what its links add. An empty pattern means the
    usual one. Holds for what is made from now on. Raises InvalidInput."""
    program = lock(Program, program_id)
    kept = pattern_rules.checked_utm(utm)
    pattern = pattern_rules.checked_pattern(pattern) if pattern.strip() else ""
    pool = db.session.get(CodePool, pool_id) if pool_id else None
    if pool_id and (pool is None or pool.brand_id != program.brand_id):
        raise InvalidInput("pool", "This pool is not yours.")
    settings = settings_queries.settings_of(program_id)
    if settings is None:
        settings = TrackingSettings(brand_id=program.brand_id, program_id=program_id)
        db.session.add(settings)
    settings.pattern, settings.utm, settings.pool_id = pattern, kept, pool_id
    audit.note(
        by, "tracking-settings.saved", program_id, brand_id=program.brand_id, pattern=pattern,
        pool_id=pool_id,
    )  # fmt: skip
    return settings


def block_word(brand_id: int, typed: str, *, by: int | None) -> str:
    """No new code of the brand may hold this word from now on; twice is once. Returns the word.
    Raises InvalidInput for what no code could hold anyway."""
    word = codes.folded(typed)
    if not (codes.is_well_formed(word) and len(word) <= codes.CODE_MAX):
        raise InvalidInput("word", "A word has 3 to 20 letters A–Z and digits, without spaces.")
    present = {one.word for one in settings_queries.blocked_words(brand_id)}
    if word in present:
        return word
    if len(present) >= MOST_WORDS:
        raise InvalidInput("word", f"The list is full: it has {MOST_WORDS} words.")
    db.session.add(BlockedWord(brand_id=brand_id, word=word, created_at=clock.now(), by_id=by))
    audit.note(by, "word.blocked", brand_id, brand_id=brand_id, word=word)
    return word


def allow_word(brand_id: int, word: str, *, by: int | None) -> None:
    """Take a word off the block-list; one that is not on it stays off it."""
    found = delete(BlockedWord).where(BlockedWord.brand_id == brand_id, BlockedWord.word == word)
    if change(found):
        audit.note(by, "word.allowed", brand_id, brand_id=brand_id, word=word)
