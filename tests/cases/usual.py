"""The usual way of a case through its stages, step by step, where a story is about something else.

What is done on pages in one story is done by the same actions in the others.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
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
)
from portal.cases.actions import stages as passing
from portal.cases.actions.assessing import Findings
from portal.cases.actions.consents import Asked
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.family import Contact
from portal.cases.actions.goals import Reviewed
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import Case, Decision, Goal, Guardian, Plan
from portal.cases.states import (
    CaseOutcome,
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    DecisionState,
    Domain,
    PlanState,
    Progress,
    ServiceKind,
    ServiceState,
    Stage,
)
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import transaction
from portal.referrals.actions.providers import (
    ProviderFacts,
    QuotaFacts,
    add_provider,
    set_quota,
)
from portal.referrals.models import Provider
from portal.referrals.states import ProviderKind
from tests.cases.stagework import passages, shown
from tests.cases.story import AIMS, Story

REASONS = Reasons(**AIMS)
SIGNS = dict.fromkeys(Domain, "Anak bercerita sendiri bahwa ia betah di sekolah")


def sign(story: Story, home: str, by: str = "manager") -> None:
    """Tick what is ticked by hand and sign the present stage."""
    case = story.case(home)
    place = len(passages(story.work, case))
    for item in shown(story.work, case).missing:
        assert not item.shown_by_file, item.code
        story.does(passing.tick, home, place, item.code, by=by)
    story.does(passing.sign, home, place, by=by)


def safe_guardian(story: Story, home: str) -> Guardian | None:
    """Return the first guardian of a child who may be asked."""
    found = select(Guardian).where(
        Guardian.child_id == story.case(home).child_id,
        Guardian.kept_out.is_(False),
        Guardian.ended_at.is_(None),
    )
    return next(iter(story.work.rows(found.order_by(Guardian.id))), None)


def meet(story: Story, home: str, goal: Goal | None = None, by: str = "manager") -> None:
    """Talk with the child for an hour, just now."""
    held_by = getattr(story.work, by).id
    began = clock.now() - timedelta(hours=1)
    talk = Appointment(
        ServiceKind.COUNSELLING, began, 60, held_by, goal_id=goal.id if goal else None
    )
    came = Outcome(ServiceState.HELD, 60, child_came=True, result="Anak mau bercerita")
    story.does(serving.record_past, home, talk, came, by=by)


def reach_family(story: Story, home: str, by: str = "manager") -> None:
    """Call a guardian who may be asked; where there is none, nobody is called."""
    guardian = safe_guardian(story, home)
    if guardian is not None:
        call = Contact(clock.now(), ContactWay.PHONE, reached=True, guardian_id=guardian.id)
        story.does(family.add_contact, home, replace(call, text="Keluarga mendukung"), by=by)


def hear(story: Story, home: str, by: str = "manager") -> None:
    """Write down what the child wants and what serves it best."""
    words = (REASONS.best_interests, REASONS.child_view)
    story.does(identity.record_wishes, home, *words, by=by)


def agree(story: Story, home: str, about: ConsentAbout = ConsentAbout.SERVICES) -> None:
    """Ask a guardian, who agrees."""
    guardian = safe_guardian(story, home)
    assert guardian is not None
    asked = Asked(about, ConsentAnswer.GIVEN, clock.today(), guardian.id, child_agrees=True)
    story.does(consents.record_consent, home, asked)


def reach_out(story: Story, home: str) -> None:
    """Meet the child and the family, and ask for consent."""
    meet(story, home)
    hear(story, home)
    reach_family(story, home)
    agree(story, home)


def assess(story: Story, home: str, by: str = "manager") -> None:
    """Assess all five areas; one need is found, at school."""
    for domain in Domain:
        concern = 2 if domain is Domain.SCHOOL else 0
        needs = ("Aman di sekolah",) if concern else ()
        found = Findings(concern, "Diceritakan anak dan bibinya", clock.today())
        story.does(assessing.assess, home, domain, found, needs, by=by)


def plan(story: Story, home: str, by: str = "manager") -> None:
    """Draft a goal for each need and send the plan for approval."""
    story.does(goals.suggest_goals, home, SIGNS, by=by)
    submit(story, home, by=by)


def submit(story: Story, home: str, by: str = "manager") -> None:
    """Send the plan that is being written for approval."""
    written = select(Plan).where(Plan.case_id == story.case(home).id)
    draft = written.where(Plan.state == PlanState.DRAFT)

    def send(session: Session, actor: Actor, case: Case) -> None:
        planning.submit(session, actor, case, session.scalars(draft).one(), REASONS.reason)

    story.does(send, home, by=by)


def approve(story: Story, home: str, by: str) -> None:
    """Agree to what waits for a word in a case."""
    waiting = select(Decision).where(
        Decision.case_id == story.case(home).id, Decision.state == DecisionState.PROPOSED
    )

    def agree_to(session: Session, actor: Actor, case: Case) -> None:
        deciding.approve(session, actor, case, session.scalars(waiting).one(), "")

    story.does(agree_to, home, by=by)


def goals_in_force(story: Story, home: str) -> list[Goal]:
    """Return the goals of the approved plan."""
    found = select(Goal).join(Plan, Plan.id == Goal.plan_id)
    case = story.case(home)
    return story.work.rows(
        found.where(Plan.case_id == case.id, Plan.state == PlanState.APPROVED).order_by(Goal.id)
    )


def serve(story: Story, home: str, by: str = "manager") -> None:
    """Talk with the child for each goal."""
    for goal in goals_in_force(story, home):
        meet(story, home, goal, by=by)


def review(story: Story, home: str, by: str = "manager") -> None:
    """Find every goal reached and its need met, and hear from the family."""
    found = Reviewed(Progress.REACHED, "Sudah betah di sekolah", clock.today(), need_met=True)

    def look(session: Session, actor: Actor, case: Case, goal_id: UUID) -> None:
        goals.review_goal(session, actor, case, session.get_one(Goal, goal_id), found)

    for goal in goals_in_force(story, home):
        story.does(look, home, goal.id, by=by)
    reach_family(story, home, by=by)


def close(
    story: Story,
    home: str,
    outcome: CaseOutcome = CaseOutcome.GOALS_REACHED,
    by: str = "manager",
) -> None:
    """Propose closing a case, to which the division head agrees."""
    case = story.case(home)
    place = len(passages(story.work, case))
    for item in shown(story.work, case).missing:
        if not item.shown_by_file and case.stage == Stage.TERMINATION:
            story.does(passing.tick, home, place, item.code, by=by)
    story.does(closing.propose_closure, home, outcome, REASONS, by=by)
    approve(story, home, by="head")


def walk_to(story: Story, home: str, stage: Stage) -> None:
    """Go the usual way until a case is in a stage; a working day goes by before each."""
    while (present := story.case(home).stage) != stage:
        story.working_days(1)
        if any(item.shown_by_file for item in shown(story.work, story.case(home)).missing):
            STEPS[Stage(present)](story, home)
        sign(story, home)


def _plan_approved(story: Story, home: str) -> None:
    plan(story, home)
    approve(story, home, by="coordinator")


STEPS = {
    Stage.OUTREACH: reach_out,
    Stage.ASSESSMENT: assess,
    Stage.PLAN: _plan_approved,
    Stage.SERVICE: serve,
    Stage.MONITORING: review,
}


def provider(
    story: Story,
    name: str = "Biro Psikologi Contoh",
    kind: ProviderKind = ProviderKind.PSYCHOLOGIST,
    places: int | None = None,
    cost: int = 0,
) -> Provider:
    """Write down who can help, and how many children this year where that was agreed."""
    with transaction(story.build.session) as session:
        head = story.work.actor("head")
        added = add_provider(session, head, ProviderFacts(name, kind, usual_cost=cost))
        if places is not None:
            set_quota(session, head, added, clock.today().year, QuotaFacts(places, source="APBD"))
    return added
