"""Walking invented cases through the stages, by the portal's own rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.actions import (
    assessing,
    closing,
    consents,
    deciding,
    family,
    goals,
    identity,
    planning,
    serving,
    stages,
    tasks,
)
from portal.cases.actions.assessing import Findings
from portal.cases.actions.consents import Asked
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.family import Contact
from portal.cases.actions.goals import Aimed, Reviewed
from portal.cases.actions.identity import GuardianFacts
from portal.cases.actions.opening import ChildFacts, NewCase, open_case
from portal.cases.actions.planning import PlanWords
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import Case, CaseStage, Decision, Goal, Guardian, LegalBasis, Need
from portal.cases.queries import plans
from portal.cases.queries.tasks import REVIEW_PLAN
from portal.cases.states import (
    CaseOutcome,
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    Domain,
    Origin,
    Progress,
    ServiceKind,
    ServiceState,
    Stage,
)
from portal.core import clock
from portal.core.access import Actor
from portal.demo.past import let_pass
from portal.demo.stories import Story
from portal.schools.models import School

# How many weeks each stage takes where a story says nothing else.
WEEKS = {
    Stage.INTAKE: 0,
    Stage.OUTREACH: 1,
    Stage.ASSESSMENT: 1,
    Stage.PLAN: 1,
    Stage.SERVICE: 6,
    Stage.MONITORING: 10,
    Stage.TERMINATION: 1,
}
FOUND = {
    Domain.PSYCHOLOGICAL: "Bicara pelan dan menunduk bila ditanya tentang sekolah.",
    Domain.FAMILY: "Keluarga menyimak dan mau terlibat; waktunya terbatas.",
    Domain.SCHOOL: "Nilainya turun satu semester ini; wali kelas memperhatikan.",
    Domain.HEALTH: "Sehat; mengeluh sakit perut pada hari sekolah.",
    Domain.SAFETY: "Tidak ada bahaya sekarang; jalan pulang perlu ditemani.",
}


@dataclass
class Walk:
    """One case on its way: who works on it, who approves, whose story it is."""

    session: Session
    story: Story
    schools: dict[str, School]
    manager: Actor
    coordinator: Actor
    head: Actor
    # Made by `begin`.
    case: Case = field(init=False)

    @property
    def reasons(self) -> Reasons:
        """Return what stands in every decision of this story."""
        view = self.story.view or "Belum ditanya."
        return Reasons("Sudah dibicarakan bersama keluarga.", self.story.best, view)

    def begin(self, *, managed: bool = True) -> Walk:
        """Open the case with a guardian, as the manager or for nobody yet."""
        story, school = self.story, self.schools[self.story.school]
        born = str(clock.today().year - story.age)
        command = NewCase(
            child=ChildFacts(story.name, called=story.called, born=born, sex=story.sex),
            origin=Origin.REFERRAL_IN,
            origin_words=story.came_from or "Disampaikan sekolah lewat telepon.",
            school_id=school.id,
            class_name=story.class_name,
            kinds=story.kinds,
            urgency=story.urgency,
            summary=story.summary,
            manager_id=self.manager.user_id if managed else None,
        )
        self.take_up(open_case(self.session, self.coordinator, command))
        return self

    def take_up(self, case: Case) -> None:
        """Go on with a case that was opened, whose first guardian is written down."""
        self.case = case
        if case.manager_id is None:
            return
        facts = GuardianFacts(self.story.guardian, self.story.relation)
        guardian = identity.add_guardian(self.session, self.manager, case, facts)
        if self.story.kept_out:
            reason = self.story.kept_out
            identity.keep_out(self.session, self.manager, case, guardian, reason)

    def do(self, action: Callable[..., object], *given: object, **more: object) -> None:
        """Let the manager do something in the case."""
        action(self.session, self.manager, self.case, *given, **more)

    def do_in_stage(self, action: Callable[..., object], *given: object) -> None:
        """Let the manager do something that names the present passage, as its page does."""
        self.session.flush()
        passages = select(func.count()).where(CaseStage.case_id == self.case.id)
        self.do(action, self.session.scalar(passages), *given)

    def pass_weeks(self, weeks: int) -> None:
        """Let time pass."""
        self.pass_days(7 * weeks)

    def pass_days(self, days: int) -> None:
        """Let some days pass, if any."""
        if days > 0:
            let_pass(self.session, self.case, days)

    def to(self, stage: Stage, **weeks: int) -> Walk:
        """Go through the stages until this one; `weeks` by the code of a stage."""
        while self.case.stage != stage:
            present = Stage(self.case.stage)
            self.pass_days(7 * weeks.get(present, WEEKS[present]) + _weekend(present))
            STEPS[present](self)
            self.do_in_stage(stages.sign)
        return self

    def guardian(self) -> Guardian:
        """Return whoever answers for the child."""
        found = select(Guardian).where(Guardian.child_id == self.case.child_id)
        return self.session.scalars(found).one()

    def met(self, kind: ServiceKind, result: str, goal: Goal | None = None) -> None:
        """Record that the child came to something yesterday."""
        held = Appointment(kind, yesterday(9), 45, self.manager.user_id, goal.id if goal else None)
        outcome = Outcome(ServiceState.HELD, 45, child_came=True, result=result)
        self.do(serving.record_past, held, outcome)

    def reached(self, text: str, home_task: str = "", until: date | None = None) -> None:
        """Record that the family, or another adult the child trusts, was reached yesterday."""
        contact = Contact(
            yesterday(16),
            ContactWay.PHONE,
            reached=True,
            guardian_id=None if self.story.kept_out else self.guardian().id,
            text=text,
            home_task=home_task,
            home_task_until=until,
        )
        self.do(family.add_contact, contact)

    def agree(self, about: ConsentAbout) -> None:
        """Record that the guardian and the child agree to something."""
        given, today = ConsentAnswer.GIVEN, clock.today()
        asked = Asked(about, given, today, self.guardian().id, child_agrees=True)
        self.do(consents.record_consent, asked)

    def bases(self) -> tuple[UUID, ...]:
        """Return the law on the protection of children."""
        law = select(LegalBasis.id).where(LegalBasis.citation.startswith("UU 23/2002"))
        return tuple(self.session.scalars(law))

    def goals(self) -> list[Goal]:
        """Return the goals of the newest plan."""
        newest = plans.newest(self.session, self.case.id)
        return plans.goals_of(self.session, newest.id) if newest else []

    def approve(self, by: Actor, decision: Decision, answer: str = "") -> None:
        """Let somebody agree to a proposal."""
        self.session.flush()
        deciding.approve(self.session, by, self.case, decision, answer)


def _weekend(stage: Stage) -> int:
    """Return by how many days a stage is shorter, and the next longer, on a day off.

    A demonstration made on a Sunday would else show every stage of one week as late.
    """
    today = clock.today()
    off = next(days for days in range(30) if clock.is_working_day(today - timedelta(days=days)))
    return {Stage.OUTREACH: -off, Stage.PLAN: -off, Stage.ASSESSMENT: off, Stage.SERVICE: off}.get(
        stage, 0
    )


def yesterday(hour: int) -> datetime:
    """Return an hour of the day before."""
    return clock.at_wib(clock.today() - timedelta(days=1), time(hour))


def take_in(walk: Walk) -> None:
    """See that the child is safe, and who must not see the file."""
    for code in ("safe_today", "conflicts"):
        walk.do_in_stage(stages.tick, code)


def reach_out(walk: Walk) -> None:
    """Meet the child and the family, and ask whether they agree."""
    walk.met(ServiceKind.COUNSELLING, "Berkenalan sambil menggambar; ia mau bertemu lagi.")
    walk.do(identity.record_wishes, "", walk.story.view)
    walk.reached("Keluarga berterima kasih dan mau didampingi.")
    if walk.story.kept_out:
        reasons = replace(walk.reasons, reason=walk.story.kept_out, bases=walk.bases())
        walk.do(consents.act_without_asking, ConsentAbout.SERVICES, reasons)
    else:
        walk.agree(ConsentAbout.SERVICES)


def assess(walk: Walk, domains: tuple[Domain, ...] = tuple(Domain)) -> None:
    """Look at some domains, and note what the child needs."""
    for domain in domains:
        needs = tuple(each.need for each in walk.story.aims if each.domain is domain)
        concern = 2 if needs else 1 if domain is Domain.HEALTH else 0
        found = Findings(
            concern, FOUND[domain], clock.today(), told_by="Anak, keluarga, wali kelas"
        )
        walk.do(assessing.assess, domain, found, needs)


def judge(walk: Walk) -> None:
    """Finish the assessment."""
    assess(walk)
    walk.do(identity.record_wishes, walk.story.best, walk.story.view)
    walk.do_in_stage(stages.tick, "law_asked")


def set_goals(walk: Walk) -> None:
    """Write a goal for every need."""
    walk.session.flush()
    needs = walk.session.scalars(select(Need).where(Need.case_id == walk.case.id))
    by_text = {need.text: need.id for need in needs}
    due_on = clock.add_working_days(clock.today(), 50)
    for each in walk.story.aims:
        need_id = by_text[each.need]
        walk.do(
            goals.add_goal,
            Aimed(need_id, each.area, each.goal, due_on, sign=each.sign, steps=each.steps),
        )


def ask_for_approval(walk: Walk) -> Decision:
    """Send the plan to a coordinator."""
    set_goals(walk)
    plan = planning.draft_of(walk.session, walk.manager, walk.case)
    review_on = clock.add_working_days(clock.today(), 30)
    walk.do(planning.write_plan, plan, PlanWords(walk.story.best, walk.story.view, review_on))
    why = "Disusun bersama anak dan keluarga pada pertemuan terakhir."
    return planning.submit(walk.session, walk.manager, walk.case, plan, why)


def agree_on_plan(walk: Walk) -> None:
    """Have the plan approved, and explain it."""
    decision = ask_for_approval(walk)
    walk.approve(walk.coordinator, decision, "Setuju. Jaga ritme bersama sekolah.")
    walk.do_in_stage(stages.tick, "plan_explained")


def serve(walk: Walk) -> None:
    """Do something for every goal."""
    results = ("Berlatih menyebut perasaan; lebih tenang dari pekan lalu.", "Bermain bersama.")
    for number, goal in enumerate(walk.goals()):
        kind = ServiceKind.GROUP if number else ServiceKind.COUNSELLING
        walk.met(kind, results[number % 2], goal)


def follow_up(walk: Walk) -> None:
    """Look at every goal again, with the family and the school."""
    walk.reached("Anak lebih banyak bercerita di rumah.")
    review_goals(walk, Progress.REACHED)
    walk.do_in_stage(stages.tick, "school_followed")


def review_goals(walk: Walk, progress: Progress) -> None:
    """Write down how far the goals are."""
    met = progress is Progress.REACHED
    words = "Tercapai menurut anak dan wali kelas." if met else "Ada kemajuan; belum tiap hari."
    for goal in walk.goals():
        walk.do(goals.review_goal, goal, Reviewed(progress, words, clock.today(), need_met=met))
    tasks.end_automatic(walk.session, walk.manager, walk.case, REVIEW_PLAN)


def propose_end(walk: Walk, outcome: CaseOutcome = CaseOutcome.GOALS_REACHED) -> Decision:
    """Ask the division head to close the case."""
    if walk.case.stage == Stage.TERMINATION:
        walk.do_in_stage(stages.tick, "child_told")
    return closing.propose_closure(walk.session, walk.manager, walk.case, outcome, walk.reasons)


def close(walk: Walk, outcome: CaseOutcome = CaseOutcome.GOALS_REACHED) -> None:
    """Close the case."""
    walk.approve(walk.head, propose_end(walk, outcome), "Setuju. Terima kasih.")


STEPS: dict[Stage, Callable[[Walk], None]] = {
    Stage.INTAKE: take_in,
    Stage.OUTREACH: reach_out,
    Stage.ASSESSMENT: judge,
    Stage.PLAN: agree_on_plan,
    Stage.SERVICE: serve,
    Stage.MONITORING: follow_up,
}
