"""Appointments: planned, recorded, put right, cancelled, and who comes to a conference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.cases.actions.conferences import Guests
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import Goal, Service
from portal.cases.queries.conferences import Guest
from portal.cases.queries.services import MOST_MINUTES
from portal.cases.queries.words import BARRIERS, SERVICES
from portal.cases.states import Barrier, ServiceKind, ServiceState
from portal.core import clock, i18n
from portal.people.models import User
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_LETTERS = 4000
LONGEST_CHOICE = 90
LEAST_MINUTES = 5
USUAL_MINUTES = 60
USUAL_START = time(9)
NOTHING = SelectChoice("", "–")
YES, NO = "yes", "no"
TOOK_PLACE = {ServiceState.HELD: YES, ServiceState.MISSED: NO}
KINDS = [NOTHING, *(SelectChoice(each.value, name) for each, name in SERVICES.items())]
REASONS = [NOTHING, *(SelectChoice(each.value, name) for each, name in BARRIERS.items())]


class Presence(StrEnum):
    """Whether somebody came."""

    CAME = "came"
    MISSED = "missed"
    NOT_EXPECTED = "not_expected"


CAME: dict[Presence, bool | None] = {
    Presence.CAME: True,
    Presence.MISSED: False,
    Presence.NOT_EXPECTED: None,
}
PRESENCES = [
    SelectChoice(Presence.CAME.value, _("Came")),
    SelectChoice(Presence.MISSED.value, _("Did not come")),
    SelectChoice(Presence.NOT_EXPECTED.value, _("Was not expected")),
]


def _minutes(label: Any) -> IntegerField:
    wrong = _("Enter the minutes as a figure between 5 and 600, for example 60.")
    return IntegerField(label, [Needed(wrong), NumberRange(LEAST_MINUTES, MOST_MINUTES, wrong)])


class AppointmentForm(VersionedForm):
    """When, how long, with whom and what for."""

    kind = SelectField(_("What is it?"), [Needed(_("Choose what it is."))], choices=KINDS)
    day = DateField(_("Day"), [Needed(_("Enter the day."))])
    start = TimeField(_("At (WIB)"), [Needed(_("Enter the time, for example 09:00."))])
    minutes = _minutes(_("Minutes"))
    holder = SelectField(_("Who holds it?"), [Needed(_("Choose who holds it."))])
    goal = SelectField(_("Which goal does it serve?"), [Optional()], validate_choice=False)
    place_words = StringField(_("Where?"), [Optional(), Length(max=200)], filters=[stripped])
    purpose = TextAreaField(
        _("What is it about?"), [Optional(), Length(max=MOST_LETTERS)], filters=[stripped]
    )

    def offer(self, goals: Sequence[Goal], holders: Sequence[User]) -> None:
        """Fill in the goals of the plan and who works on the case."""
        self._goals = {each.public_id: each.id for each in goals}
        self._holders = {each.public_id: each.id for each in holders}
        self.goal.choices = [
            NOTHING,
            *(SelectChoice(each.public_id, _short(each.text)) for each in goals),
        ]
        self.holder.choices = [SelectChoice(each.public_id, each.full_name) for each in holders]

    def begin_with(self, moment: datetime, me: UUID) -> None:
        """Propose a moment, an hour, and whoever fills it in."""
        if self.restored:
            return
        here = moment.astimezone(clock.WIB)
        self.day.data, self.start.data = here.date(), here.time().replace(second=0, microsecond=0)
        self.minutes.data = USUAL_MINUTES
        mine = (public_id for public_id, each in self._holders.items() if each == me)
        self.holder.data = next(mine, None)

    def to_appointment(self) -> Appointment:
        """Return what was typed."""
        return Appointment(
            kind=ServiceKind(self.kind.data),
            starts_at=clock.at_wib(self.day.data, self.start.data),
            minutes=self.minutes.data or USUAL_MINUTES,
            held_by=self._holders[self.holder.data],
            goal_id=self._goals.get(self.goal.data or ""),
            place=self.place_words.data or "",
            purpose=self.purpose.data or "",
        )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CHOICE else f"{text[: LONGEST_CHOICE - 1]}…"


class PlanForm(AppointmentForm):
    """Something that is to come."""

    def begin_new(self, me: UUID) -> None:
        """Propose the next working day."""
        day = clock.add_working_days(clock.today(), 1)
        self.begin_with(clock.at_wib(day, USUAL_START), me)


class ChangeForm(AppointmentForm):
    """Something planned or recorded, to be moved or put right."""

    @classmethod
    def of(cls, service: Service, goals: Sequence[Goal], holders: Sequence[User]) -> Self:
        """Return the form filled with an appointment as it stands."""
        here = service.starts_at.astimezone(clock.WIB)
        goal = next((each.public_id for each in goals if each.id == service.goal_id), "")
        holder = next((each.public_id for each in holders if each.id == service.held_by), "")
        form = cls.showing(
            service,
            formdata=None,
            day=here.date(),
            start=here.time(),
            goal=goal,
            holder=holder,
        )
        form.offer(goals, holders)
        return form


class Attendance:
    """Fields that say who came and what came of it."""

    child = RadioField(
        _("The child"), [Needed(_("Choose whether the child came."))], choices=PRESENCES
    )
    family = RadioField(
        _("The family"),
        [Needed(_("Choose whether somebody of the family came."))],
        choices=PRESENCES,
    )
    result = TextAreaField(_("What came of it?"), [Length(max=MOST_LETTERS)], filters=[stripped])
    barrier = SelectField(
        _("What kept somebody from coming?"), [Optional()], choices=REASONS, validate_choice=True
    )

    def to_outcome(self, minutes: int) -> Outcome:
        """Return what was typed; nobody of those expected came: then it was missed."""
        child, family = CAME[Presence(self.child.data)], CAME[Presence(self.family.data)]
        missed = False in (child, family) and True not in (child, family)
        return Outcome(
            state=ServiceState.MISSED if missed else ServiceState.HELD,
            minutes=minutes,
            child_came=child,
            family_came=family,
            result=self.result.data or "",
            barrier=Barrier(self.barrier.data) if self.barrier.data else None,
        )


class PastForm(Attendance, AppointmentForm):
    """Something that happened already, in one step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It stands beside the form of what is to come, which has fields of the same names.
        for field in self:
            field.id = f"past-{field.id}"

    def begin_new(self, me: UUID) -> None:
        """Propose the full hour before this one."""
        hour = clock.now().replace(minute=0)
        self.begin_with(hour - timedelta(hours=1), me)


class RecordForm(Attendance, VersionedForm):
    """What came of an appointment, or a correction of that."""

    took_minutes = _minutes(_("How many minutes did it take?"))

    @classmethod
    def of(cls, service: Service) -> Self:
        """Return the form filled with what is recorded so far."""
        known = service.state in {ServiceState.HELD, ServiceState.MISSED}
        form = cls.showing(
            service,
            formdata=None,
            took_minutes=service.minutes,
            child=_presence(service.child_came) if known else None,
            family=_presence(service.family_came) if known else None,
            took_place=TOOK_PLACE.get(ServiceState(service.state)),
        )
        form.barrier.data = form.barrier.data or ""
        return form

    @property
    def outcome(self) -> Outcome:
        """Return what was typed."""
        return self.to_outcome(self.took_minutes.data or USUAL_MINUTES)


def _presence(came: bool | None) -> str:
    return next(each.value for each, answer in CAME.items() if answer is came)


class ConferenceRecordForm(RecordForm):
    """What came of a conference, which may take place without child and family."""

    took_place = RadioField(
        _("Did it take place?"),
        [Needed(_("Choose whether it took place."))],
        choices=[SelectChoice(YES, _("Yes")), SelectChoice(NO, _("No"))],
    )
    came = SelectMultipleField(_("Who of those invited came?"), validate_choice=False)

    def offer(self, guests: Sequence[Guest], *, named: bool) -> None:
        """Fill in who is invited; names of people without an account only for some readers."""
        self._guests = {each.person.public_id: each.person.id for each in guests}
        self.came.choices = [
            SelectChoice(each.person.public_id, each.label(named=named)) for each in guests
        ]

    def tick(self, guests: Sequence[Guest]) -> None:
        """Tick who came, as it is recorded so far."""
        if not self.restored:
            self.came.data = [each.person.public_id for each in guests if each.person.came]

    def present(self) -> frozenset[UUID]:
        """Return the places of those who came."""
        chosen = self.came.data or ()
        return frozenset(self._guests[each] for each in chosen if each in self._guests)

    def to_outcome(self, minutes: int) -> Outcome:
        """Return what was typed."""
        held = self.took_place.data == YES
        state = ServiceState.HELD if held else ServiceState.MISSED
        return replace(super().to_outcome(minutes), state=state)


class CancelForm(PortalForm):
    """Why something planned does not take place."""

    why = StringField(
        _("Why does it not take place?"),
        [Needed(_("Write why, for whoever reads the file later.")), Length(max=500)],
        filters=[stripped],
    )


class InviteForm(PortalForm):
    """Who is invited to a conference."""

    colleagues = SelectMultipleField(_("Colleagues"), validate_choice=False)
    name = StringField(
        _("Somebody without an account"), [Optional(), Length(max=120)], filters=[stripped]
    )
    capacity = StringField(
        _("In which capacity?"), [Optional(), Length(max=120)], filters=[stripped]
    )

    def offer(self, colleagues: Sequence[User]) -> None:
        """Fill in the staff of the office who are not invited yet."""
        self._colleagues = {each.public_id: each.id for each in colleagues}
        self.colleagues.choices = [
            SelectChoice(each.public_id, each.full_name) for each in colleagues
        ]

    def to_command(self) -> Guests:
        """Return who was chosen; nobody who was not offered."""
        chosen = self.colleagues.data or ()
        return Guests(
            frozenset(self._colleagues[each] for each in chosen if each in self._colleagues),
            self.name.data or "",
            self.capacity.data or "",
        )
