"""An alert's page: what one form, or its absence, asks for, and whom to call about it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.monitoring.models import Alert, FollowUp, MonitoringForm
from portal.monitoring.queries import following
from portal.monitoring.queries.alerts import (
    any_keeps_guardian_out,
    flags_of,
    guardian_must_not_hear,
    matter_of,
    most_pressing,
    taken_back,
)
from portal.monitoring.queries.answers import Answered, answered, flag_texts, stands_out
from portal.monitoring.queries.forms import answers_of
from portal.monitoring.states import AlertState
from portal.people.models import User
from portal.schools.models import School


@dataclass(frozen=True)
class Matter:
    """What one form asks for, as somebody reads it who takes care of it."""

    alert: Alert
    # All that was raised with it, the most pressing first.
    alerts: list[Alert]
    follow_up: FollowUp
    case: Case
    school: School
    form: MonitoringForm | None
    answers: Answered | None
    flags: list[str]
    # Red flags the teacher took back in a correction; the alert stays until people settle it.
    taken_back: list[str]
    # Red flags of forms before this one, of which nobody took care until it came.
    from_before: list[str]
    stands_out: list[str]
    # That settling it asks for a word about the guardian, and that none may hear of anything now.
    keeps_guardian_out: bool
    no_guardian: bool
    manager: User | None
    teacher: User | None
    taker: User | None
    closer: User | None

    @property
    def lead(self) -> Alert:
        """Return the alert that comes first."""
        unsettled = [each for each in self.alerts if each.state != AlertState.CLOSED]
        return most_pressing(unsettled) or self.alert


def get_matter(session: Session, alert: Alert) -> Matter:
    """Return what an alert's page shows."""
    follow_up, case, school = session.execute(
        select(FollowUp, Case, School)
        .join(Case, Case.id == FollowUp.case_id)
        .join(School, School.id == FollowUp.school_id)
        .where(FollowUp.id == alert.follow_up_id)
    ).one()
    form = session.get(MonitoringForm, alert.form_id) if alert.form_id else None
    answers = answered(session, form).get(form.id) if form else None
    alerts = matter_of(session, alert)
    told = frozenset[str]().union(*(flags_of(each) for each in alerts))
    versions = answers_of(session, form.id) if form else []
    back = taken_back(versions) & told
    of_this = answers.filled.flags | back if answers else frozenset[str]()
    edition = answers.edition if answers else None
    asked = following.watchers(session, follow_up.id)
    teacher_id = (form.sent_by if form else None) or (asked[0].user_id if asked else None)
    people = _people(session, case.manager_id, teacher_id, alert.taken_by, alert.closed_by)
    return Matter(
        alert=alert,
        alerts=alerts,
        follow_up=follow_up,
        case=case,
        school=school,
        form=form,
        answers=answers,
        flags=flag_texts(edition, told) if edition else [],
        taken_back=flag_texts(edition, back) if edition else [],
        from_before=flag_texts(edition, told - of_this) if edition else [],
        stands_out=stands_out(edition, answers.filled) if edition and answers else [],
        keeps_guardian_out=any_keeps_guardian_out(session, alerts),
        no_guardian=guardian_must_not_hear(session, case),
        manager=people.get(case.manager_id),
        teacher=people.get(teacher_id),
        taker=people.get(alert.taken_by),
        closer=people.get(alert.closed_by),
    )


def _people(session: Session, *ids: object) -> dict[object, User]:
    wanted = {each for each in ids if each is not None}
    found = session.scalars(select(User).where(User.id.in_(wanted)))
    return {each.id: each for each in found}
