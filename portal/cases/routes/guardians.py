"""One guardian of a child: what is known of them, and whether they may be contacted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import identity as actions
from portal.cases.actions.file import begin
from portal.cases.forms.child import GuardianForm, KeepOutForm, LetInForm
from portal.cases.models import Case, Guardian
from portal.cases.queries import files, identity
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow

Change = Callable[[Session, Case, Guardian], None]


def _page(
    case_id: str, guardian_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        if not opened.child or not opened.editable:
            abort(404)
        guardian = identity.get_guardian(reading, opened.case, guardian_id) or abort(404)
        return {
            "guardian": guardian,
            "guardian_form": GuardianForm.shown(guardian, tried),
            "keep_out_form": KeepOutForm.as_sent(tried),
            "let_in_form": LetInForm.as_sent(tried),
            "button": PortalForm(formdata=None),
            "error_form": complaining(tried, shown=_is_shown(guardian, tried)),
        }

    return shell.show(case_id, "child", "cases/guardian.html", fill, status=status, tried=tried)


def _is_shown(guardian: Guardian, tried: PortalForm | None) -> bool:
    """Say whether the page still asks what was just answered."""
    return not isinstance(tried, LetInForm if not guardian.kept_out else KeepOutForm)


def _carry_out(
    case_id: str, guardian_id: str, form: PortalForm, change: Change, to: str
) -> ResponseReturnValue:
    """Do something about a guardian of this case's child, whoever works on the case."""
    found = files.get_file(reader(), actor(), case_id) or abort(404)
    identity.get_guardian(reader(), found, guardian_id) or abort(404)

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        guardian = identity.get_guardian(writing, case, guardian_id) or abort(404)
        change(writing, case, guardian)

    def again(case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return _page(case_id, guardian_id, status, tried)

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), again, to)


@bp.get("/kasus/<public_id:case_id>/anak/wali/<public_id:guardian_id>")
@allow(Permission.CASE_WORK)
def guardian(case_id: str, guardian_id: str) -> ResponseReturnValue:
    """Show a guardian for correction."""
    return _page(case_id, guardian_id)


@bp.post("/kasus/<public_id:case_id>/anak/wali/<public_id:guardian_id>")
@allow(Permission.CASE_WORK)
def change_guardian(case_id: str, guardian_id: str) -> ResponseReturnValue:
    """Correct what is known of a guardian."""
    form = GuardianForm()

    def change(writing: Session, case: Case, guardian: Guardian) -> None:
        form.check_version(guardian, GuardianForm.showing(guardian, formdata=None))
        actions.change_guardian(writing, actor(), case, guardian, form.to_command())

    return _carry_out(case_id, guardian_id, form, change, _child(case_id))


@bp.post("/kasus/<public_id:case_id>/anak/wali/<public_id:guardian_id>/jangan-hubungi")
@allow(Permission.CASE_WORK)
def keep_guardian_out(case_id: str, guardian_id: str) -> ResponseReturnValue:
    """Let a guardian hear of nothing and be asked for nothing."""
    form = KeepOutForm()

    def change(writing: Session, case: Case, guardian: Guardian) -> None:
        reason = form.kept_out_reason.data or ""
        actions.keep_out(writing, actor(), case, guardian, reason)

    return _carry_out(case_id, guardian_id, form, change, _child(case_id))


@bp.post("/kasus/<public_id:case_id>/anak/wali/<public_id:guardian_id>/boleh-dihubungi")
@allow(Permission.CASE_WORK)
def let_guardian_in(case_id: str, guardian_id: str) -> ResponseReturnValue:
    """Let a guardian be contacted again."""
    form = LetInForm()

    def change(writing: Session, case: Case, guardian: Guardian) -> None:
        actions.let_in(writing, actor(), case, guardian, form.let_in_reason.data or "")

    return _carry_out(case_id, guardian_id, form, change, _child(case_id))


@bp.post("/kasus/<public_id:case_id>/anak/wali/<public_id:guardian_id>/selesai")
@allow(Permission.CASE_WORK)
def end_guardian(case_id: str, guardian_id: str) -> ResponseReturnValue:
    """Note that somebody answers for the child no longer."""

    def change(writing: Session, case: Case, guardian: Guardian) -> None:
        actions.end_guardian(writing, actor(), case, guardian)

    return _carry_out(case_id, guardian_id, PortalForm(), change, _child(case_id))


def _child(case_id: str) -> str:
    return url_for("cases.child", case_id=case_id)
