"""Who works on a case, who must not see it, who read it."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.actions import access as actions
from portal.cases.forms.access import ColleagueForm, GiveForm, KeepAwayForm
from portal.cases.models import Case
from portal.cases.queries import access as queries
from portal.cases.queries import files
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import TABS, bp
from portal.cases.states import CaseState
from portal.core import i18n
from portal.core.access import Permission
from portal.people.models import User
from portal.people.queries.accounts import get_user
from portal.people.queries.confidential import conflicts_of, get_conflict
from portal.web import paging
from portal.web.database import office, reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow

_ = i18n.lazy

# What the trail calls the pages of a file, in words.
PAGES: dict[str, Any] = {
    **{key: label for key, _endpoint, label in TABS},
    "tasks": _("Tasks"),
    "simfoni": _("Sheet for SIMFONI"),
    queries.EXPORT: _("took the record along"),
    "sibling": _("what a case of a sibling begins with"),
    "same_child": _("that the child is known, when a case was to be opened"),
}


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        sees_readers = policy.sees_readers(actor(), works=opened.works)
        context = {
            **_assigning(reading, opened, tried),
            **_keeping_away(reading, opened, tried),
        }
        shown = any(isinstance(each, PortalForm) and each is tried for each in context.values())
        return {
            "assignments": files.assignments_of(reading, case.id),
            "me": actor().user_id,
            "button": PortalForm(formdata=None),
            "sees_readers": sees_readers,
            "error_form": complaining(tried, shown=shown),
            **(_readers(reading, case) if sees_readers else {}),
            **context,
        }

    return shell.show(case_id, "access", "cases/access.html", fill, status=status, tried=tried)


def _assigning(reading: Session, opened: Opened, tried: PortalForm | None) -> dict[str, Any]:
    """Return what gives the case to somebody, for whoever may."""
    case = opened.case
    goes_on = case.state == CaseState.OPEN
    gives = goes_on and policy.may_give(actor())
    asks = goes_on and policy.may_ask_along(actor(), case)
    give_form, colleague_form = GiveForm.as_sent(tried), ColleagueForm.as_sent(tried)
    if gives or asks:
        _offer(reading, case, give_form, colleague_form)
    give_form.show_present(opened.manager)
    return {
        "give_form": give_form if gives else None,
        "colleague_form": colleague_form if asks else None,
        "may_end": policy.may_ask_along(actor(), case),
        "may_take": gives and opened.manager is None,
    }


def _offer(
    reading: Session, case: Case, give_form: GiveForm, colleague_form: ColleagueForm
) -> None:
    """Fill in who may work on a case."""
    everybody = queries.candidates(reading, case)
    manager = reading.get(User, case.manager_id) if case.manager_id else None
    give_form.offer(everybody, office()["caseload_limit"], manager)
    workers = files.workers_of(reading, case.id)
    colleague_form.offer([each for each in everybody if each.user.id not in workers])


def _readers(reading: Session, case: Case) -> dict[str, Any]:
    after, _before = paging.position(int)
    found = queries.readings(reading, case.id, after[0] if after else None)
    return {
        "readings": found.rows,
        "older": paging.link(paging.AFTER, (found.after,) if found.after else None),
        "newest": after is None,
        "openings": queries.openings(reading, case.id),
        "pages": PAGES,
    }


def _keeping_away(reading: Session, opened: Opened, tried: PortalForm | None) -> dict[str, Any]:
    case = opened.case
    if not files.steers(reading, actor(), case.id):
        return {"keep_away_form": None}
    form = KeepAwayForm.as_sent(tried)
    form.offer(queries.possible_conflicts(reading, case))
    return {
        "keep_away_form": form,
        "conflicts": conflicts_of(reading, case.id),
        "may_lift": policy.may_give(actor()),
    }


def _carry_out(
    case_id: str, form: PortalForm, act: shell.Act, done: str, *, steps_back: bool = False
) -> ResponseReturnValue:
    """Do what a form asks for; whoever steps back may not come back to the page."""
    to = url_for("cases.index") if steps_back else url_for("cases.access", case_id=case_id)
    return shell.carry_out(case_id, form, act, done, _page, to)


@bp.get("/kasus/<public_id:case_id>/akses")
@allow(Permission.CASE_LIST)
def access(case_id: str) -> ResponseReturnValue:
    """Show who works on a case, who must not see it, and who read it."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/akses/manajer")
@allow(Permission.CASE_ASSIGN)
def give(case_id: str) -> ResponseReturnValue:
    """Give a case to another manager."""
    found = files.get_file(reader(), actor(), case_id) or abort(404)
    form = GiveForm()
    _offer(reader(), found, form, ColleagueForm(formdata=None))

    def act(writing: Session, case: Case) -> None:
        before = get_user(writing, form.instead_of.data or "")
        actions.give(writing, actor(), case, form.chosen, instead_of=before.id if before else None)

    return _carry_out(case_id, form, act, i18n.gettext("The case has its manager."))


@bp.post("/kasus/<public_id:case_id>/akses/ambil")
@allow(Permission.CASE_ASSIGN)
def take(case_id: str) -> ResponseReturnValue:
    """Manage a case that nobody manages."""

    def act(writing: Session, case: Case) -> None:
        actions.give(writing, actor(), case, actor().user_id, instead_of=None)

    return _carry_out(case_id, PortalForm(), act, i18n.gettext("You manage this case now."))


@bp.post("/kasus/<public_id:case_id>/akses/rekan")
@allow(Permission.CASE_WORK)
def ask_along(case_id: str) -> ResponseReturnValue:
    """Ask a colleague to help with a case."""
    found = files.get_file(reader(), actor(), case_id) or abort(404)
    form = ColleagueForm()
    _offer(reader(), found, GiveForm(formdata=None), form)

    def act(writing: Session, case: Case) -> None:
        actions.ask_along(writing, actor(), case, form.chosen)

    return _carry_out(case_id, form, act, i18n.gettext("They can open the case now."))


@bp.post("/kasus/<public_id:case_id>/akses/rekan/<public_id:user_id>/selesai")
@allow(Permission.CASE_WORK)
def end_help(case_id: str, user_id: str) -> ResponseReturnValue:
    """End a colleague's work on a case."""
    person = get_user(reader(), user_id) or abort(404)

    def act(writing: Session, case: Case) -> None:
        actions.end_help(writing, actor(), case, person.id)

    done = i18n.gettext("They no longer see this case.")
    return _carry_out(case_id, PortalForm(), act, done, steps_back=person.id == actor().user_id)


@bp.post("/kasus/<public_id:case_id>/akses/konflik")
@allow(Permission.CASE_WORK)
def keep_away(case_id: str) -> ResponseReturnValue:
    """Put somebody on a case's conflict list."""
    found = files.get_file(reader(), actor(), case_id) or abort(404)
    form = KeepAwayForm()
    form.offer(queries.possible_conflicts(reader(), found))

    def act(writing: Session, case: Case) -> None:
        chosen = queries.person_to_keep_away(writing, case, form.person.data) or abort(404)
        actions.keep_away(writing, actor(), case, chosen.id, form.why.data or "")

    done = i18n.gettext("They no longer see this case.")
    return _carry_out(case_id, form, act, done, steps_back=_is_me(form.person.data))


@bp.post("/kasus/<public_id:case_id>/akses/konflik/<public_id:kept_id>/cabut")
@allow(Permission.CASE_ASSIGN)
def lift_conflict(case_id: str, kept_id: str) -> ResponseReturnValue:
    """Take somebody off a case's conflict list."""
    found = files.get_file(reader(), actor(), case_id) or abort(404)
    get_conflict(reader(), found.id, kept_id) or abort(404)

    def act(writing: Session, case: Case) -> None:
        conflict = get_conflict(writing, case.id, kept_id) or abort(404)
        actions.lift(writing, actor(), case, conflict)

    return _carry_out(case_id, PortalForm(), act, i18n.gettext("The entry is lifted."))


def _is_me(public_id: str | None) -> bool:
    return reader().get_one(User, actor().user_id).public_id == public_id
