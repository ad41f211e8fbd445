"""The pages of a provider, who has no account: a link that opens once, in one browser.

Opening a page uses nothing up: programs that look at messages fetch every link in them. Whoever
opens the packet goes on at an address without the token, known by a cookie of this browser.
"""

from __future__ import annotations

from flask import current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.cases.models import Case
from portal.cases.states import CaseState
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import Rule
from portal.core.settings import REGISTRY
from portal.core.tokens import new_token
from portal.referrals.actions import answering, sending
from portal.referrals.forms.answers import AnswerForm, check_file, kinds_for
from portal.referrals.models import Provider, Referral, ReferralLink
from portal.referrals.queries import links, packets, referrals
from portal.referrals.routes.blueprint import bp
from portal.referrals.states import AnswerKind, ReferralState
from portal.web import throttle
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import public
from portal.web.render import page
from portal.web.storage import store

COOKIE = "rujukan"
# As long as a link can live at most.
COOKIE_SECONDS = REGISTRY["referral_link_days"].most * 24 * 3600
KNOCKS = Rule("referral_door", "60/hour")
SENDINGS = Rule("referral_answer", "30/hour")
FILES = Rule("referral_file", "10/hour")


def _cookie() -> str:
    # The prefix binds the cookie to this host; browsers accept it only with HTTPS.
    return f"__Host-{COOKIE}" if current_app.config["PORTAL"].https else COOKIE


def _browser() -> str | None:
    return request.cookies.get(_cookie()) or None


def _known_by(response: Response, browser: str) -> Response:
    """Give the browser a word to be known by; nothing is kept of it before a link is opened."""
    response.set_cookie(
        _cookie(),
        browser,
        max_age=COOKIE_SECONDS,
        secure=current_app.config["PORTAL"].https,
        httponly=True,
        samesite="Lax",
    )
    return response


def _page(template: str, *, status: int = 200, **context: object) -> Response:
    response = page(template, part=None, status=status, **context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _over(reason: str = "link_over", status: int = 410, written: str | None = None) -> Response:
    """Say that nothing can be read here; `written` are words of the reader's own, to be copied."""
    return _page("referrals/answer_over.html", status=status, reason=reason, written=written)


@bp.get("/rujukan/jawab/<token>")
@public
def door(token: str) -> ResponseReturnValue:
    """Show who sends something, and a button to open it."""
    found = links.find_link(reader(), token)
    if found is None:
        return _knocked_in_vain()
    link, referral = found
    if link.opened_at is None:
        return _door_page(PortalForm(formdata=None), token)
    if links.opened_in(link, _browser()):
        return redirect(url_for("referrals.packet", referral_id=referral.public_id), 303)
    return _over("link_used", 409)


def _knocked_in_vain() -> Response:
    try:
        throttle.count(KNOCKS, throttle.network())
    except Rejected:
        return _over(status=429)
    return _over()


def _door_page(form: PortalForm, token: str) -> Response:
    status = form.reply_status if form.errors else 200
    response = _page("referrals/answer_door.html", status=status, form=form, token=token)
    # Handed out before it is needed: should the answer to opening be lost, the browser has it.
    return _known_by(response, _browser() or new_token())


@bp.post("/rujukan/jawab/<token>")
@public
def open_packet(token: str) -> ResponseReturnValue:
    """Open a link in this browser, and go on at an address without it."""
    form = PortalForm()
    if not form.validate_on_submit():
        return _door_page(form, token)
    browser = _browser() or new_token()
    try:
        throttle.count(KNOCKS, throttle.network())
        with transaction(db()) as writing:
            referral = sending.open_link(writing, token, browser)
    except Rejected as problem:
        return _refused(problem, form, token)
    address = url_for("referrals.packet", referral_id=referral.public_id)
    return _known_by(make_response(redirect(address, 303)), browser)


def _refused(problem: Rejected, form: PortalForm, token: str) -> Response:
    if problem.code == "link_used":
        return _over("link_used", 409)
    if problem.code == "link_over":
        return _over()
    form.attach(problem)
    return _door_page(form, token)


@bp.get("/rujukan/jawaban/<public_id:referral_id>")
@public
def packet(referral_id: str) -> ResponseReturnValue:
    """Show what a provider is told, and ask for its answer."""
    found = links.find_opened(reader(), referral_id, _browser())
    if found is None:
        return _over()
    # It comes before anything is shown; if it cannot be written, nothing is.
    with database().side_write() as writing:
        sending.note_reading(writing, found[1])
    said = referrals.answers_of(reader(), found[1])
    # Who answered last most likely goes on, and need not write the name once more.
    name = said[-1].answer.given_by if said else ""
    return _packet_page(*found, AnswerForm(formdata=None, given_by=name))


def _packet_page(
    link: ReferralLink, referral: Referral, form: AnswerForm, status: int = 200
) -> Response:
    kinds = _kinds(referral)
    form.offer(kinds)
    return _page(
        "referrals/answer.html",
        status=status,
        form=form,
        kinds=kinds,
        referral=referral,
        provider=reader().get_one(Provider, referral.provider_id),
        parts=packets.packet_of(referral).parts or (),
        answers=referrals.answers_of(reader(), referral),
        link=link,
    )


def _kinds(referral: Referral) -> list[AnswerKind]:
    """Return what can be answered now; nothing about a case that is the office's no more."""
    case = reader().get_one(Case, referral.case_id)
    return kinds_for(ReferralState(referral.state)) if case.state == CaseState.OPEN else []


@bp.post("/rujukan/jawaban/<public_id:referral_id>")
@public
def answer(referral_id: str) -> ResponseReturnValue:
    """Take a provider's answer; where it comes too late, what was written is not lost."""
    form = AnswerForm()
    found = links.find_opened(reader(), referral_id, _browser())
    if found is None:
        return _over(written=form.text.data)
    form.offer(_kinds(found[1]))
    if form.validate_on_submit():
        try:
            return _take(found[1], form)
        except Rejected as problem:
            if problem.code == "link_over":
                return _over(written=form.text.data)
            form.attach(problem)
    return _packet_page(*found, form, form.reply_status)


def _take(referral: Referral, form: AnswerForm) -> ResponseReturnValue:
    throttle.count(SENDINGS, str(referral.id))
    content = form.sent_file()
    if content is not None:
        throttle.count(FILES, str(referral.id))
    command = form.to_command(check_file(content))
    with transaction(db()) as writing:
        answering.answer(writing, store(), referral.public_id, _browser(), command)
    if command.kind is AnswerKind.REFUSED:
        return redirect(url_for("referrals.refused"), 303)
    return redirect(url_for("referrals.packet", referral_id=referral.public_id), 303)


@bp.get("/rujukan/jawaban/terima-kasih")
@public
def refused() -> ResponseReturnValue:
    """Thank a provider who cannot help; nothing of the referral shows here any more."""
    return _page("referrals/answer_thanks.html")
