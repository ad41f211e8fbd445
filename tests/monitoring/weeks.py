"""Some weeks of monitoring as they pass, for tests: the clock moves, the portal does its part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from time_machine import Traveller

from portal.config import Settings
from portal.core.clock import WIB
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.schedule import Workshop
from portal.monitoring.actions import form_waiting, scheduling, sending, watching
from portal.monitoring.jobs import look_after_forms
from portal.monitoring.models import FollowUp, MonitoringForm, Watcher
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.states import FormState
from portal.notifications.jobs import remind
from portal.notifications.models import Message
from portal.people.models import User
from tests.builders import Builder
from tests.monitoring.classroom import CALM, Classroom

KINDS = (form_waiting.FILL, form_waiting.FILL_LATE, *form_waiting.OF_FOLLOW_UP, form_waiting.MOVED)


@dataclass
class Weeks:
    """A child back at school, whose forms come due as the clock moves."""

    room: Classroom
    database: Database
    settings: Settings
    now: Traveller

    @property
    def build(self) -> Builder:
        """Return what makes records."""
        return self.room.work.build

    def at(self, text: str) -> dict[str, int]:
        """Move the clock to a local time (a day alone: at seven) and do what the portal does."""
        moment = datetime.fromisoformat(text if "T" in text else f"{text}T07:00")
        self.now.move_to(moment.replace(tzinfo=WIB))
        return self.look()

    def look(self) -> dict[str, int]:
        """Let the portal look after the forms, and remind of what is due."""
        shop = Workshop(self.database, self.settings)
        done = look_after_forms(shop)
        remind(shop)
        assert not done["failed"]
        return {name: count for name, count in done.items() if count}

    def make(self) -> MonitoringForm | None:
        """Make the form that comes next."""
        with transaction(self.build.session) as session:
            return scheduling.make_next(session, self.own())

    def follow_up(self) -> FollowUp:
        """Return the child's follow-up as it stands."""
        (found,) = self.room.work.rows(select(FollowUp).filter_by(id=self.room.follow_up.id))
        assert isinstance(found, FollowUp)
        return found

    def own(self) -> FollowUp:
        """Return the child's follow-up in the builder's session, to be changed there."""
        found = self.build.session.get_one(FollowUp, self.room.follow_up.id)
        self.build.session.refresh(found)
        return found

    def forms(self) -> list[MonitoringForm]:
        """Return the forms as they stand, the first first."""
        found = select(MonitoringForm).where(MonitoringForm.follow_up_id == self.room.follow_up.id)
        return list(self.room.work.rows(found.order_by(MonitoringForm.number)))

    def told(self) -> list[str]:
        """Return the forms in short: how far, the day they are due, their lesson weeks."""
        return [f"{each.state} {each.due_on} {each.weeks}" for each in self.forms()]

    def waiting(self) -> MonitoringForm:
        """Return the form that waits."""
        return next(each for each in self.forms() if each.state == FormState.WAITING)

    def send(
        self, form: MonitoringForm | None = None, by: str = "teacher", flags: tuple[str, ...] = ()
    ) -> MonitoringForm:
        """Let a teacher send a form, the one that waits if none is named."""
        wanted = (form or self.waiting()).id
        with transaction(self.build.session) as session:
            found = session.get_one(MonitoringForm, wanted)
            filled = Filled(frozenset(flags), CALM)
            sending.send_form(session, self.room.actor(by), found, filled, "")
        return found

    def name(self, who: str, by: str = "principal", *, substitute: bool = False) -> Watcher:
        """Let somebody be asked for the forms."""
        with transaction(self.build.session) as session:
            return watching.name_watcher(
                session,
                self.room.actor(by),
                self.own(),
                getattr(self.room, who).id,
                substitute=substitute,
            )

    def asked(self, *kinds: str) -> list[tuple[str, str]]:
        """Return what waits about the forms: the kind, and for whom."""
        ids = {each.id for each in self.forms()} | {self.room.case.id}
        open_ones = select(Duty).where(Duty.closed_at.is_(None), Duty.subject_id.in_(ids))
        return sorted(
            (each.kind, self._called(each.person_id) or str(each.role))
            for each in self.room.work.rows(open_ones)
            if each.kind in (kinds or KINDS)
        )

    def duty(self, kind: str) -> Duty:
        """Return the one thing of a kind that waits."""
        found = select(Duty).where(Duty.kind == kind, Duty.closed_at.is_(None))
        (duty,) = self.room.work.rows(found)
        assert isinstance(duty, Duty)
        return duty

    def messages(self, *kinds: str) -> list[str]:
        """Return who was told of what on which local day, in order."""
        rows = self.room.work.rows(select(Message).order_by(Message.written_at, Message.kind))
        return [
            f"{row.written_at.astimezone(WIB):%d %H} {row.kind} {self._called(row.recipient_id)}"
            for row in rows
            if row.kind in kinds
        ]

    def _called(self, person_id: UUID | None) -> str:
        people: dict[UUID, str] = {}
        for name in ("teacher", "colleague", "principal", "manager", "other", "coordinator"):
            person: Any = getattr(self.room, name, None) or getattr(self.room.work, name)
            if isinstance(person, User):
                people[person.id] = name
        return people.get(person_id, "") if person_id else ""


def day(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)
