"""The steps of a referral: one form, one address, one step each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.queries import decisions, files
from portal.core import i18n
from portal.core.access import Permission
from portal.core.errors import Rejected
from portal.referrals.actions import answering, drafting, ending, proposing, sending
from portal.referrals.forms import referrals as forms
from portal.referrals.forms.answers import PaperForm, check_file, kinds_for
from portal.referrals.models import Provider, Referral
from portal.referrals.queries.links import live_link
from portal.referrals.routes import shell
from portal.referrals.routes.blueprint import bp
from portal.referrals.routes.of_case import offer
from portal.referrals.routes.referral import referral_page
from portal.referrals.states import ReferralState
from portal.web import throttle
from portal.web.database import database, office, reader
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import page, whole_address
from portal.web.storage import store

Act = Callable[[Session, Case, Referral], None]
PLACE = "/kasus/<public_id:case_id>/rujukan/<public_id:referral_id>"


def _carry_out(
    case_id: str, referral_id: str, form: PortalForm, act: Act, done: str
) -> ResponseReturnValue:
    def again(status: int, tried: PortalForm) -> ResponseReturnValue:
        return referral_page(case_id, referral_id, status, tried)

    def on_it(writing: Session, case: Case) -> None:
        act(writing, case, shell.find(writing, case, referral_id))

    to = url_for("referrals.show", case_id=case_id, referral_id=referral_id)
    return shell.carry_out(case_id, form, on_it, done, again, to)


def _found(case_id: str, referral_id: str) -> tuple[Case, Referral]:
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    return case, shell.find(reader(), case, referral_id)


@bp.post(f"{PLACE}/ubah")
@allow(Permission.CASE_WORK)
def change(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Write a draft anew."""
    form = forms.DraftForm()
    offer(form, reader(), *_found(case_id, referral_id))

    def act(writing: Session, case: Case, referral: Referral) -> None:
        drafting.begin_with(writing, actor(), case, referral)
        offer(form, writing, case, referral)
        shown = forms.DraftForm.of(referral, writing.get_one(Provider, referral.provider_id))
        offer(shown, writing, case, referral)
        form.check_version(referral, shown)
        drafting.change(writing, actor(), case, referral, form.to_command())

    return _carry_out(case_id, referral_id, form, act, i18n.gettext("Saved."))


@bp.post(f"{PLACE}/ajukan")
@allow(Permission.CASE_WORK)
def propose(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Ask somebody else for their word."""
    form = forms.ProposalForm()
    form.offer_bases(decisions.bases_in_force(reader()))

    def act(writing: Session, case: Case, referral: Referral) -> None:
        proposing.propose(writing, actor(), case, referral, form.to_proposal())

    done = i18n.gettext("Proposed. A colleague who does not work on this case decides.")
    return _carry_out(case_id, referral_id, form, act, done)


@bp.post(f"{PLACE}/kirim")
@allow(Permission.CASE_WORK)
def send(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Freeze what is told, and show the provider's link, once."""
    return _with_link(case_id, referral_id, sending.send)


@bp.post(f"{PLACE}/tautan")
@allow(Permission.CASE_WORK)
def make_link(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Show a new link, once; the one before leads nowhere from now on."""
    return _with_link(case_id, referral_id, sending.make_link)


def _with_link(case_id: str, referral_id: str, make: Callable[..., str]) -> ResponseReturnValue:
    form, tokens = PortalForm(), []

    def act(writing: Session, case: Case) -> None:
        tokens.append(make(writing, actor(), case, shell.find(writing, case, referral_id)))

    if shell.try_out(case_id, form, act):
        return referral_page(case_id, referral_id, form.reply_status, form)
    with database().reader() as reading:
        case = files.get_file(reading, actor(), case_id) or abort(404)
        referral = shell.find(reading, case, referral_id)
        provider = reading.get_one(Provider, referral.provider_id)
        link = live_link(reading, referral) or abort(404)
        return page(
            "referrals/link.html",
            case=case,
            referral=referral,
            provider=provider,
            link=link,
            **_hand_over(referral, provider, i18n.day_date(link.expires_at), tokens[0]),
        )


def _hand_over(referral: Referral, provider: Provider, day: str, token: str) -> dict[str, Any]:
    """Return a text that names neither a child nor what it needs, and the ways to hand it over."""
    text = i18n.gettext(
        "%(office)s has sent you referral %(number)s. Open this link on the device you will answer "
        "with; it opens there only, until %(day)s: %(link)s",
        office=office()["office_name"],
        number=referral.number,
        day=day,
        link=whole_address("referrals.door", token=token),
    )
    subject = i18n.gettext("Referral %(number)s", number=referral.number)
    mail = urlencode({"subject": subject, "body": text}, quote_via=quote)
    return {
        "text": text,
        "whatsapp": whatsapp_text(text, provider.phone),
        "mail": f"mailto:{quote(provider.email)}?{mail}" if provider.email else None,
    }


@bp.post(f"{PLACE}/jawaban")
@allow(Permission.CASE_WORK)
def note_answer(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Write down what came on paper or by phone."""
    _case, found = _found(case_id, referral_id)
    form = PaperForm()
    form.offer(kinds_for(ReferralState(found.state)))
    content = form.sent_file()
    checked = None
    if content is not None and form.validate_on_submit():
        try:
            throttle.count_upload()
            checked = check_file(content)
        except Rejected as problem:
            form.attach(problem)
            return referral_page(case_id, referral_id, form.reply_status, form)

    def act(writing: Session, case: Case, referral: Referral) -> None:
        command = form.to_command(checked)
        answering.note_answer(writing, actor(), store(), case, referral, command)

    return _carry_out(case_id, referral_id, form, act, i18n.gettext("The answer is written down."))


@bp.post(f"{PLACE}/sudah-dibaca")
@allow(Permission.CASE_WORK)
def mark_read(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Take an answer off the list of what waits."""

    def act(writing: Session, case: Case, referral: Referral) -> None:
        answering.mark_read(writing, actor(), case, referral)

    done = i18n.gettext("It no longer waits for you.")
    return _carry_out(case_id, referral_id, PortalForm(), act, done)


@bp.post(f"{PLACE}/selesai")
@allow(Permission.CASE_WORK)
def end(case_id: str, referral_id: str) -> ResponseReturnValue:
    """End a referral; its provider reads nothing of it any more."""
    form = forms.EndForm()

    def act(writing: Session, case: Case, referral: Referral) -> None:
        reason, cost = form.end_reason.data or "", form.real_cost.data or 0
        ending.end(writing, actor(), case, referral, reason, cost)

    done = i18n.gettext("The referral is ended. The provider can read nothing of it any more.")
    return _carry_out(case_id, referral_id, form, act, done)


@bp.post(f"{PLACE}/batal")
@allow(Permission.CASE_WORK)
def cancel(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Call a referral off."""
    form = forms.CancelForm()

    def act(writing: Session, case: Case, referral: Referral) -> None:
        ending.cancel(writing, actor(), case, referral, form.cancel_reason.data or "")

    done = i18n.gettext("The referral is called off.")
    return _carry_out(case_id, referral_id, form, act, done)


@bp.post(f"{PLACE}/alihkan")
@allow(Permission.CASE_WORK)
def propose_transfer(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Propose that the provider goes on with the whole case."""
    form = forms.TransferForm()
    form.offer_bases(decisions.bases_in_force(reader()))

    def act(writing: Session, case: Case, referral: Referral) -> None:
        proposing.propose_transfer(writing, actor(), case, referral, form.to_reasons())

    done = i18n.gettext("Proposed. The division head decides about it.")
    return _carry_out(case_id, referral_id, form, act, done)
