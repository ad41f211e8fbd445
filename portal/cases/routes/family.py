"""The family log: how the family was reached or missed, and what was agreed with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import family as actions
from portal.cases.actions.file import begin
from portal.cases.forms.family import YES, ContactForm, CorrectionForm, HomeTaskForm
from portal.cases.models import Case, FamilyContact
from portal.cases.queries import family as queries
from portal.cases.queries import files
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.routes.working import worked_on
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.web import paging
from portal.web.database import office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        guardians = files.guardians_of(reading, case.child_id)
        after, _before = paging.position(paging.moment, UUID)
        log = queries.log(reading, case.id, after)
        form = ContactForm.as_sent(tried)
        form.offer(guardians)
        if form is not tried:
            form.begin_new()
        return {
            "contact_form": form,
            "lines": log.lines,
            "later": after is not None,
            "next_url": paging.link(paging.AFTER, log.after),
            "standing": queries.standing(reading, case.id),
            "most_missed": office()["missed_contacts"],
            "home_tasks": queries.open_home_tasks(reading, case.id),
            "guardians": guardians,
            "all_kept_out": queries.all_kept_out(guardians),
            "today": clock.today(),
            "button": PortalForm(formdata=None),
            "error_form": tried,
        }

    return shell.show(case_id, "family", "cases/family.html", fill, status=status, tried=tried)


def _back(case_id: str) -> str:
    return url_for("cases.family", case_id=case_id)


def _contact(reading: Session, case: Case, contact_id: str) -> FamilyContact:
    return queries.get_contact(reading, case.id, contact_id) or abort(404)


@bp.get("/kasus/<public_id:case_id>/keluarga")
@allow(Permission.CASE_LIST)
def family(case_id: str) -> ResponseReturnValue:
    """Show how the office and the family stand, and their contacts."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/keluarga")
@allow(Permission.CASE_WORK)
def add_contact(case_id: str) -> ResponseReturnValue:
    """Write a contact into the log."""
    case = worked_on(case_id)
    form = ContactForm()
    form.offer(files.guardians_of(reader(), case.child_id))

    def act(writing: Session, case: Case) -> None:
        actions.add_contact(writing, actor(), case, form.to_command())

    done = i18n.gettext("The contact is in the log.")
    return shell.carry_out(case_id, form, act, done, _page, _back(case_id))


def _contact_page(
    case_id: str, contact_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        # The form names the guardians.
        if not opened.works:
            abort(404)
        contact = _contact(reading, opened.case, contact_id)
        guardians = files.guardians_of(reading, opened.case.child_id)
        form = CorrectionForm.of(contact, guardians)
        return {
            "contact": contact,
            "form": tried if isinstance(tried, CorrectionForm) else form,
            "error_form": tried,
        }

    return shell.show(case_id, "family", "cases/contact.html", fill, status=status, tried=tried)


@bp.get("/kasus/<public_id:case_id>/keluarga/<public_id:contact_id>")
@allow(Permission.CASE_LIST)
def contact(case_id: str, contact_id: str) -> ResponseReturnValue:
    """Show a contact of the log, to put it right."""
    return _contact_page(case_id, contact_id)


@bp.post("/kasus/<public_id:case_id>/keluarga/<public_id:contact_id>")
@allow(Permission.CASE_WORK)
def correct_contact(case_id: str, contact_id: str) -> ResponseReturnValue:
    """Put right what the log says of a contact."""
    case = worked_on(case_id)
    record = _contact(reader(), case, contact_id)
    form = CorrectionForm()
    form.offer(files.guardians_of(reader(), case.child_id), record.guardian_id)

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        record = _contact(writing, case, contact_id)
        guardians = files.guardians_of(writing, case.child_id)
        form.check_version(record, CorrectionForm.of(record, guardians))
        actions.correct_contact(writing, actor(), case, record, form.to_command())

    def again(_case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return _contact_page(case_id, contact_id, status, tried)

    done = i18n.gettext("The log is put right.")
    return shell.carry_out(case_id, form, act, done, again, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/keluarga/<public_id:contact_id>/tugas")
@allow(Permission.CASE_WORK)
def answer_home_task(case_id: str, contact_id: str) -> ResponseReturnValue:
    """Note whether a family did what was agreed."""
    _contact(reader(), worked_on(case_id), contact_id)
    form = HomeTaskForm()

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        record = _contact(writing, case, contact_id)
        done = form.done.data == YES
        actions.answer_home_task(writing, actor(), case, record, done=done)

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), _page, _back(case_id))
