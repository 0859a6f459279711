"""What a creator sees of terms and tiers she is asked about."""

from collections.abc import Sequence
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.consents import queries
from portal.consents.subjects import SUBJECTS, Row
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel.errors import NotFound
from portal.programs import queries as programs
from portal.programs import rate_wording, rules, wording
from portal.programs.models import CommissionTerms
from portal.tiers import queries as tiers
from portal.tiers import wording as tier_wording
from portal.tiers.models import TierLadder


def proposal(creator_id: int, program_public_id: str, word: str, number: int) -> dict[str, Any]:
    """One version beside hers. Raises NotFound where she is no member, or it takes nothing from
    her."""
    subject = SUBJECTS[word]
    member, program = _membership(creator_id, program_public_id)
    versions = {one.version: one for one in subject.versions_of(program.id)}
    row = versions.get(number)
    step = queries.step_of(member, row.id, subject) if row else None
    if row is None or step is None or not step.lost:
        raise NotFound()
    before, brand = versions[step.before.number], identity.brand(program.brand_id)
    return {
        "member": member, "program": program, "brand": brand, "version": row, "before": before,
        "subject": subject, "step": step, "zone": creators.creator(creator_id).zone,
        "refusal": "", **_change(before, row, brand.zone, member),
    }  # fmt: skip


def _change(before: Row, after: Row, zone: str, member: Ambassador) -> dict[str, Any]:
    """What is other: figures of the terms, and sentences of either."""
    figures: dict[str, Any] = {"old": None, "summary": ""}
    said: list[Sequence[str]] = [_tiers_in_words(one) for one in (before, after)]
    if isinstance(before, CommissionTerms) and isinstance(after, CommissionTerms):
        old, new = programs.facts_of(before), programs.facts_of(after)
        said = [
            rate_wording.sentences_for(
                one, zone, member.public_id, (), tiers.present_names(member.program_id)
            )
            for one in (old, new)
        ]
        figures = {
            "old": old, "new": new, "changed": wording.changed_choices(old, new),
            "hold_words": rules.hold_words, "summary": after.summary,
        }  # fmt: skip
    return figures | {
        "rates": [(one, one in said[0]) for one in said[1]],
        "rates_gone": [one for one in said[0] if one not in said[1]],
    }


def _tiers_in_words(row: Row) -> Sequence[str]:
    if not isinstance(row, TierLadder) or not row.steps:
        return ["There are no tiers: the rates of the terms hold for everybody."]
    return tier_wording.ladder_in_words(tiers.facts_of(row))


def _membership(creator_id: int, public_id: str) -> tuple[Ambassador, Any]:
    for member in ambassadors.of_creator(creator_id):
        program = programs.program(member.program_id)
        if program.public_id == public_id:
            return member, program
    raise NotFound()
