"""What speaks for ending the work on a child, as its file shows it; people decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, FamilyContact, Service
from portal.cases.queries.closure import Heard, Sign, family_reached
from portal.cases.states import ContactWay, ServiceKind, ServiceState
from portal.core import clock, i18n
from portal.monitoring.models import FollowUp
from portal.monitoring.policy.termination import (
    IN_FORMS,
    Beside,
    Condition,
    Suggestion,
    Wanted,
    Why,
    conditions,
    suggest,
)
from portal.monitoring.queries import history
from portal.monitoring.queries.alerts import unsettled
from portal.monitoring.queries.history import Arrival, Entry, History
from portal.monitoring.queries.words import BANDS
from portal.monitoring.states import Band, FormState

_ = i18n.lazy

# What each condition says when it is met, and the page where it is worked on.
WANTED: dict[Wanted, tuple[Any, str]] = {
    Wanted.CALM: (_("The last five forms are calm"), "monitoring.of_case"),
    Wanted.WEEKS: (_("These forms cover at least eight school weeks"), "monitoring.of_case"),
    Wanted.NO_FLAG: (_("No red flag in the last five forms"), "monitoring.of_case"),
    Wanted.NOT_HARASSED: (
        _("Teased or harassed rarely or never in the last five forms"),
        "monitoring.of_case",
    ),
    Wanted.SENT: (_("At least 80 percent of the forms due came"), "monitoring.of_case"),
    Wanted.FAMILY: (_("The family was reached in the last 30 days"), "cases.family"),
    Wanted.CHILD_VIEW: (_("The child's own view is written down"), "cases.child"),
    Wanted.VISITED: (
        _("A social worker visited at home or at school since the child is back"),
        "cases.services",
    ),
}
WAYS_OUT = (ContactWay.HOME_VISIT, ContactWay.AT_SCHOOL)
KINDS = {Band.GREEN: "ok", Band.YELLOW: "warn", Band.TOO_LITTLE: "neutral"}


@dataclass(frozen=True)
class Outlook:
    """What the forms and the file suggest to those who decide."""

    conditions: tuple[Condition, ...]
    suggestion: Suggestion
    reasons: tuple[Why, ...]

    @property
    def met(self) -> int:
        """Return how many of the conditions hold."""
        return sum(each.met for each in self.conditions)


def outlook_of(session: Session, case: Case, told: History) -> Outlook:
    """Return what holds, what does not, and what that suggests."""
    held = conditions(told.looks, _beside(session, case, told.follow_up.began_on))
    suggestion, reasons = suggest(told.looks, held)
    if suggestion is Suggestion.TERMINATE and unsettled(session, FollowUp.case_id == case.id):
        suggestion = Suggestion.CONTINUE
    return Outlook(held, suggestion, reasons)


def _beside(session: Session, case: Case, since: date) -> Beside:
    began = clock.at_wib(since, time.min)
    visit = exists().where(
        Service.case_id == case.id,
        Service.state == ServiceState.HELD,
        Service.kind == ServiceKind.HOME_VISIT,
        Service.starts_at >= began,
    )
    met = exists().where(
        FamilyContact.case_id == case.id,
        FamilyContact.reached,
        FamilyContact.way.in_(WAYS_OUT),
        FamilyContact.at >= began,
    )
    visited = session.scalar(select(or_(visit, met)))
    return Beside(family_reached(session, case), bool(case.child_view), bool(visited))


# What the closure of a case looks at besides its own signs, which ask for family and child already.
ALERTS = "monitoring_alerts"
IN_FILE: dict[str, tuple[Any, str]] = {
    f"monitoring_{code}": WANTED[code] for code in (*IN_FORMS, Wanted.VISITED)
}
SIGNS: dict[str, tuple[Any, str]] = {
    **IN_FILE,
    ALERTS: (_("No alert is open"), "monitoring.of_case"),
}


def signs(session: Session, case: Case) -> list[Sign]:
    """Return what the school's forms say for and against closing a case; nothing without any."""
    told = history.of_case(session, case.id)
    if not told:
        return []
    found = {
        f"monitoring_{each.code}": each for each in outlook_of(session, case, told[0]).conditions
    }
    left = len(unsettled(session, FollowUp.case_id == case.id))
    return [*(Sign(code, found[code].met) for code in IN_FILE), Sign(ALERTS, left == 0, left)]


def heard(session: Session, case: Case) -> list[Heard]:
    """Return what schools told of a child in the later checks, or that they told nothing yet."""
    return [
        _heard(entry)
        for told in history.of_case(session, case.id)
        for entry in told.later
        if entry.form.state != FormState.CANCELLED
    ]


def _heard(entry: Entry) -> Heard:
    form, said = entry.form, entry.answers
    if said is None:
        return Heard(form.due_on, "neutral", str(NOT_SENT[entry.arrival]))
    lines = (*entry.flags, *entry.stands_out)
    return Heard(
        on=form.due_on,
        kind="bad" if said.filled.flags else KINDS.get(said.result.band, "bad"),
        words=str(BANDS[said.result.band]),
        lines=lines,
        note=said.note,
        link=f"/pemantauan/{form.public_id}/baca",
    )


NOT_SENT: dict[Arrival, Any] = {
    Arrival.MISSED: _("The school sent no form"),
    Arrival.OVERDUE: _("The form is late"),
    Arrival.OPEN: _("The school was asked; its form has not come yet"),
    Arrival.COMING: _("The school is asked in that week"),
}
