"""Who may see which plans, follow-ups, forms and alerts.

The office sees what hangs on a case open to them; a teacher what they are asked for by name; a
principal whether it is done. The conflict list of the case closes all of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, literal, or_, select

from portal.cases import policy as cases
from portal.cases.models import Case
from portal.core import clock
from portal.core.access import GRANTS, Actor, Permission
from portal.core.duties import Duty
from portal.core.prepared import told
from portal.monitoring.models import (
    Alert,
    FollowUp,
    MonitoringForm,
    PlanReader,
    Reply,
    ReturnPlan,
    Watcher,
)
from portal.monitoring.states import (
    UNSENT,
    AlertKind,
    AlertState,
    FollowUpState,
    FormKind,
    PlanState,
)
from portal.people.policy import conflicts_of

Condition = ColumnElement[bool]
# Whoever sent a form can correct it and read the answer for so long, whoever is asked by then.
READS_ON = timedelta(days=7)
# Where an alert is read and taken on.
ALERT_PAGE = "/peringatan/"


def in_open_case(actor: Actor, case_column: Any) -> Condition:
    """Return the condition for what hangs on a case whose work an actor may read now."""
    condition: Condition = case_column.in_(select(Case.id).where(cases.open_to(actor)))
    return condition


def in_worked_case(actor: Actor, case_column: Any) -> Condition:
    """Return the condition for what hangs on a case an actor works on."""
    condition: Condition = case_column.in_(select(Case.id).where(cases.worked_on_by(actor)))
    return condition


def watched_by(actor: Actor) -> Select[Any]:
    """Return the query for the follow-ups whose forms an actor is asked for now."""
    return (
        select(Watcher.follow_up_id)
        .join(FollowUp, FollowUp.id == Watcher.follow_up_id)
        .where(
            Watcher.user_id == actor.user_id,
            Watcher.ended_at.is_(None),
            FollowUp.case_id.not_in(conflicts_of(actor)),
            # Whoever left the school fills in nothing about its children.
            FollowUp.school_id.in_(_schools_of(actor, Permission.MONITORING_FILL)),
        )
    )


def filled_by(actor: Actor) -> Condition:
    """Return the condition for a teacher's forms: those asked for now, and those sent by them."""
    mine = or_(MonitoringForm.state.in_(sorted(UNSENT)), MonitoringForm.sent_by == actor.user_id)
    return or_(and_(MonitoringForm.follow_up_id.in_(watched_by(actor)), mine), _sent_lately(actor))


def shown_to(actor: Actor) -> Condition:
    """Return the condition for the forms whose page a teacher may open: all about a child they are
    asked for now, also those a colleague sent, and for a while what they sent themselves.
    """
    return or_(MonitoringForm.follow_up_id.in_(watched_by(actor)), _sent_lately(actor))


def _sent_lately(actor: Actor) -> Condition:
    """Return the condition for what a teacher sent, or was answered, a short while ago."""
    since = told(lambda: clock.now() - READS_ON)
    answered = select(Reply.form_id).where(Reply.written_at > since)
    still_here = select(FollowUp.id).where(
        FollowUp.case_id.not_in(conflicts_of(actor)),
        FollowUp.school_id.in_(_schools_of(actor, Permission.MONITORING_FILL)),
    )
    return and_(
        MonitoringForm.sent_by == actor.user_id,
        or_(MonitoringForm.sent_at > since, MonitoringForm.id.in_(answered)),
        MonitoringForm.follow_up_id.in_(still_here),
    )


def counted_by(actor: Actor) -> Condition:
    """Return the condition for the follow-ups of which a school may know whether forms are done."""
    return and_(
        FollowUp.school_id.in_(actor.schools_with(Permission.MONITORING_STATUS)),
        FollowUp.case_id.not_in(conflicts_of(actor)),
    )


def staffed_by(actor: Actor) -> Condition:
    """Return the condition for the follow-ups whose teacher an actor may name."""
    return and_(
        FollowUp.school_id.in_(actor.schools_with(Permission.MONITORING_ASSIGN)),
        or_(FollowUp.state != FollowUpState.ENDED, asked_later()),
        FollowUp.case_id.not_in(conflicts_of(actor)),
    )


def asked_later() -> Condition:
    """Return the condition for follow-ups that are over, but for a form some months later."""
    waiting = select(MonitoringForm.follow_up_id).where(
        MonitoringForm.kind == FormKind.SENTINEL,
        MonitoringForm.state.in_(sorted(UNSENT)),
        MonitoringForm.closes_on >= clock.today(),
    )
    return FollowUp.id.in_(waiting)


def plans_read_by(actor: Actor) -> Condition:
    """Return the condition for the plans somebody at a school may read: shared ones alone."""
    asked = select(PlanReader.plan_id).where(
        PlanReader.user_id == actor.user_id, PlanReader.ended_at.is_(None)
    )
    by_name = and_(
        ReturnPlan.id.in_(asked),
        ReturnPlan.school_id.in_(_schools_of(actor, Permission.RETURN_PLAN_READ)),
    )
    by_office = ReturnPlan.school_id.in_(actor.schools_with(Permission.RETURN_PLAN_READ))
    return and_(
        ReturnPlan.state == PlanState.SHARED,
        or_(by_name, by_office),
        ReturnPlan.case_id.not_in(conflicts_of(actor)),
    )


def alerts_open_to(actor: Actor, *, on_duty: bool) -> Condition:
    """Return the condition for the alerts an actor may read and take on.

    Those of cases open to them; red flags also while they are on duty (a case manager may be out),
    what was handed on to the division head, and whatever waits for a role they hold; until it is
    settled, what they took on themselves. `Alert` must be joined with `FollowUp`.
    """
    ways: list[Condition] = [in_open_case(actor, FollowUp.case_id), _waits_for_role_of(actor)]
    rings = and_(Alert.rings, Alert.state != AlertState.CLOSED)
    if on_duty and actor.may(Permission.MONITORING_ALERT, assigned=True):
        ways.append(and_(reaches_duty(), Alert.state != AlertState.CLOSED))
    if actor.may(Permission.CASE_CLOSE):
        ways.append(and_(rings, Alert.handed_on_at.is_not(None)))
    ways.append(and_(Alert.state == AlertState.TAKEN, Alert.taken_by == actor.user_id))
    asked = actor.may(Permission.MONITORING_ALERT, assigned=True)
    reached = or_(*ways) if asked else false()
    return and_(reached, FollowUp.case_id.not_in(conflicts_of(actor)))


def reaches_duty() -> Condition:
    """Return the condition for the alerts of which whoever is on duty hears beside the manager."""
    return or_(Alert.rings, Alert.kind == AlertKind.RED_FLAG)


def _waits_for_role_of(actor: Actor) -> Condition:
    """Return the condition for the alerts that wait for a role an actor holds at the office."""
    link = literal(ALERT_PAGE) + Alert.public_id
    return exists().where(
        Duty.subject_id == FollowUp.case_id,
        Duty.link == link,
        Duty.role.in_(sorted(actor.roles)),
        Duty.school_id.is_(None),
        Duty.closed_at.is_(None),
    )


def _schools_of(actor: Actor, permission: Permission) -> list[Any]:
    """Return the schools at which an actor holds a role that carries a permission at all."""
    return [
        each.school_id
        for each in actor.appointments
        if each.school_id is not None and permission in GRANTS[each.role]
    ]
