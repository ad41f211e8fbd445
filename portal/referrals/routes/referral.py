"""One referral: what the provider reads, what was answered, and the steps that come next."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.queries import decisions, files
from portal.cases.queries.header import Opened
from portal.core import clock
from portal.core.access import Permission
from portal.referrals.actions.waiting import is_unread
from portal.referrals.forms import referrals as forms
from portal.referrals.forms.answers import PaperForm, kinds_for
from portal.referrals.models import Provider, Referral
from portal.referrals.queries import links, packets, quotas, referrals
from portal.referrals.routes import shell
from portal.referrals.routes.blueprint import bp
from portal.referrals.routes.of_case import offer
from portal.referrals.states import ReferralState
from portal.web.database import reader
from portal.web.download import hand_out
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow


def referral_page(
    case_id: str, referral_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Render a referral's page, with the forms of whoever works on the case."""

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        referral = shell.find(reading, opened.case, referral_id)
        year = quotas.year_of(referral)
        provider_id = referral.provider_id
        return {
            "referral": referral,
            "provider": reading.get_one(Provider, provider_id),
            "parts": packets.preview(reading, opened.case, referral),
            "naming": packets.NAMING,
            "missing": referrals.missing_consent(reading, opened.case),
            "year": year,
            "use": quotas.uses(reading, [provider_id], year)[provider_id],
            "answers": referrals.answers_of(reading, referral),
            "decision": referrals.decision_of(reading, referral),
            "link": links.live_link(reading, referral),
            "unread": is_unread(reading, opened.case, referral),
            "transfer_waits": referrals.transfer_waits(reading, referral),
            "today": clock.today(),
            "error_form": complaining(tried, shown=_is_shown(opened, referral, tried)),
            **(_forms(reading, opened, referral, tried) if opened.editable else {}),
        }

    return shell.show(case_id, "referrals/referral.html", fill, status)


def _is_shown(opened: Opened, referral: Referral, tried: PortalForm | None) -> bool:
    """Say whether the page still asks what was just answered."""
    handed_over = referral.whole_case and referral.is_taken_on
    return opened.editable and (handed_over or not isinstance(tried, forms.TransferForm))


def _forms(
    reading: Session, opened: Opened, referral: Referral, tried: PortalForm | None
) -> dict[str, Any]:
    """Return the forms that this referral needs now, the one just sent as it was."""
    paper_form = PaperForm.as_sent(tried)
    paper_form.offer(kinds_for(ReferralState(referral.state)))
    end_form = forms.EndForm.as_sent(tried)
    if end_form is not tried:
        end_form.real_cost.data = referral.expected_cost
    draft_form: Any = tried if isinstance(tried, forms.DraftForm) else None
    if draft_form is None:
        provider = reading.get_one(Provider, referral.provider_id)
        draft_form = forms.DraftForm.of(referral, provider)
    offer(draft_form, reading, opened.case, referral)
    proposal_form = forms.ProposalForm.as_sent(tried)
    transfer_form = forms.TransferForm.as_sent(tried)
    bases = decisions.bases_in_force(reading)
    for form in (proposal_form, transfer_form):
        form.prepare(opened.case, bases)
    return {
        "button": PortalForm(formdata=None),
        "draft_form": draft_form,
        "proposal_form": proposal_form,
        "transfer_form": transfer_form,
        "paper_form": paper_form,
        "end_form": end_form,
        "cancel_form": forms.CancelForm.as_sent(tried),
        "moves": referral.open_to(actor()),
    }


@bp.get("/kasus/<public_id:case_id>/rujukan/<public_id:referral_id>")
@allow(Permission.CASE_LIST)
def show(case_id: str, referral_id: str) -> ResponseReturnValue:
    """Show one referral."""
    return referral_page(case_id, referral_id)


@bp.get(
    "/kasus/<public_id:case_id>/rujukan/<public_id:referral_id>/jawaban/<public_id:answer_id>/berkas"
)
@allow(Permission.CASE_LIST)
def answer_file(case_id: str, referral_id: str, answer_id: str) -> ResponseReturnValue:
    """Hand out the file that came with an answer, to whoever may know the child's name."""
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    if not files.knows_name(reader(), actor(), case.id):
        abort(404)
    referral = shell.find(reader(), case, referral_id)
    answered = referrals.answers_of(reader(), referral)
    kept = next((each.file for each in answered if each.answer.public_id == answer_id), None)
    if kept is None:
        abort(404)
    shell.note_reading(case, file="answer")
    return hand_out(kept)
