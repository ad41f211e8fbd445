"""A child of a case back at school, with one of everything that addresses of monitoring name."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.consents import Asked, record_consent
from portal.cases.models import Case
from portal.cases.states import ConsentAbout, ConsentAnswer
from portal.core import clock
from portal.core.access import Actor, Role
from portal.monitoring.actions import instruments, plan_drafts, plans, sending, watching
from portal.monitoring.actions.plan_drafts import Written
from portal.monitoring.models import Alert, FollowUp, Instrument, MonitoringForm, ReplyText
from portal.monitoring.policy.schedule import OPEN_FOR
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.queries import due, staff
from portal.people.models import User
from portal.schools.models import School
from tests.architecture.casefiles import CaseFiles
from tests.builders import Builder
from tests.monitoring.classroom import CALM

# Of these the second stands in for the first where both are at the school.
ASKED = (Role.TEACHER, Role.FOCAL_TEAM)
# What is done with a draft; everything else with what the school reads.
WITH_DRAFT = ("monitoring.edit_plan", "monitoring.share_plan", "monitoring.discard_plan")
WITH_DRAFT_EDITION = (
    "monitoring.discard_instrument",
    "monitoring.edit_instrument",
    "monitoring.instrument_part",
    "monitoring.publish_instrument",
)
# What is done with a form that came in.
WITH_SENT = (
    "monitoring.answer",
    "monitoring.correct",
    "monitoring.correct_form",
    "monitoring.read_form",
    "monitoring.reply_seen",
)


def add_return(
    build: Builder, school: School, by_role: dict[Role, User], of_case: CaseFiles
) -> CaseFiles:
    """Let the case's child come back: a plan in use and its next draft, a form that was sent with a
    red flag, and one that waits for the teacher (or whoever stands in).
    """
    session = build.session
    worker, head = (build.actor(by_role[each]) for each in (Role.SOCIAL_WORKER, Role.DIVISION_HEAD))
    wanted = select(Case).where(Case.public_id == of_case.usual["case_id"])
    case = session.scalars(wanted).one()
    here = {each.id: each for each in staff.teachers_at(session, school.id)}
    asked = [by_role[role] for role in ASKED if by_role[role].id in here] or list(here.values())
    plan_ids = _planned(session, worker, case, asked)
    follow_up = session.scalars(select(FollowUp).where(FollowUp.case_id == case.id)).one()
    for substitute in asked[1:]:
        watching.name_watcher(session, worker, follow_up, substitute.id, substitute=True)
    sent, waiting = _forms(session, build.actor(asked[0]), follow_up)
    alert = session.scalars(select(Alert).where(Alert.follow_up_id == follow_up.id)).first()
    text = session.scalars(select(ReplyText).order_by(ReplyText.position)).first()
    assert alert is not None
    assert text is not None
    published, draft = _editions(session, head)
    usual = {
        "plan_id": plan_ids[0],
        "form_id": waiting.public_id,
        "follow_up_id": follow_up.public_id,
        "alert_id": alert.public_id,
        "instrument_id": published.public_id,
        "text_id": text.public_id,
        "part": "batas",
    }
    special = {
        **{each: {"plan_id": plan_ids[1]} for each in WITH_DRAFT},
        **{each: {"instrument_id": draft.public_id} for each in WITH_DRAFT_EDITION},
        **{each: {"form_id": sent.public_id} for each in WITH_SENT},
    }
    return CaseFiles({**of_case.usual, **usual}, {**of_case.special, **special})


def _planned(session: Session, worker: Actor, case: Case, readers: list[User]) -> tuple[str, str]:
    """Share a plan with the school, and begin the next."""
    reason = "Demi keselamatannya"
    said = Asked(
        ConsentAbout.SHARING_WITH_SCHOOL,
        ConsentAnswer.GIVEN,
        clock.today(),
        reason=reason,
        child_agrees=True,
    )
    record_consent(session, worker, case, said)
    written = Written("Melati Contoh", clock.today(), class_name="5A", helps="Duduk di depan")
    shared = plan_drafts.draft(session, worker, case, written, [each.id for each in readers])
    plans.share(session, worker, case, shared, readers[0].id)
    draft = plan_drafts.revise(session, worker, case, shared)
    session.flush()
    return shared.public_id, draft.public_id


def _forms(
    session: Session, teacher: Actor, follow_up: FollowUp
) -> tuple[MonitoringForm, MonitoringForm]:
    """Send the first form with a red flag, and let the next one be open."""
    sent = _open(session, follow_up)
    sending.send_form(session, teacher, sent, Filled(frozenset({"r2"}), dict(CALM)), "")
    session.flush()
    return sent, _open(session, follow_up)


def _open(session: Session, follow_up: FollowUp) -> MonitoringForm:
    """Let the form that comes next be due today, whatever the calendar says."""
    form = due.waiting_of(due.forms_of(session, follow_up.id))
    assert form is not None
    today = clock.today()
    form.opens_on, form.due_on, form.closes_on = today - timedelta(1), today, today + OPEN_FOR
    session.flush()
    return form


def _editions(session: Session, head: Actor) -> tuple[Instrument, Instrument]:
    """Return the edition in use and a draft of the next."""
    every = session.scalars(select(Instrument).order_by(Instrument.number)).all()
    draft = every[-1] if every[-1].published_at is None else instruments.draft(session, head)
    session.flush()
    return every[0], draft
