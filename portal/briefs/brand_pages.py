"""What the brand's pages show: gathered here, so that the doors stay short."""

from datetime import date, datetime
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.briefs import (
    budget_queries,
    budget_rules,
    commands,
    offer,
    queries,
    reading,
    rules,
    submission_queries,
)
from portal.briefs.forms import ApprovalForm, BriefForm, ChangesForm, CommentForm, typed
from portal.briefs.models import Brief, BriefStatus
from portal.briefs.submission_queries import Review
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotAllowed
from portal.programs import queries as programs
from portal.web.forms import SelectChoice
from portal.web.guards import person
from portal.web.reply import reply

BRIEF_VIEWS = (("open", "Open"), ("approval", "Awaiting approval"), ("draft", "Drafts"),
               ("scheduled", "Scheduled"), ("closed", "Closed"))  # fmt: skip
REVIEW_VIEWS = (("review", "To review"), ("changes", "Changes sent"), ("approved", "Approved"),
                ("rejected", "Rejected"))  # fmt: skip
ACTIONS = ("edit", "ask approval", "open", "return", "pause", "resume", "close")


def url_of(found: Brief) -> str:
    """A brief's own page."""
    return url_for("briefs_brand.brief", brand_id=found.brand_id, brief=found.public_id)


def review_url(found: Review, anchor: str | None = None) -> str:
    """A version's own page."""
    sent = found.submission
    return url_for(
        "briefs_brand.review", brand_id=sent.brand_id, submission=sent.public_id, _anchor=anchor
    )


def decided(found: Review, said: str) -> ResponseReturnValue:
    """Back to the queue after a decision."""
    return reply(then=url_for("briefs_brand.review_queue", brand_id=found.submission.brand_id),
                 said=said)  # fmt: skip


def about(found: Brief) -> dict[str, Any]:
    """A brief with its text, figures, people and what the signed-in person may do with it."""
    text, reach, limit = queries.text_of(found), queries.reach(found), commands.fee_limit(found)
    budget = budget_queries.standing(found)
    return {
        "brand": identity.brand(found.brand_id), "brief": found, "row": queries.row_of(found),
        "reach": reach, "text": text, "program": programs.program(found.program_id),
        "pieces": offer.pieces_in_words(text.deliverables), "limit": limit,
        "most": rules.most_it_can_cost(found.fee, reach, found.capacity),
        "budget": budget,
        "shortfall": "" if found.opened_at else budget_rules.shortfall(budget, reach),
        "needs_second": rules.needs_second_person(found.fee, limit),
        "names": identity.users([user for user in (found.drafted_by, found.approved_by) if user]),
        "may_approve": rules.may_approve_brief(found.author_ids, person().id, found.fee, limit),
        "may_manage": person().may("brand.manager", found.brand_id),
        "may_draft": person().may("brand.reviewer", found.brand_id),
        "can": {action for action in ACTIONS if rules.can(found.status, action)},
        "platforms": reading.PLATFORM_WORDS,
    }  # fmt: skip


def brief_form(brand_id: int, found: Brief | None = None) -> BriefForm:
    """The form of a new or changed brief."""
    form = BriefForm(data=typed(queries.text_of(found), found.program_id) if found else {})
    offered = programs.programs_of(brand_id)
    form.program_id.choices = [SelectChoice(p.id, p.name) for p in offered]
    form.currency_code = identity.brand(brand_id).currency
    return form


def edit_page(
    brand_id: int, form: BriefForm, found: Brief | None, status: int = 0
) -> ResponseReturnValue:
    """The form, new, changed or refused."""
    status = status or (422 if form.is_submitted() else 200)
    brand = identity.brand(brand_id)
    return reply("briefs/brand/edit.html", status=status, brand=brand, form=form, brief=found)


def refuse_edit(found: Brief) -> None:
    """Raises Conflict for an ended brief, NotAllowed when an open one needs a manager."""
    if not rules.can(found.status, "edit"):
        raise Conflict(f"This brief is {found.status.value}, so it can no longer be changed.")
    if found.opened_at and not person().may("brand.manager", found.brand_id):
        raise NotAllowed("This brief is open. Only a manager changes it now.")


def saved_words(found: Brief) -> str:
    """What to say after a brief was saved."""
    if found.opened_at:
        return f"Version {found.version} is out. Accepted work keeps its own version."
    waits = found.status is BriefStatus.AWAITING_APPROVAL
    return "Sent for approval." if waits else "Saved as a draft."


def start_of(day: date | None, zone: str) -> datetime | None:
    """The first instant of a day that lies ahead; None means now."""
    return clock.start_of_day(day, zone) if day and day > clock.today(zone) else None


def override_page(found: Review, form: ApprovalForm, status: int = 0) -> ResponseReturnValue:
    """Asks why a version is approved although a check failed."""
    return reply(
        "briefs/brand/override.html", status=status or (422 if form.is_submitted() else 200),
        found=found, form=form, brand=identity.brand(found.submission.brand_id),
        failed=[check for check in found.checks if not check.passed],
        undisclosed=rules.undisclosed(found.checks),
    )  # fmt: skip


def review_page(
    found: Review,
    *,
    comment: CommentForm | None = None,
    changes: ChangesForm | None = None,
    status: int = 200,
    said: str | None = None,
) -> ResponseReturnValue:
    """A version: checks, caption with its changes, thread, the brief beside it."""
    sent, part = found.submission, found.assignment
    versions = [v for v in submission_queries.versions_of(part.id) if v.sent_at]
    before = next((v for v in reversed(versions) if v.version < sent.version), None)
    compared = before if request.args.get("changes") != "hidden" else None
    threads = submission_queries.threads_of(part.id)
    quotes = [(t.place, t.comment.quote) for t in threads if t.comment.quote]
    return reply(
        "briefs/brand/review.html", status=status, said=said, found=found,
        brand=identity.brand(part.brand_id), versions=versions, before=before, compared=compared,
        lines=reading.marked(sent.caption, compared.caption if compared else None, quotes),
        in_queue=submission_queries.place_in_queue(sent), threads=threads,
        open_count=len(queries.open_comments(part.id)),
        pieces=offer.pieces_in_words(found.text.deliverables), platforms=reading.PLATFORM_WORDS,
        comment=comment or CommentForm(formdata=None), form=comment or changes,
        changes=changes or ChangesForm(formdata=None), rounds_cap=rules.ROUNDS_CAP,
        undisclosed=rules.undisclosed(found.checks),
        may_review=person().may("brand.reviewer", part.brand_id),
    )  # fmt: skip
