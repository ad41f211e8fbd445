"""Answers of the office to what schools reported and sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.events import on
from portal.incidents.actions.conversing import next_full_hour
from portal.incidents.events import ReportAnswered
from portal.incidents.models import Report
from portal.incidents.states import Door
from portal.monitoring.events import ReplyWritten
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.notifications.actions.writing import Telling, withdraw
from portal.notifications.rules.telling import tell_others
from portal.people.queries.confidential import kept_away
from portal.schools.models import School


@on(ReportAnswered)
def tell_of_answer(session: Session, actor: Actor | None, happened: ReportAnswered) -> None:
    """Tell school staff that the office answered what they filed, once the answer shows."""
    report = session.get_one(Report, happened.subject_id)
    if report.door != Door.STAFF or report.filed_by is None:
        return
    withdraw(session, report.id, "report_answered")
    what = Telling(
        "report_answered",
        report.id,
        f"/laporan/{report.public_id}",
        {"number": report.locator},
        not_before=next_full_hour(clock.now()),
    )
    tell_others(session, actor, [report.filed_by], what)


@on(ReplyWritten)
def tell_of_reply(session: Session, actor: Actor | None, happened: ReplyWritten) -> None:
    """Tell the teacher who sent a form that the office answered it."""
    form = session.get_one(MonitoringForm, happened.subject_id)
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    school = session.get_one(School, follow_up.school_id)
    if form.sent_by is None or form.sent_by in kept_away(session, follow_up.case_id):
        return
    link, facts = f"/pemantauan/{form.public_id}", {"school": school.name}
    tell_others(session, actor, [form.sent_by], Telling("form_answered", form.id, link, facts))
