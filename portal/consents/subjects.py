"""What ambassadors are asked about: a version of the terms, or of the tiers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.consents.models import TermsAnswer, TiersAnswer
from portal.programs import queries as programs
from portal.programs.models import CommissionTerms
from portal.tiers import queries as tiers
from portal.tiers.models import TierLadder

Row = CommissionTerms | TierLadder


@dataclass(frozen=True, slots=True)
class Subject:
    """One of them: its `word` in addresses and in the audit trail, the rows of its answers, and
    a program’s versions of it, newest first."""

    word: str
    answers: type[Any]
    versions_of: Callable[[int], Sequence[Row]]


def _ladders(program_id: int) -> Sequence[TierLadder]:
    return tiers.versions_of([program_id]).get(program_id, [])


TERMS = Subject("terms", TermsAnswer, programs.versions_of)
TIERS = Subject("tiers", TiersAnswer, _ladders)
SUBJECTS = {one.word: one for one in (TERMS, TIERS)}
