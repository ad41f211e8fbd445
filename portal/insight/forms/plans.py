"""Asking for a semester's plan, moving one of its sessions, sending its offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any, Self
from uuid import UUID

from wtforms import DateField, IntegerField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from portal.core import clock, i18n
from portal.core.settings import Office
from portal.insight.actions.plans import Move, Wanted
from portal.insight.models import PlanItem
from portal.insight.queries.periods import Period, Span
from portal.insight.queries.plan_instance import PER_MOU
from portal.visits.models import Programme
from portal.visits.queries.slots import Worker
from portal.web.forms import EntryList, Needed, PortalForm, VersionedForm

_ = i18n.lazy

MOST_WEIGHT = 5
SESSIONS = (
    SelectChoice("1", _("One")),
    SelectChoice("2", _("Two")),
    SelectChoice(PER_MOU, _("As the MoU promises, at most two")),
)
SOON, ALL = "4", "semua"
SOON_WEEKS = 4


def _figure(label: Any, least: int, most: int) -> IntegerField:
    message = i18n.lazy_with("Enter a figure from %(least)s to %(most)s.", least=least, most=most)
    return IntegerField(label, [InputRequired(message), NumberRange(least, most, message)])


def semesters(today: date) -> list[Period]:
    """Return the semesters that can be planned: the running one and the next."""
    running = Period.of(Span.SEMESTER, today)
    return [running, Period.of(Span.SEMESTER, running.last + timedelta(days=1))]


class PlanForm(PortalForm):
    """What a plan is asked for."""

    semester = SelectField(_("Semester"))
    programme = SelectField(_("Programme"))
    sessions = RadioField(_("Sessions for each school"), choices=list(SESSIONS))
    gap_weeks = _figure(_("Weeks between two sessions of a school"), 1, 20)
    travel = _figure(_("How much ways count against waiting (0 to 5)"), 0, MOST_WEIGHT)
    balance = _figure(_("How much even loads count (0 to 5)"), 0, MOST_WEIGHT)
    seconds = _figure(_("Look for a better plan for (seconds)"), 5, 300)

    @classmethod
    def asking(cls, office: Office, programmes: Sequence[Programme], **more: Any) -> Self:
        """Return the form with the usual answers; nothing is sent where `formdata` is None."""
        form = cls(
            data={
                "sessions": "1",
                "gap_weeks": office["plan_gap_weeks"],
                "travel": 2,
                "balance": 1,
                "seconds": office["plan_seconds"],
            },
            **more,
        )
        form.offer(programmes)
        return form

    def offer(self, programmes: Sequence[Programme]) -> None:
        """Say what can be chosen."""
        self.semester.choices = [
            SelectChoice(each.slug, semester_name(each.first, each.last))
            for each in semesters(clock.today())
        ]
        self.programme.choices = [
            SelectChoice(each.public_id, each.name(i18n.language())) for each in programmes
        ]

    def to_command(self, programmes: Iterable[Programme]) -> Wanted:
        """Return what is asked for; a semester that runs already is planned from today on."""
        period = next(each for each in semesters(clock.today()) if each.slug == self.semester.data)
        return Wanted(
            programme=next(each for each in programmes if each.public_id == self.programme.data),
            first_on=max(period.first, clock.today()),
            last_on=period.last,
            sessions=str(self.sessions.data),
            gap_weeks=int(self.gap_weeks.data or 1),
            travel=int(self.travel.data or 0),
            balance=int(self.balance.data or 0),
            seconds=int(self.seconds.data or 0),
        )


def semester_name(first: date, last: date) -> str:
    """Return what a semester is called: its months."""
    return f"{i18n.month_year(first)} – {i18n.month_year(last)}"


class MoveForm(VersionedForm):
    """Another time for a session of a plan."""

    day = DateField(_("Day"), [Needed(_("Choose the day."))])
    starts = SelectField(_("Start"))
    workers = EntryList(SelectField(_("Social worker")), min_entries=1)

    @classmethod
    def of(
        cls, item: PlanItem, starts: Sequence[time], workers: Sequence[Worker], **more: Any
    ) -> Self:
        """Return the form of a session as it stands, or as it was sent."""
        local = item.starts_at.astimezone(clock.WIB) if item.starts_at else None
        crew = int(item.facts.get("crew", 1))
        form = cls.showing(
            item,
            data={
                "day": local.date() if local else None,
                "starts": f"{local:%H:%M}" if local else None,
                "workers": list(item.worker_ids) or [None] * crew,
            },
            **more,
        )
        form.starts.choices = [
            SelectChoice(f"{each:%H:%M}", i18n.clock_time(each)) for each in starts
        ]
        for select in form.workers:
            select.choices = [SelectChoice(str(worker.id), worker.full_name) for worker in workers]
        return form

    def to_command(self) -> Move:
        """Return the move."""
        return Move(
            self.day.data,
            time.fromisoformat(self.starts.data),
            tuple(UUID(each.data) for each in self.workers),
        )


class SendForm(PortalForm):
    """Which offers leave now."""

    which = RadioField(
        _("Which offers"),
        choices=[
            SelectChoice(SOON, _("Sessions of the next four weeks")),
            SelectChoice(ALL, _("All sessions of the plan")),
        ],
        default=SOON,
    )
