"""The forms about a case's child, one after the other, as the office reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import CaseEntry
from portal.cases.states import EntryKind
from portal.core import clock
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.monitoring.policy.termination import Look
from portal.monitoring.queries import following
from portal.monitoring.queries.answers import Answered, answered, flag_texts, stands_out
from portal.monitoring.queries.inbox import unanswered
from portal.monitoring.states import FormKind, FormState
from portal.people.models import User
from portal.schools.models import School


class Arrival(StrEnum):
    """Whether a form came, and when."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    # It can still be sent.
    OVERDUE = "overdue"
    OPEN = "open"
    COMING = "coming"
    CANCELLED = "cancelled"


# Forms that somebody was asked for and that should have come by now.
CAME_DUE = frozenset({Arrival.ON_TIME, Arrival.LATE, Arrival.MISSED, Arrival.OVERDUE})


def arrival_of(form: MonitoringForm) -> Arrival:
    """Return whether a form came in time, late, or not at all."""
    if form.state == FormState.CANCELLED:
        return Arrival.CANCELLED
    if form.state == FormState.MISSED:
        return Arrival.MISSED
    if form.sent_at is not None:
        in_time = clock.day_of(form.sent_at) <= form.due_on
        return Arrival.ON_TIME if in_time else Arrival.LATE
    if form.due_on < clock.today():
        return Arrival.OVERDUE
    return Arrival.OPEN if form.opens_on <= clock.today() else Arrival.COMING


@dataclass(frozen=True)
class Entry:
    """One form, with what counts of it once it was sent."""

    form: MonitoringForm
    answers: Answered | None
    sender: str
    # Sent, and nobody at the office answered it yet.
    waits: bool
    # The how manieth of the rhythm it is, as the teacher's own page counts; 0 beside the rhythm.
    place: int = 0

    @property
    def arrival(self) -> Arrival:
        """Return whether it came in time, late, or not at all."""
        return arrival_of(self.form)

    @property
    def flags(self) -> list[str]:
        """Return the red flags in the reader's language."""
        said = self.answers
        return flag_texts(said.edition, said.filled.flags) if said else []

    @property
    def stands_out(self) -> list[str]:
        """Return what worries most, in the reader's language."""
        return stands_out(self.answers.edition, self.answers.filled) if self.answers else []

    @property
    def look(self) -> Look:
        """Return it as the rules about endings know it."""
        form, said = self.form, self.answers
        if said is None:
            return Look(form.due_on, form.weeks)
        item = said.edition.thresholds["harassment_item"]
        return Look(
            due_on=form.due_on,
            weeks=form.weeks,
            result=said.result,
            flags=said.filled.flags,
            harassed=said.filled.items.get(item),
            late=self.arrival is Arrival.LATE,
        )


@dataclass(frozen=True)
class History:
    """The forms of one follow-up, the oldest first; those of later checks stand apart."""

    follow_up: FollowUp
    school: School
    all_entries: list[Entry]

    @cached_property
    def entries(self) -> list[Entry]:
        """Return the forms while the case went on."""
        return [each for each in self.all_entries if each.form.kind != FormKind.SENTINEL]

    @cached_property
    def later(self) -> list[Entry]:
        """Return the forms some months after the closure."""
        return [each for each in self.all_entries if each.form.kind == FormKind.SENTINEL]

    @cached_property
    def due(self) -> list[Entry]:
        """Return the forms that should have come by now."""
        return [each for each in self.entries if each.arrival in CAME_DUE]

    @cached_property
    def looks(self) -> list[Look]:
        """Return the forms that came due as the rules about endings know them."""
        return [each.look for each in self.due]

    @property
    def next(self) -> MonitoringForm | None:
        """Return the form that comes next, or waits to be filled in."""
        waiting = (each.form for each in self.entries if each.form.state == FormState.WAITING)
        return next(waiting, None)

    @property
    def newest(self) -> MonitoringForm | None:
        """Return the form that was sent last, of whatever kind."""
        sent = [each.form for each in self.all_entries if each.answers]
        return sent[-1] if sent else None


def of_case(session: Session, case_id: UUID) -> list[History]:
    """Return what schools told of a case's child, the newest follow-up first."""
    follow_ups = following.of_case(session, case_id)
    if not follow_ups:
        return []
    schools = _schools(session, follow_ups)
    entries = _entries(session, [each.id for each in follow_ups])
    return [
        History(
            each,
            schools[each.school_id],
            [entry for entry in entries if entry.form.follow_up_id == each.id],
        )
        for each in follow_ups
    ]


def get_form(session: Session, follow_up: FollowUp, public_id: str) -> MonitoringForm | None:
    """Return one form of a follow-up."""
    return session.scalar(
        select(MonitoringForm).where(
            MonitoringForm.follow_up_id == follow_up.id, MonitoringForm.public_id == public_id
        )
    )


def _schools(session: Session, follow_ups: Sequence[FollowUp]) -> dict[UUID, School]:
    ids = {each.school_id for each in follow_ups}
    return {each.id: each for each in session.scalars(select(School).where(School.id.in_(ids)))}


def _entries(session: Session, follow_up_ids: Sequence[UUID]) -> list[Entry]:
    rows = session.execute(
        select(MonitoringForm, User.full_name, unanswered())
        .outerjoin(User, User.id == MonitoringForm.sent_by)
        .where(MonitoringForm.follow_up_id.in_(follow_up_ids))
        .order_by(MonitoringForm.number)
    ).all()
    said = answered(session, *(row[0] for row in rows))
    places: Counter[UUID] = Counter()
    entries = []
    for form, sender, waits in rows:
        regular = form.kind == FormKind.REGULAR
        places[form.follow_up_id] += regular
        place = places[form.follow_up_id] if regular else 0
        entries.append(Entry(form, said.get(form.id), sender or "", bool(waits), place))
    return entries


@dataclass(frozen=True)
class Mark:
    """A day on which the rhythm changed: "paused", "resumed", "restarted"."""

    on: date
    step: str


PAUSED = "paused"
STEPS = (PAUSED, "resumed", "restarted")


def marks_of(session: Session, history: History) -> list[Mark]:
    """Return when somebody paused, went on or began anew, and where a red flag began it anew."""
    written = session.scalars(
        select(CaseEntry)
        .where(
            CaseEntry.case_id == history.follow_up.case_id,
            CaseEntry.kind == EntryKind.MONITORING,
            CaseEntry.record_id == history.follow_up.id,
        )
        .order_by(CaseEntry.at)
    )
    marks = [
        Mark(clock.day_of(each.at), each.facts["step"])
        for each in written
        if each.facts.get("step") in STEPS
    ]
    flagged = (each.form.sent_at for each in history.entries if each.flags and each.form.sent_at)
    marks += [Mark(clock.day_of(moment), "restarted") for moment in flagged]
    return sorted(set(marks), key=lambda each: (each.on, each.step))
