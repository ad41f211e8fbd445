"""Who works on cases, and cases as they begin, for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from sqlalchemy import Select, select
from werkzeug.test import TestResponse

from portal.cases.actions.deciding import Reasons, decide
from portal.cases.actions.file import begin
from portal.cases.actions.opening import ChildFacts, NewCase, open_case
from portal.cases.models import Case, Decision
from portal.cases.states import DecisionKind, Origin
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient

# Words that appear nowhere else.
NAME = "Kinasih Wulandari Tirtayasa"
STORY = "Tasnya dibuang ke kolam oleh kakak kelas"
WORDS = "Karangan ujian yang tidak ada di tempat lain"
REASONS = Reasons(
    reason=WORDS, best_interests="Tetap di sekolahnya", child_view="Mau ditemani Bu Sari"
)
PLANTED = (NAME, "Kinasih", STORY, WORDS)
CHILD = ChildFacts(NAME, called="Asih", born="2014-03-09", sex="f", address="Jalan Kenanga 7")


@dataclass
class Casework:
    """An office with two social workers, two coordinators, and the head above them."""

    build: Builder
    manager: User
    other: User
    coordinator: User
    second: User
    head: User
    school: School

    def actor(self, name: str) -> Actor:
        """Return one of them as an actor."""
        return self.build.actor(getattr(self, name))

    def open(self, **more: Any) -> Case:
        """Open a case managed by `manager`; `more` are fields of the command."""
        command = replace(
            NewCase(
                child=CHILD,
                origin=Origin.REFERRAL_IN,
                origin_words="Diantar bibinya",
                school_id=self.school.id,
                class_name="7B",
                kinds=("verbal", "physical"),
                summary=STORY,
                manager_id=self.manager.id,
            ),
            **more,
        )
        with transaction(self.build.session) as session:
            return open_case(session, self.actor("coordinator"), command)

    def rows(self, statement: Select[Any]) -> list[Any]:
        """Return what the database holds now, one value for each row."""
        with self.build.database.reader() as reading:
            return list(reading.scalars(statement))

    def waiting(self, case: Case, *kinds: str) -> list[Duty]:
        """Return what waits about a case, all or of some kinds."""
        found = select(Duty).where(Duty.subject_id == case.id, Duty.closed_at.is_(None))
        rows = self.rows(found.order_by(Duty.due_at, Duty.id))
        return [each for each in rows if not kinds or each.kind in kinds]


def casework(build: Builder) -> Casework:
    """Make the people and a school."""
    return Casework(
        build,
        manager=build.worker(),
        other=build.worker(),
        coordinator=build.user(Role.COORDINATOR),
        second=build.user(Role.COORDINATOR),
        head=build.user(Role.DIVISION_HEAD),
        school=build.school(),
    )


def propose(work: Casework, case: Case, by: str = "manager", kind: str = "closure") -> Decision:
    """Propose a decision, or make it where it needs nobody else's word."""
    with transaction(work.build.session) as session:
        begin(session, work.actor(by), case)
        return decide(session, work.actor(by), case, DecisionKind(kind), REASONS)


def client_of(app: Flask, work: Casework, name: str = "manager") -> PageClient:
    """Return somebody's client, which reads English."""
    client = PageClient(app).sign_in(getattr(work, name))
    client.get("/beranda?bahasa=en")
    return client


def send(
    client: PageClient, path: str, data: dict[str, Any] | None = None, status: int = 303
) -> TestResponse:
    """Send a form and expect this answer."""
    answer = client.post(path, data)
    assert answer.status_code == status, answer.get_data(as_text=True)[:6000]
    return answer
