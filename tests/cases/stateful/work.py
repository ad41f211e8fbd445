"""The work on a case: what fills the file, the plan, the stages, tasks and appointments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import (
    assessing,
    consents,
    family,
    goals,
    identity,
    planning,
    serving,
    tasks,
)
from portal.cases.actions import stages as steps
from portal.cases.models import Case, LegalBasis, Need
from portal.cases.models import Goal as GoalRow
from portal.cases.models import Plan as PlanRow
from portal.cases.states import (
    Barrier,
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    Domain,
    Progress,
    ServiceKind,
    ServiceState,
    Stage,
)
from portal.core import clock
from portal.core.access import Actor
from tests.cases.stateful.book import LAST_STAGE, TICKED, Book, Goal, Plan
from tests.cases.stateful.doing import REASONS, Act, By, Doing

STAGES = list(Stage)


class Work(Doing):
    """What whoever works on a case does in it."""

    def _write(self, by: By, book: Book, act: Act, *, may: bool = True) -> bool:
        return self.on_page(by, book, may and self.ledger.goes_on(by.name, book), act)

    def write_identity(self, by: By, book: Book) -> None:
        """Write down a guardian, what serves the child, and what it wants."""

        def act(session: Session, actor: Actor, case: Case) -> None:
            identity.add_guardian(session, actor, case, identity.GuardianFacts("Ibu Uji"))
            identity.record_wishes(session, actor, case, "Tetap bersekolah", "Mau ditemani")

        if self._write(by, book, act):
            book.guardian = book.wishes = True

    def contact(self, by: By, book: Book, *, reached: bool) -> None:
        """Meet the family, or miss it."""
        barrier = None if reached else Barrier.NO_ANSWER
        met = family.Contact(self.now, ContactWay.PHONE, reached, barrier=barrier, text="Kabar")
        if self._write(by, book, lambda s, a, c: family.add_contact(s, a, c, met)) and reached:
            book.reached.append(self.acted_on)

    def consent(self, by: By, book: Book, about: str, answer: str) -> None:
        """Write down what the family says, or that it is not asked."""
        said = ConsentAnswer(answer)

        def act(session: Session, actor: Actor, case: Case) -> None:
            if said is ConsentAnswer.NOT_ASKED:
                basis = session.scalars(select(LegalBasis.id).limit(1)).one()
                reasons = replace(REASONS, bases=(basis,))
                consents.act_without_asking(session, actor, case, ConsentAbout(about), reasons)
            else:
                asked = consents.Asked(
                    ConsentAbout(about), said, clock.today(), reason="Ibunya", child_agrees=True
                )
                consents.record_consent(session, actor, case, asked)

        may = said is not ConsentAnswer.WITHDRAWN or book.consents.get(about) == "given"
        if self._write(by, book, act, may=may):
            book.consents[about] = answer
            if about == "referral" and answer in {"refused", "withdrawn"}:
                for referral in book.referrals:
                    if referral.state == "sent":
                        referral.stop("sent")

    def assess(self, by: By, book: Book, domain: str, concern: int) -> None:
        """Assess a domain."""
        found = assessing.Findings(concern, "Tampak tenang", self.today)
        if self._write(by, book, lambda s, a, c: assessing.assess(s, a, c, Domain(domain), found)):
            book.concerns[domain] = (concern, self.acted_on)

    def add_need(self, by: By, book: Book) -> None:
        """Note a need."""
        made: list[Need] = []
        if self._write(
            by,
            book,
            lambda s, a, c: made.append(assessing.add_need(s, a, c, Domain.SCHOOL, "Teman")),
        ):
            book.needs[made[0].id] = None

    def turn_need(self, by: By, book: Book, need: UUID) -> None:
        """Note that a need is met, or there again."""
        met = book.needs[need]

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(Need, need)
            if met:
                assessing.reopen_need(session, actor, case, row)
            else:
                assessing.meet_need(session, actor, case, row, clock.today())

        if self._write(by, book, act):
            book.needs[need] = None if met else self.acted_on

    def begin_plan(self, by: By, book: Book) -> None:
        """Begin the next plan."""
        newest = book.newest
        may = newest is None or newest.state == "approved"
        if self._write(by, book, planning.begin_plan, may=may):
            book.plans.append(self._carried(book))
            self._learn_goals(book)

    def _carried(self, book: Book) -> Plan:
        former = book.in_force.goals if book.in_force else []
        kept = [each for each in former if each.progress in {"open", "partly"}]
        return Plan(
            UUID(int=0),
            goals=[
                Goal(UUID(int=0), each.need, each.progress, None, each.reviewed_on) for each in kept
            ],
        )

    def _learn_goals(self, book: Book) -> None:
        """Learn the ids of the newest plan; there are exactly the goals there ought to be."""
        plan = book.plans[-1]
        row = max(self.rows(PlanRow, PlanRow.case_id == book.id), key=lambda each: each.number)
        rows = {
            each.need_id: each.id
            for each in self.rows(GoalRow, GoalRow.plan_id == row.id)
            if each.progress != Progress.DROPPED
        }
        plan.id = row.id
        living = [each for each in plan.goals if each.progress != "dropped"]
        assert {each.need for each in living} == set(rows)
        for each in living:
            each.id = rows[each.need]

    def suggest(self, by: By, book: Book) -> None:
        """Aim at every need nobody aims at yet."""
        newest = book.newest
        draft = newest if newest and newest.state != "approved" else self._carried(book)
        covered = {each.need for each in draft.goals if each.progress != "dropped"}
        lacking = [need for need, met in book.needs.items() if not met and need not in covered]
        may = bool(lacking) and draft.state == "draft"
        if self._write(by, book, lambda s, a, c: goals.suggest_goals(s, a, c, {}), may=may):
            draft.goals += [Goal(UUID(int=0), need) for need in lacking]
            if draft is not newest:
                book.plans.append(draft)
            self._learn_goals(book)

    def review(self, by: By, book: Book, goal: Goal, progress: str) -> None:
        """Look at a goal again."""
        plan = next(each for each in book.plans if goal in each.goals)
        found = goals.Reviewed(Progress(progress), "Kabar", self.today)
        if self._write(
            by,
            book,
            lambda s, a, c: goals.review_goal(s, a, c, s.get_one(GoalRow, goal.id), found),
            may=plan.state == "approved",
        ):
            goal.progress, goal.reviewed_on = progress, self.acted_on

    def serve(self, by: By, book: Book, goal: Goal | None) -> None:
        """Write down a talk the child came to."""
        held = serving.Appointment(
            ServiceKind.COUNSELLING,
            self.now,
            45,
            self.ledger.ids[by.name],
            goal.id if goal else None,
        )
        came = serving.Outcome(ServiceState.HELD, 45, child_came=True, result="Bercerita")
        plans = [each for each in book.plans if goal in each.goals]
        may = goal is None or (plans[0].state != "replaced" and goal.progress != "dropped")
        if self._write(by, book, lambda s, a, c: serving.record_past(s, a, c, held, came), may=may):
            day = held.starts_at.astimezone(clock.WIB).date()
            book.child_met.append(day)
            if goal:
                goal.served_on = max(day, goal.served_on or day)

    def plan_ahead(self, by: By, book: Book, whose: str) -> None:
        """Set somebody a task and plan a talk with them."""
        person, soon = self.ledger.ids[whose], self.now + timedelta(days=2)

        def act(session: Session, actor: Actor, case: Case) -> None:
            tasks.add(session, actor, case, "Menelepon ibunya", clock.today(), person)
            wanted = serving.Appointment(ServiceKind.COUNSELLING, soon, 45, person)
            serving.plan(session, actor, case, wanted)

        self._write(by, book, act, may=whose in book.hands)

    def tick(self, by: By, book: Book, code: str, *, on: bool, fresh: bool = True) -> None:
        """Tick an item of the present checklist, or take the tick back."""
        act = steps.tick if on else steps.untick
        if self._step(by, book, act, code, may=code in TICKED.get(book.now.stage, ()), fresh=fresh):
            (book.now.ticks.add if on else book.now.ticks.discard)(code)

    def sign(self, by: By, book: Book, *, fresh: bool = True) -> None:
        """Finish the present stage."""
        stage = book.now.stage
        may = stage != LAST_STAGE and not book.missing()
        if self._step(by, book, steps.sign, may=may, fresh=fresh):
            book.now.fate = "signed"
            book.enter(stage + 1, self.acted_on)

    def skip(self, by: By, book: Book, *, fresh: bool = True) -> None:
        """Pass over the present stage."""
        stage = book.now.stage
        if self._step(by, book, steps.skip, REASONS, may=stage not in (1, LAST_STAGE), fresh=fresh):
            book.now.fate = "skipped"
            book.enter(stage + 1, self.acted_on)

    def go_back(self, by: By, book: Book, stage: int, *, fresh: bool = True) -> None:
        """Go through an earlier stage again."""
        may = stage < book.now.stage and not book.waiting("closure")
        if self._step(by, book, steps.go_back, STAGES[stage - 1], REASONS, may=may, fresh=fresh):
            book.now.fate = "left"
            book.enter(stage, self.acted_on)

    def _step(
        self,
        by: By,
        book: Book,
        act: Callable[..., None],
        *given: Any,
        may: bool,
        fresh: bool,
    ) -> bool:
        # An old page shows the passage before this one.
        shown = len(book.passages) - (not fresh)
        return self._write(by, book, lambda s, a, c: act(s, a, c, shown, *given), may=may and fresh)
