"""A case whose child comes back to school, those who teach there, and plans for it, for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.cases.actions.consents import Asked, record_consent
from portal.cases.models import Case, CaseEntry, Guardian
from portal.cases.states import ConsentAbout, ConsentAnswer, EntryKind
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import new_id, transaction
from portal.core.duties import Duty
from portal.monitoring.actions import plan_drafts, plans
from portal.monitoring.actions.plan_drafts import Written
from portal.monitoring.models import PlanReader, ReturnPlan
from portal.monitoring.queries import plans as queries
from portal.people.models import User
from tests.cases.casework import NAME, Casework

# Words that appear nowhere else.
HELPS = "Duduk di baris kedua dekat pintu bersama Sinta"
AVOIDS = "Jangan memanggil ke depan kelas tanpa bertanya dulu"
SAFETY = "Bu Endang menemani dari gerbang timur"
AGREED = "Anak ingin boleh memakai jaket kesukaannya"
CONTACTS = "Hubungi peksos di 0725 111 222 pada hari kerja"
QUESTION = "Gerbang timur baru buka pukul tujuh"


def monday() -> date:
    """Return the Monday after this week."""
    return clock.monday_of(clock.today()) + timedelta(days=7)


def written(**more: Any) -> Written:
    """Return what a plan says, or as `more` says."""
    usual = Written(
        child_name=NAME,
        class_name="7B",
        returns_on=monday(),
        safety_steps=SAFETY,
        helps=HELPS,
        avoids=AVOIDS,
        agreed=AGREED,
        contacts=CONTACTS,
    )
    return replace(usual, **more)


@dataclass
class Planning:
    """A case with everything a plan needs, and the people at the school."""

    work: Casework
    case: Case
    guardian: Guardian
    teacher: User
    colleague: User
    counsellor: User
    principal: User

    @property
    def page(self) -> str:
        """Return the address of the case's plans."""
        return f"/kasus/{self.case.public_id}/kembali-sekolah"

    def actor(self, name: str) -> Actor:
        """Return one of the school's, or of the office's, people as an actor."""
        return self.work.build.actor(getattr(self, name, None) or getattr(self.work, name))

    def consent(self, answer: ConsentAnswer = ConsentAnswer.GIVEN) -> None:
        """Write down what the guardian said of telling the school."""
        about, reason = ConsentAbout.SHARING_WITH_SCHOOL, "Ibu sudah berpikir"
        with transaction(self.work.build.session) as session:
            said = Asked(about, answer, clock.today(), self.guardian.id, reason)
            record_consent(session, self.work.actor("manager"), self.case, said)

    def draft(self, *names: str, by: str = "manager", **more: Any) -> ReturnPlan:
        """Write a draft that these people (the teacher) read."""
        readers = [getattr(self, name).id for name in names or ("teacher",)]
        with transaction(self.work.build.session) as session:
            case = session.get_one(Case, self.case.id)
            return plan_drafts.draft(session, self.actor(by), case, written(**more), readers)

    def share(self, plan: ReturnPlan, teacher: str = "teacher", by: str = "manager") -> ReturnPlan:
        """Let the school read a draft."""
        teacher_id = getattr(self, teacher).id
        with transaction(self.work.build.session) as session:
            case = session.get_one(Case, self.case.id)
            found = session.get_one(ReturnPlan, plan.id)
            plans.share(session, self.actor(by), case, found, teacher_id)
            return found

    def shared(self, *names: str, **more: Any) -> ReturnPlan:
        """Write a plan and share it."""
        return self.share(self.draft(*names, **more))

    def revise(self, plan: ReturnPlan) -> ReturnPlan:
        """Begin the next version of a shared plan."""
        with transaction(self.work.build.session) as session:
            case = session.get_one(Case, self.case.id)
            found = session.get_one(ReturnPlan, plan.id)
            return plan_drafts.revise(session, self.actor("manager"), case, found)

    def acknowledge(self, plan: ReturnPlan, by: str, words: str = "") -> None:
        """Let somebody at the school say that they have read it."""
        with transaction(self.work.build.session) as session:
            found = session.get_one(ReturnPlan, plan.id)
            plans.acknowledge(session, self.actor(by), found, words)

    def reads(self, plan: ReturnPlan) -> set[str]:
        """Return who of the school may read a plan now."""
        people = ("teacher", "colleague", "counsellor", "principal")
        with self.work.build.database.reader() as reading:
            return {
                name
                for name in people
                if queries.get_readable(reading, self.actor(name), plan.public_id)
            }

    def rows(self, plan: ReturnPlan) -> dict[str, PlanReader]:
        """Return the rows of a plan's readers by the people's names here."""
        people = ("teacher", "colleague", "counsellor", "principal")
        names = {getattr(self, name).id: name for name in people}
        found = self.work.rows(select(PlanReader).where(PlanReader.plan_id == plan.id))
        return {names[each.user_id]: each for each in found}

    def waits(self, *kinds: str) -> list[Duty]:
        """Return what of these kinds is due about plans, in the order it is due."""
        known = kinds or ("read_plan", "plan_unread_school", "plan_unread", "plan_words")
        still = select(Duty).where(Duty.closed_at.is_(None), Duty.kind.in_(known))
        return self.work.rows(still.order_by(Duty.due_at, Duty.id))

    def steps(self) -> list[Any]:
        """Return what the timeline tells of plans, oldest first."""
        told = select(CaseEntry).where(
            CaseEntry.case_id == self.case.id, CaseEntry.kind == EntryKind.RETURN_PLAN
        )
        rows = self.work.rows(told.order_by(CaseEntry.written_at, CaseEntry.id))
        return [each.facts["step"] for each in rows]


def planning(work: Casework, **more: Any) -> Planning:
    """Open a case whose guardian agrees that the school is told."""
    build = work.build
    case = work.open(**more)
    guardian = build.save(Guardian(id=new_id(), child_id=case.child_id, full_name="Bu Larasati"))
    made = Planning(
        work,
        case,
        guardian,
        teacher=build.user(Role.TEACHER, work.school, name="Endang Suprihatin"),
        colleague=build.user(Role.TEACHER, work.school, name="Dedi Kurniawan"),
        counsellor=build.user(Role.FOCAL_TEAM, work.school, name="Ratih Puspita"),
        principal=build.user(Role.PRINCIPAL, work.school, name="Suharto Widodo"),
    )
    made.consent()
    return made
