"""What a creator sees of terms she is asked about."""

from collections.abc import Sequence
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.consents import queries
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel.errors import NotFound
from portal.programs import queries as programs
from portal.programs import rate_wording, rules, wording
from portal.programs.models import CommissionTerms


def proposal(creator_id: int, program_public_id: str, number: int) -> dict[str, Any]:
    """One version beside hers. Raises NotFound where she is no member, or it takes nothing from
    her."""
    member, program = _membership(creator_id, program_public_id)
    versions = {one.version: one for one in programs.versions_of(program.id)}
    terms = versions.get(number)
    step = queries.step_of(member, terms.id) if terms else None
    if terms is None or step is None or not step.lost:
        raise NotFound()
    before = versions[step.before.number]
    old, new = programs.facts_of(before), programs.facts_of(terms)
    brand = identity.brand(program.brand_id)
    rates, gone = _rates(before, terms, brand.zone, member)
    return {
        "member": member, "program": program, "brand": brand, "terms": terms, "before": before,
        "step": step, "old": old, "new": new, "rates": rates, "rates_gone": gone,
        "changed": wording.changed_choices(old, new), "hold_words": rules.hold_words,
        "zone": creators.creator(creator_id).zone, "refusal": "",
    }  # fmt: skip


def _membership(creator_id: int, public_id: str) -> tuple[Ambassador, Any]:
    for member in ambassadors.of_creator(creator_id):
        program = programs.program(member.program_id)
        if program.public_id == public_id:
            return member, program
    raise NotFound()


def _rates(
    before: CommissionTerms, after: CommissionTerms, zone: str, member: Ambassador
) -> tuple[list[tuple[str, bool]], Sequence[str]]:
    """The other rates she may read, (sentence, whether it stood before), and those that go."""
    said = [
        rate_wording.sentences_for(programs.facts_of(one), zone, member.public_id, ())
        for one in (before, after)
    ]
    gone = [one for one in said[0] if one not in said[1]]
    return [(one, one in said[0]) for one in said[1]], gone
