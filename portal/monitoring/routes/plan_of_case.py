"""The return-to-school plans of a case: the draft, what the school reads, and what it read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.header import Opened, open_file
from portal.cases.routes import shell
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.monitoring.actions import plan_drafts, plan_waiting
from portal.monitoring.actions import plans as actions
from portal.monitoring.forms.plans import PlanForm, ShareForm
from portal.monitoring.models import ReturnPlan
from portal.monitoring.queries import plans
from portal.monitoring.queries.plan_words import usual_contacts
from portal.monitoring.queries.plans import Read
from portal.monitoring.routes.blueprint import bp
from portal.monitoring.states import PlanState
from portal.people.models import User
from portal.schools.models import School
from portal.schools.queries import school_days
from portal.web.database import office, reader
from portal.web.filters import phone
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow

TAB = "return"
PLACE = "/kasus/<public_id:case_id>/kembali-sekolah"
Act = Callable[[Session, Case, ReturnPlan], None]


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        all_plans = plans.of_case(reading, case.id)
        read = plans.readers_of(reading, [each.id for each in all_plans])
        draft = next((each for each in all_plans if each.state == PlanState.DRAFT), None)
        shared = next((each for each in all_plans if each.state == PlanState.SHARED), None)
        of_shared = read.get(shared.id, []) if shared else []
        return {
            "draft": draft,
            "shared": shared,
            "past": [each for each in all_plans if each not in (draft, shared)],
            "read": read,
            "changed": plans.changed_fields(draft, shared) if draft else frozenset(),
            "ack_by": plans.acknowledge_by(reading, shared, of_shared) if shared else {},
            "draft_readers": plans.readers_to_be(reading, case, draft) if draft else [],
            "button": PortalForm(formdata=None),
            "words_wait": plan_waiting.words_wait(reading, case.id),
            "missing": plans.missing_consent(reading, case),
            "school_moved": draft is not None and draft.school_id != case.school_id,
            "today": clock.today(),
            "error_form": complaining(tried, shown=opened.editable),
            **(_forms(reading, opened, draft, read, tried) if opened.editable else {}),
        }

    template = "monitoring/plan_of_case.html"
    return shell.show(case_id, TAB, template, fill, status=status, tried=tried)


def _forms(
    reading: Session,
    opened: Opened,
    draft: ReturnPlan | None,
    read: dict[Any, list[Read]],
    tried: PortalForm | None,
) -> dict[str, Any]:
    """Return the forms of whoever works on the case, the one just sent as it was."""
    case = opened.case
    chosen = read.get(draft.id, []) if draft else []
    candidates = plans.candidates(reading, case)
    if isinstance(tried, PlanForm):
        form = tried
    else:
        form = PlanForm.of(draft, chosen) if draft else PlanForm(formdata=None)
    form.offer(candidates)
    if form is not tried and not draft:
        name = opened.child.full_name if opened.child else ""
        form.begin_with(name, plans.class_of(reading, case), _contacts(opened.manager))
    share_form = ShareForm.as_sent(tried)
    reading_it = plans.readers_to_be(reading, case, draft) if draft else []
    share_form.offer(reading_it, keep_from_school=opened.keep_from_school)
    if draft and share_form is not tried:
        share_form.version.data = str(draft.version)
    return {
        "form": form,
        "tried_plan": tried,
        "share_form": share_form,
        "watched": bool(plans.watching_at(reading, case)),
        "free_day": _free_day(reading, draft) if draft else None,
    }


def _free_day(reading: Session, draft: ReturnPlan) -> str | None:
    """Return why there is no school on the first day back; None when there is."""
    days = school_days(reading, reading.get_one(School, draft.school_id))
    if days.is_school_day(draft.returns_on):
        return None
    return days.name_of(draft.returns_on) or i18n.weekday(draft.returns_on)


def _contacts(manager: User | None) -> str:
    name = manager.full_name if manager else actor().name
    return usual_contacts(name, phone(office()["office_phone"]), office())


def _carry_out(case_id: str, form: PortalForm, act: shell.Act, done: str) -> ResponseReturnValue:
    def again(case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return _page(case_id, status, tried)

    to = url_for("monitoring.plan_of_case", case_id=case_id)
    return shell.carry_out(case_id, form, act, done, again, to)


def _with_plan(plan_id: str, act: Act) -> shell.Act:
    """Return a step with one of the case's plans; whoever names another gets 404."""

    def carry(writing: Session, case: Case) -> None:
        act(writing, case, plans.get_plan(writing, case, plan_id) or abort(404))

    return carry


def _offered(case_id: str) -> PlanForm:
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    form = PlanForm()
    form.offer(plans.candidates(reader(), case))
    return form


@bp.get(PLACE)
@allow(Permission.CASE_LIST)
def plan_of_case(case_id: str) -> ResponseReturnValue:
    """Show what the school is told so that the child can come back, and who has read it."""
    return _page(case_id)


@bp.post(PLACE)
@allow(Permission.CASE_WORK)
def draft_plan(case_id: str) -> ResponseReturnValue:
    """Begin a plan."""
    form = _offered(case_id)

    def act(writing: Session, case: Case) -> None:
        written = form.to_written(case.child_view)
        plan_drafts.draft(writing, actor(), case, written, form.chosen)

    done = i18n.gettext("The draft is saved. Check what the school will read.")
    return _carry_out(case_id, form, act, done)


@bp.post(f"{PLACE}/<public_id:plan_id>/ubah")
@allow(Permission.CASE_WORK)
def edit_plan(case_id: str, plan_id: str) -> ResponseReturnValue:
    """Write a draft anew."""
    form = _offered(case_id)

    def act(writing: Session, case: Case, plan: ReturnPlan) -> None:
        actions.begin_with(writing, actor(), case, plan)
        read = plans.readers_of(writing, [plan.id])
        shown = PlanForm(formdata=None, obj=plan)
        shown.offer(plans.candidates(writing, case))
        shown.readers.data = [each.user.public_id for each in read.get(plan.id, [])]
        form.check_version(plan, shown)
        written = form.to_written(case.child_view)
        plan_drafts.edit(writing, actor(), case, plan, written, form.chosen)

    done = i18n.gettext("The draft is saved. Check what the school will read.")
    return _carry_out(case_id, form, _with_plan(plan_id, act), done)


@bp.post(f"{PLACE}/<public_id:plan_id>/bagikan")
@allow(Permission.CASE_WORK)
def share_plan(case_id: str, plan_id: str) -> ResponseReturnValue:
    """Let the school read a draft."""
    opened = open_file(reader(), actor(), case_id) or abort(404)
    plan = plans.get_plan(reader(), opened.case, plan_id) or abort(404)
    form = ShareForm()
    read = plans.readers_to_be(reader(), opened.case, plan)
    form.offer(read, keep_from_school=opened.keep_from_school)

    def act(writing: Session, case: Case, found: ReturnPlan) -> None:
        actions.begin_with(writing, actor(), case, found)
        form.check_shown(found)
        actions.share(writing, actor(), case, found, form.chosen)

    done = i18n.gettext("Shared. Those who were asked read it and say so here.")
    return _carry_out(case_id, form, _with_plan(plan_id, act), done)


@bp.post(f"{PLACE}/<public_id:plan_id>/buang")
@allow(Permission.CASE_WORK)
def discard_plan(case_id: str, plan_id: str) -> ResponseReturnValue:
    """Throw a draft away."""

    def act(writing: Session, case: Case, plan: ReturnPlan) -> None:
        plan_drafts.discard(writing, actor(), case, plan)

    done = i18n.gettext("The draft is thrown away.")
    return _carry_out(case_id, PortalForm(), _with_plan(plan_id, act), done)


@bp.post(f"{PLACE}/<public_id:plan_id>/perbarui")
@allow(Permission.CASE_WORK)
def revise_plan(case_id: str, plan_id: str) -> ResponseReturnValue:
    """Begin a new draft from what the school reads now."""

    def act(writing: Session, case: Case, plan: ReturnPlan) -> None:
        plan_drafts.revise(writing, actor(), case, plan)

    done = i18n.gettext("A new draft is begun. The school reads the plan as it was until then.")
    return _carry_out(case_id, PortalForm(), _with_plan(plan_id, act), done)


@bp.post(f"{PLACE}/<public_id:plan_id>/akhiri")
@allow(Permission.CASE_WORK)
def end_plan(case_id: str, plan_id: str) -> ResponseReturnValue:
    """Let the school read a plan no longer."""

    def act(writing: Session, case: Case, plan: ReturnPlan) -> None:
        actions.end(writing, actor(), case, plan)

    done = i18n.gettext("The plan is ended. The school can read it no longer.")
    return _carry_out(case_id, PortalForm(), _with_plan(plan_id, act), done)


@bp.post(f"{PLACE}/pesan-dibaca")
@allow(Permission.CASE_WORK)
def note_plan_words(case_id: str) -> ResponseReturnValue:
    """Take what the school asked or added off the list of what waits."""

    def act(writing: Session, case: Case) -> None:
        actions.note_words_read(writing, actor(), case)

    done = i18n.gettext("It no longer waits for you.")
    return _carry_out(case_id, PortalForm(), act, done)
