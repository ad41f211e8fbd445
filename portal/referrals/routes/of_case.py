"""The referrals of a case, and writing a new one."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.header import Opened
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.referrals.actions import drafting
from portal.referrals.forms.referrals import DraftForm
from portal.referrals.models import Referral
from portal.referrals.queries import packets, providers, referrals
from portal.referrals.routes import shell
from portal.referrals.routes.blueprint import bp
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow


def offer(form: DraftForm, reading: Session, case: Case, chosen: Referral | None = None) -> None:
    """Fill in the providers in use (and the one chosen before) and what can be told."""
    listed = providers.list_providers(reading, actor(), clock.today().year)
    usable = [
        each
        for each in listed
        if each.provider.active or (chosen and each.provider.id == chosen.provider_id)
    ]
    form.offer(usable, packets.offered(reading, case))


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        form = DraftForm.as_sent(tried)
        if opened.editable:
            offer(form, reading, opened.case)
        return {
            "sent": referrals.of_case(reading, actor(), opened.case),
            "missing": referrals.missing_consent(reading, opened.case),
            "form": form,
            "today": clock.today(),
        }

    return shell.show(case_id, "referrals/of_case.html", fill, status)


@bp.get("/kasus/<public_id:case_id>/rujukan")
@allow(Permission.CASE_LIST)
def of_case(case_id: str) -> ResponseReturnValue:
    """Show to whom a child was referred, and what came of it."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/rujukan")
@allow(Permission.CASE_WORK)
def draft(case_id: str) -> ResponseReturnValue:
    """Write a new referral."""
    form = DraftForm()
    offer(form, reader(), files.get_file(reader(), actor(), case_id) or abort(404))
    made: list[Referral] = []

    def act(writing: Session, case: Case) -> None:
        offer(form, writing, case)
        made.append(drafting.draft(writing, actor(), case, form.to_command()))

    if shell.try_out(case_id, form, act):
        return _page(case_id, form.reply_status, form)
    address = url_for("referrals.show", case_id=case_id, referral_id=made[0].public_id)
    return shell.go_on(i18n.gettext("The draft is saved. Check what the provider reads."), address)
