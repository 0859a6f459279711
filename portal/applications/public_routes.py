"""Doors for applicants: the application, the code by mail, the receipt."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.applications import commands, queries, rules, triage_commands
from portal.applications.forms import AnswerForm, ApplyForm, CodeForm, channel_row, typed_in
from portal.applications.models import Application
from portal.applications.rules import ChannelFacts
from portal.creators import queries as creators
from portal.extensions import limiter
from portal.identity import commands as identity
from portal.identity import queries as people
from portal.identity import sign_in as doorkeeper
from portal.identity.models import ChallengePurpose
from portal.kernel import clock, codes
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.programs.queries import Offer
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import PUBLIC, SIGNED_IN, opens_to, person
from portal.web.reply import is_htmx, reply

blueprint = Blueprint("applications_public", __name__, url_prefix="/p/<slug>/apply")

DRAFT_COOKIE = "draft"
ASKED = "apply"  # in the session: the challenge sent to the applicant's address
BY_ADDRESS = "60 per minute; 600 per hour"
APPLY = "applications/public/apply.html"
DRAFT = "applications/public/_draft.html"
VERIFY = "applications/public/verify.html"


@blueprint.get("")
@opens_to(PUBLIC)
def apply(slug: str) -> ResponseReturnValue:
    """The application, with what was typed before."""
    offer = _offer(slug)
    status = _where_she_stands(offer)
    if status is not None:
        return status
    draft = _draft(offer)
    known = typed_in(draft) if draft else _profile()
    if request.args.get("invite"):
        known["invite"] = request.args["invite"][:20]
    form = ApplyForm(formdata=None, data=known)
    return reply(APPLY, **_page(offer, form, draft, request.args.get("rows", 0, type=int)))


@blueprint.post("")
@opens_to(PUBLIC)
@limiter.limit(BY_ADDRESS)
def save(slug: str) -> ResponseReturnValue:
    """Keep what was typed; then, by the button pressed, add a row or send it in."""
    offer, form, asked = _offer(slug), ApplyForm(), request.form.get("do", "")
    token = request.cookies.get(DRAFT_COOKIE) or codes.secret()
    with unit_of_work():
        draft = commands.save_draft(offer.program.id, form.draft(offer.program), token=token)
    if asked == "send":
        return _remember(_send(offer, form, draft), slug, token)
    if asked == "channel":
        rows = len(form.channels) + 1
        return _remember(
            redirect(url_for(".apply", slug=slug, rows=rows) + "#channels", 303), slug, token
        )
    page = _page(offer, form, draft)
    then = None if is_htmx() else url_for(".apply", slug=slug)
    return _remember(reply(APPLY, DRAFT, then=then, **page), slug, token)


@blueprint.route("/verify", methods=["GET", "POST"])
@opens_to(PUBLIC)
@limiter.limit("20 per minute", methods=["POST"])
def verify(slug: str) -> ResponseReturnValue:
    """The six digits prove the address, make the account and send the application in."""
    offer, asked = _offer(slug), session.get(ASKED)
    draft = _draft(offer)
    if draft is None or not asked:
        return redirect(url_for(".apply", slug=slug), 303)
    form, challenge = CodeForm(), people.challenge_by_public_id(asked)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        email, status = doorkeeper.proven_email(form, asked, ChallengePurpose.APPLY)
        if email:
            return _submitted(offer, draft, email)
    return reply(VERIFY, status=status, form=form, offer=offer, challenge=challenge)


@blueprint.post("/verify/again")
@opens_to(PUBLIC)
@limiter.limit("6 per minute; 30 per hour")
def again(slug: str) -> ResponseReturnValue:
    """Send another code to the same address."""
    draft = _draft(_offer(slug))
    if draft is None:
        return redirect(url_for(".apply", slug=slug), 303)
    flash(_ask(draft.email), "success")
    return redirect(url_for(".verify", slug=slug), 303)


@blueprint.get("/sent")
@opens_to(SIGNED_IN)
def sent(slug: str) -> ResponseReturnValue:
    """The receipt, and from then on how the application stands."""
    offer = _offer(slug)
    application = _own(offer)
    if application is None:
        return redirect(url_for(".apply", slug=slug), 303)
    return _receipt(offer, application, AnswerForm(formdata=None))


@blueprint.post("/answer")
@opens_to(SIGNED_IN)
def answer(slug: str) -> ResponseReturnValue:
    """Answer what the brand asked later."""
    offer, form = _offer(slug), AnswerForm()
    application = _own(offer)
    if application is None:
        return redirect(url_for(".apply", slug=slug), 303)
    if not form.validate_on_submit():
        return _receipt(offer, application, form, 422)
    with unit_of_work():
        triage_commands.answer_info(application.id, form.answer.data, by=person().id)
    flash(f"Your answer is with {offer.brand.name}.", "success")
    return redirect(url_for(".sent", slug=slug), 303)


@blueprint.post("/withdraw")
@opens_to(SIGNED_IN)
def withdraw(slug: str) -> ResponseReturnValue:
    """Take the application back; another one may follow."""
    application = _own(_offer(slug))
    if application is not None:
        with unit_of_work():
            commands.withdraw(application.id, by=person().id)
        flash("Your application is withdrawn. You can apply again at any time.", "success")
    return redirect(url_for(".sent", slug=slug), 303)


def _send(offer: Offer, form: ApplyForm, draft: Application) -> ResponseReturnValue:
    if not form.validate():
        return reply(APPLY, status=422, **_page(offer, form, draft))
    try:
        commands.check_complete(draft, offer.program)
        if current_user.is_authenticated:
            return _submitted(offer, draft, current_user.email)
        _ask(draft.email)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(APPLY, status=422, **_page(offer, form, draft))
    return redirect(url_for(".verify", slug=offer.program.slug), 303)


def _ask(email: str) -> str:
    with unit_of_work():
        session[ASKED] = identity.start_challenge(email, ChallengePurpose.APPLY).public_id
    return "The newest code counts. It is on its way, or reached you less than 30 seconds ago."


def _submitted(offer: Offer, draft: Application, email: str) -> ResponseReturnValue:
    with unit_of_work():
        application = commands.submit(draft.id, email=email, zone=request.form.get("zone", ""))
        if not current_user.is_authenticated:
            doorkeeper.sign_in(creators.creator(application.creator_id or 0).user_id)
    response = redirect(url_for(".sent", slug=offer.program.slug), 303)
    response.delete_cookie(DRAFT_COOKIE, path=f"/p/{offer.program.slug}")
    return response


def _offer(slug: str) -> Offer:
    offer = programs.offer_at(slug)
    g.tenant = {"name": offer.brand.name,
                "theme_css": url_for("programs_public.theme", slug=slug)}  # fmt: skip
    return offer


def _draft(offer: Offer) -> Application | None:
    return queries.by_token(offer.program.id, request.cookies.get(DRAFT_COOKIE, ""))


def _receipt(
    offer: Offer, application: Application, form: AnswerForm, status: int = 200
) -> ResponseReturnValue:
    now, asked = clock.now(), rules.asked_later(application.answers)
    return reply(
        "applications/public/sent.html", status=status, offer=offer, application=application,
        shown=rules.shown_status(application, now), reasons=rules.DECLINE_REASONS, form=form,
        may_again=rules.may_apply_again(application, now), asked=asked[-1] if asked else None,
        until=rules.info_until(application),
        zone=creators.creator(application.creator_id or 0).zone,
    )  # fmt: skip


def _own(offer: Offer) -> Application | None:
    creator_id = getattr(current_user, "creator_id", None)
    found = queries.of_program(offer.program.id, creator_id) if creator_id else []
    return found[0] if found else None


def _where_she_stands(offer: Offer) -> ResponseReturnValue | None:
    """To the receipt if she has applied; to a closed program's page if it takes nobody."""
    application = _own(offer)
    slug = offer.program.slug
    if application is not None and not rules.may_apply_again(application, clock.now()):
        return redirect(url_for(".sent", slug=slug), 303)
    if not offer.program.is_open:
        return redirect(url_for("programs_public.program", slug=slug), 303)
    return None


def _profile() -> dict[str, Any]:
    """What we know of a signed-in person already is not asked twice (3.3.7)."""
    if not current_user.is_authenticated:
        return {}
    known: dict[str, Any] = {"name": current_user.name, "email": current_user.email}
    creator = creators.of_user(current_user.id)
    if creator is not None:
        known |= {"country": creator.country, "is_adult": creator.is_adult}
        known["channels"] = [
            channel_row(ChannelFacts(one.platform.value, one.handle, one.url, one.followers,
                                     one.likes_per_post, one.comments_per_post))
            for one in creators.channels_of(creator.id)
        ]  # fmt: skip
    return known


def _page(
    offer: Offer, form: ApplyForm, draft: Application | None, rows: int = 0
) -> dict[str, Any]:
    while len(form.channels) < min(rows, 8):
        form.channels.append_entry()
    while len(form.answers) < len(offer.program.questions):
        form.answers.append_entry()
    return {"offer": offer, "form": form, "draft": draft, "now": clock.now(),
            "is_signed_in": current_user.is_authenticated}  # fmt: skip


def _remember(response: ResponseReturnValue, slug: str, token: str) -> ResponseReturnValue:
    if isinstance(response, Response) and DRAFT_COOKIE not in str(
        response.headers.getlist("Set-Cookie")
    ):
        response.set_cookie(
            DRAFT_COOKIE, token, path=f"/p/{slug}", httponly=True, samesite="Lax",
            max_age=int(rules.DRAFT_KEPT.total_seconds()),
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
    return response
