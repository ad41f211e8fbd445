"""Who works at the desk, and reports as they come in, for tests of triage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.incidents.actions import receiving
from portal.incidents.actions.receiving import Filing, TrackingCode
from portal.incidents.models import Report, Turn
from portal.incidents.states import Door
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder

# Words that appear nowhere else.
STORY = "Ditendang di balik gudang olahraga"
PERSON = "Bargowo Terlapor"
CONTACT = "Kirim surat ke warung Mbok Darmi"
PLANTED = (STORY, PERSON, CONTACT, "Bargowo")
CALM = {"danger": ["no"], "what": ["verbal"], "reported": ["pupil"]}
URGENT = {"danger": ["yes"], "what": ["physical"]}


@dataclass
class Desk:
    """A desk with somebody on duty, somebody who is not, and those above them."""

    build: Builder
    officer: User
    other: User
    coordinator: User
    second: User
    head: User
    school: School
    turns: list[Turn] = field(default_factory=list)

    def actor(self, name: str) -> Actor:
        """Return one of them as an actor."""
        return self.build.actor(getattr(self, name))

    def on_duty(self, person: User, first: date | None = None, days: int = 30) -> Turn:
        """Put somebody on the roster from a day (today) on."""
        first = first or clock.today()
        turn = Turn(
            user_id=person.id,
            first_day=first,
            last_day=first + timedelta(days=days - 1),
            recorded_by=self.coordinator.id,
        )
        self.turns.append(self.build.save(turn))
        return turn

    def report(self, answers: dict[str, list[str]] | None = None, **more: Any) -> Report:
        """Take a report in, by default a calm one from Ruang Cerita about the school."""
        values: dict[str, Any] = {
            "door": Door.STORY_ROOM,
            "answers": CALM if answers is None else answers,
            "story": STORY,
            "details": {"reported_person": PERSON},
            "reported_person": PERSON,
            "safe_contact": CONTACT,
            "school_id": self.school.id,
        }
        actor = more.pop("actor", None)
        code = code_without_hash() if actor is None else None
        filing = Filing(**{**values, **more})
        with transaction(self.build.session) as session:
            return receiving.receive(session, actor, filing, code)

    def fresh(self, report: Report) -> Report:
        """Read a report as it is kept."""
        return self.build.fresh(Report, report.id)

    def duties(self, report: Report | None = None, *, closed: bool = False) -> list[Duty]:
        """Return what is due about a report (or altogether), the first opened first."""
        query = select(Duty).order_by(Duty.id)
        if report is not None:
            query = query.where(Duty.subject_id == report.id)
        if not closed:
            query = query.where(Duty.closed_at.is_(None))
        with self.build.database.reader() as session:
            return list(session.scalars(query))

    def due(self, report: Report | None = None) -> list[str]:
        """Return the kinds of what is due."""
        return [duty.kind for duty in self.duties(report)]


def code_without_hash() -> TrackingCode:
    """Return a code whose hash took no time; nobody opens anything with it here."""
    locator = receiving.codes.new_code(receiving.LOCATOR_LENGTH)
    return TrackingCode(locator, "0" * receiving.SECRET_LENGTH, "hash")


def set_up(build: Builder) -> Desk:
    """Make the desk; the first of the two social workers is on duty."""
    desk = Desk(
        build,
        officer=build.user(Role.SOCIAL_WORKER, name="Bu Piket"),
        other=build.user(Role.SOCIAL_WORKER, name="Pak Lain"),
        coordinator=build.user(Role.COORDINATOR, name="Bu Koordinator"),
        second=build.user(Role.COORDINATOR, name="Pak Koordinator"),
        head=build.user(Role.DIVISION_HEAD, name="Bu Kepala"),
        school=build.school("SMP Contoh Sekali"),
    )
    desk.on_duty(desk.officer)
    return desk
