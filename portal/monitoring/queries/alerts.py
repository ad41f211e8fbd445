"""The alerts of a child's return to school, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.states import CaseState
from portal.core.access import Actor
from portal.core.duties import Duty
from portal.monitoring.models import Alert, FollowUp, FormAnswers, Instrument, MonitoringForm
from portal.monitoring.policy import access
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.states import AlertKind, AlertState, FormState
from portal.people.models import User

K = AlertKind
# The most pressing first.
ORDER = (K.RED_FLAG, K.RELAPSE, K.RED_BAND, K.HARASSED, K.RISE, K.ORANGE_TWICE, K.SILENT)


def most_pressing(alerts: Iterable[Alert]) -> Alert | None:
    """Return the alert that comes first; None for none."""
    return min(alerts, key=_pressing, default=None)


def _pressing(alert: Alert) -> tuple[Any, ...]:
    return not alert.rings, ORDER.index(AlertKind(alert.kind)), alert.due_at, alert.id


def matter_of(session: Session, alert: Alert) -> list[Alert]:
    """Return all alerts that one form, or its absence, led to; the most pressing first."""
    if alert.form_id is None:
        return [alert]
    found = session.scalars(
        select(Alert).where(
            Alert.follow_up_id == alert.follow_up_id, Alert.form_id == alert.form_id
        )
    )
    return sorted(found, key=_pressing)


def unsettled(session: Session, *conditions: Any) -> list[Alert]:
    """Return the alerts nobody settled yet that fulfil conditions on `Alert` and `FollowUp`."""
    found = session.scalars(
        select(Alert)
        .join(FollowUp, FollowUp.id == Alert.follow_up_id)
        .where(Alert.state != AlertState.CLOSED, *conditions)
    )
    return sorted(found, key=_pressing)


def followed_before(session: Session, case: Case) -> list[FollowUp]:
    """Return the last follow-up of each closed case of the same child."""
    rows = session.scalars(
        select(FollowUp)
        .join(Case, Case.id == FollowUp.case_id)
        .where(Case.child_id == case.child_id, Case.id != case.id, Case.state == CaseState.CLOSED)
        .order_by(FollowUp.began_on, FollowUp.id)
    )
    return list({each.case_id: each for each in rows}.values())


def of_kind(session: Session, follow_up_id: UUID, kind: AlertKind) -> list[Alert]:
    """Return all alerts of a kind about a child at a school, the newest first."""
    return list(
        session.scalars(
            select(Alert)
            .where(Alert.follow_up_id == follow_up_id, Alert.kind == kind)
            .order_by(Alert.raised_at.desc(), Alert.id.desc())
        )
    )


def waiting_on(session: Session, case_id: UUID, link: str) -> list[Duty]:
    """Return what waits about an alert, without what was handed on by itself."""
    return list(
        session.scalars(
            select(Duty).where(
                Duty.subject_id == case_id,
                Duty.link == link,
                Duty.closed_at.is_(None),
                Duty.raised_from.is_(None),
            )
        )
    )


def get_alert(session: Session, actor: Actor, public_id: str, *, on_duty: bool) -> Alert | None:
    """Return an alert the actor may read now."""
    return session.scalar(
        select(Alert)
        .join(FollowUp, FollowUp.id == Alert.follow_up_id)
        .where(Alert.public_id == public_id, access.alerts_open_to(actor, on_duty=on_duty))
    )


@dataclass(frozen=True)
class Raised:
    """What one form, or its absence, asks for, as a list shows it."""

    alerts: list[Alert]
    follow_up: FollowUp
    case: Case
    taker: User | None

    @property
    def lead(self) -> Alert:
        """Return the most pressing one."""
        return self.alerts[0]


def open_to(session: Session, actor: Actor, *, on_duty: bool) -> list[Raised]:
    """Return what nobody settled yet and the actor may read, the most pressing first."""
    rows = session.execute(
        select(Alert, FollowUp, Case, User)
        .join(FollowUp, FollowUp.id == Alert.follow_up_id)
        .join(Case, Case.id == FollowUp.case_id)
        .outerjoin(User, User.id == Alert.taken_by)
        .where(Alert.state != AlertState.CLOSED, access.alerts_open_to(actor, on_duty=on_duty))
    )
    matters: dict[tuple[UUID, UUID], Raised] = {}
    for alert, follow_up, case, taker in sorted(rows, key=lambda row: _pressing(row[0])):
        found = matters.setdefault(
            (follow_up.id, alert.form_id or alert.id), Raised([], follow_up, case, taker)
        )
        found.alerts.append(alert)
    # Until somebody has it in hand it comes first.
    return sorted(matters.values(), key=lambda each: each.lead.state != AlertState.OPEN)


def earlier_forms(session: Session, form: MonitoringForm, most: int) -> list[MonitoringForm]:
    """Return the forms sent before this one about the same child at the school, newest first."""
    return list(
        session.scalars(
            select(MonitoringForm)
            .where(
                MonitoringForm.follow_up_id == form.follow_up_id,
                MonitoringForm.number < form.number,
                MonitoringForm.state == FormState.SENT,
            )
            .order_by(MonitoringForm.number.desc())
            .limit(most)
        )
    )


def last_states(session: Session, form: MonitoringForm, count: int) -> list[FormState]:
    """Return how this form and those before it ended, newest first: sent, or missed."""
    return [
        FormState(state)
        for state in session.scalars(
            select(MonitoringForm.state)
            .where(
                MonitoringForm.follow_up_id == form.follow_up_id,
                MonitoringForm.number <= form.number,
                MonitoringForm.state.in_((FormState.MISSED, FormState.SENT)),
            )
            .order_by(MonitoringForm.number.desc())
            .limit(count)
        )
    ]


def flags_of(alert: Alert) -> frozenset[str]:
    """Return the red flags of an alert, by code."""
    return frozenset(alert.flags.split())


def keeps_guardian_out(instrument: Instrument, flags: Collection[str]) -> bool:
    """Say whether one of these red flags forbids that a guardian hears of it by itself."""
    return any(
        each["code"] in flags and not each["guardian"] for each in instrument.content["flags"]
    )


def hours_for(instrument: Instrument, flags: Collection[str]) -> int | None:
    """Return within how many working hours red flags must be taken on; None when none rings."""
    hours = (each["hours"] for each in instrument.content["flags"] if each["code"] in flags)
    return min((each for each in hours if each), default=None)


def hours_of(session: Session, alert: Alert) -> int | None:
    """Return within how many working hours an alert must be taken on; None if it does not ring."""
    form = session.get(MonitoringForm, alert.form_id) if alert.rings and alert.form_id else None
    if form is None:
        return None
    return hours_for(session.get_one(Instrument, form.instrument_id), flags_of(alert))


def guardian_must_not_hear(session: Session, case: Case) -> bool:
    """Say whether a guardian of a case's child must hear nothing that people did not decide.

    It holds from such a red flag, in whichever case of the child, until its alert is settled, which
    asks for this very decision.
    """
    of_child = select(Case.id).where(Case.child_id == case.child_id)
    return any_keeps_guardian_out(session, unsettled(session, FollowUp.case_id.in_(of_child)))


def any_keeps_guardian_out(session: Session, alerts: Iterable[Alert]) -> bool:
    """Say whether one of these alerts is about a red flag no guardian may hear of by itself."""
    flags: dict[UUID, frozenset[str]] = {}
    for each in alerts:
        if each.form_id and each.flags:
            # A correction may have raised another one for the same form.
            flags[each.form_id] = flags.get(each.form_id, frozenset()) | flags_of(each)
    if not flags:
        return False
    editions = session.execute(
        select(MonitoringForm.id, Instrument)
        .join(Instrument, Instrument.id == MonitoringForm.instrument_id)
        .where(MonitoringForm.id.in_(flags))
    )
    return any(keeps_guardian_out(row[1], flags[row[0]]) for row in editions)


def taken_back(versions: Sequence[FormAnswers]) -> frozenset[str]:
    """Return the red flags that an earlier version of a form had and the last one has not."""
    flags = [Filled.of_json(each.answers).flags for each in versions]
    return frozenset().union(*flags) - flags[-1] if flags else frozenset()
