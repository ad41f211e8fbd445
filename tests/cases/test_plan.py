"""Plans: a goal for each need, approved by somebody else, looked at again, planned anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import assessing, deciding, file, goals, planning
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.goals import Aimed, Reviewed
from portal.cases.actions.opening import ChildFacts
from portal.cases.actions.planning import PlanWords
from portal.cases.models import (
    Case,
    CaseEntry,
    CaseTask,
    Decision,
    Goal,
    LegalBasis,
    Need,
    Plan,
    Service,
)
from portal.cases.queries import plans
from portal.cases.states import (
    Area,
    DecisionKind,
    DecisionState,
    Domain,
    EntryKind,
    PlanState,
    Progress,
    ServiceKind,
    ServiceState,
)
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.cases.casework import WORDS, Casework, client_of, send
from tests.conftest import on_sqlite
from tests.statements import read_statements

BEST = "Tetap di sekolahnya"
VIEW = "Mau ditemani Bu Sari"


@dataclass
class Planner:
    """A case whose manager plans."""

    work: Casework
    case: Case

    def do(self, act: Callable[..., Any], *more: Any, by: str = "manager") -> Any:
        """Carry out an action."""
        with transaction(self.work.build.session) as session:
            return act(session, self.work.actor(by), self.case, *more)

    def need(self, domain: Domain = Domain.SAFETY, text: str = "Aman di jalan pulang") -> Need:
        """Find something the child needs."""
        need: Need = self.do(assessing.add_need, domain, text)
        return need

    def goal(self, need: Need, **more: Any) -> Goal:
        """Add a goal for a need."""
        goal: Goal = self.do(goals.add_goal, aimed(need, **more))
        return goal

    def submit(self) -> Decision:
        """Send the newest plan, with what serves the child best and what it thinks."""
        plan = self.newest()
        words = PlanWords(BEST, VIEW, clock.today() + timedelta(days=30))
        self.do(planning.write_plan, plan, words)
        decision: Decision = self.do(planning.submit, plan, "Disusun bersama keluarga")
        return decision

    def answer(self, decision: Decision, verb: Callable[..., None], by: str = "second") -> None:
        """Answer what was proposed."""
        self.do(verb, decision, "Tujuan kedua belum jelas", by=by)

    def approved(self) -> Plan:
        """Send the newest plan and have it approved."""
        self.answer(self.submit(), deciding.approve)
        return self.newest()

    def newest(self) -> Plan:
        """Return the newest plan."""
        with transaction(self.work.build.session) as session:
            session.expire_all()
            plan = plans.newest(session, self.case.id)
        assert plan is not None
        return plan

    def goals(self) -> list[Goal]:
        """Return the goals of the newest plan."""
        plan = self.newest()
        with transaction(self.work.build.session) as session:
            return plans.goals_of(session, plan.id)

    @contextmanager
    def refused(self, code: str) -> Any:
        """Expect a refusal."""
        with pytest.raises(Rejected, match=f"^{code}$"):
            yield


def aimed(need: Need | None, **more: Any) -> Aimed:
    return replace(
        Aimed(
            need_id=need.id if need else None,
            area=Area.CASE_HANDLING,
            text=WORDS,
            due_on=clock.today() + timedelta(days=60),
            sign="Empat pekan tanpa kejadian",
        ),
        **more,
    )


def reviewed(progress: str = "partly", **more: Any) -> Reviewed:
    return Reviewed(Progress(progress), "Lebih sering tersenyum", clock.today(), **more)


@pytest.fixture
def planner(work: Casework) -> Planner:
    return Planner(work, work.open())


def test_suggesting_gives_each_unmet_need_a_goal_in_a_likely_area(planner: Planner) -> None:
    with planner.refused("nothing_to_suggest"):
        planner.do(goals.suggest_goals, {})
    met = planner.need(Domain.HEALTH, "Kacamata")
    planner.do(assessing.meet_need, met, clock.today())
    needs = [planner.need(), planner.need(Domain.FAMILY, "Waktu bersama ayah")]
    planner.do(goals.suggest_goals, {Domain.FAMILY: "Ayah bercerita"})
    made = planner.goals()
    assert [(each.need_id, each.area, each.text, each.sign) for each in made] == [
        (needs[0].id, Area.CASE_HANDLING, "Aman di jalan pulang", ""),
        (needs[1].id, Area.FAMILY_SUPPORT, "Waktu bersama ayah", "Ayah bercerita"),
    ]
    # The services of this procedure take sixty working days.
    assert {each.due_on for each in made} == {clock.add_working_days(clock.today(), 60)}
    with planner.refused("nothing_to_suggest"):
        planner.do(goals.suggest_goals, {})
    # A goal that was dropped leaves its need without one.
    planner.approved()
    planner.do(goals.review_goal, planner.goals()[0], reviewed("dropped"))
    with planner.work.build.database.reader() as reading:
        bare = plans.without_goal(reading, planner.case.id)
    assert [each.id for each in bare] == [needs[0].id]


def test_every_goal_answers_a_need_of_the_same_case(planner: Planner) -> None:
    other = Planner(planner.work, planner.work.open(child=ChildFacts("Anak lain")))
    foreign = other.need()
    for need in (None, foreign):
        with planner.refused("need_missing"):
            planner.do(goals.add_goal, aimed(need))
    goal = planner.goal(planner.need())
    with planner.refused("need_missing"):
        planner.do(goals.edit_goal, goal, aimed(foreign))
    with planner.refused("day_over"):
        planner.do(
            goals.edit_goal,
            goal,
            aimed(None, need_id=goal.need_id, due_on=clock.today() - timedelta(days=1)),
        )


def test_a_plan_is_sent_whole_and_approved_by_somebody_else(planner: Planner) -> None:
    planner.do(planning.begin_plan)
    with planner.refused("plan_open"):
        planner.do(planning.begin_plan)
    with planner.refused("plan_empty"):
        planner.do(planning.submit, planner.newest(), WORDS)
    need = planner.need()
    goal = planner.goal(need)
    with planner.refused("plan_words"):
        planner.do(planning.submit, planner.newest(), WORDS)
    decision = planner.submit()
    assert (decision.kind, decision.state) == (DecisionKind.PLAN, DecisionState.PROPOSED)
    assert (decision.best_interests, decision.text) == (BEST, f"1. {WORDS}")
    assert decision.record_id == planner.newest().id
    for act, more in (
        (planning.begin_plan, ()),
        (goals.add_goal, (aimed(need),)),
        (goals.edit_goal, (goal, aimed(need))),
        (goals.remove_goal, (goal,)),
        (planning.write_plan, (planner.newest(), PlanWords("", "", None))),
        (planning.submit, (planner.newest(), WORDS)),
        (goals.review_goal, (goal, reviewed())),
    ):
        with planner.refused("plan_open|plan_waits|goal_waits"):
            planner.do(act, *more)
    with planner.refused("not_allowed"):
        planner.answer(decision, deciding.approve, by="manager")
    assert planner.newest().state == PlanState.SUBMITTED
    planner.answer(decision, deciding.approve)
    plan = planner.newest()
    assert plan.state == PlanState.APPROVED
    assert plan.approved_at is not None
    with planner.refused("plan_fixed"):
        planner.do(goals.edit_goal, goal, aimed(need))
    # Looking at it again is a task of whoever manages the case.
    (task,) = planner.work.rows(select(CaseTask).where(CaseTask.case_id == planner.case.id))
    assert (task.code, task.due_on, task.person_id) == (
        "review_plan",
        plan.review_on,
        planner.work.manager.id,
    )


@pytest.mark.parametrize(
    ("verb", "by"), [(deciding.send_back, "second"), (deciding.withdraw, "manager")]
)
def test_what_is_sent_back_or_taken_back_is_written_on(
    planner: Planner, verb: Callable[..., None], by: str
) -> None:
    goal = planner.goal(planner.need())
    decision = planner.submit()
    more = () if verb is deciding.withdraw else ("Tujuan kedua belum jelas",)
    planner.do(verb, decision, *more, by=by)
    assert planner.newest().state == PlanState.DRAFT
    with planner.work.build.database.reader() as reading:
        (written,) = plans.of_case(reading, planner.case.id)
    assert written.returned == (by == "second")
    planner.do(goals.edit_goal, goal, aimed(None, need_id=goal.need_id, text="Lebih jelas"))
    planner.approved()
    with planner.work.build.database.reader() as reading:
        (written,) = plans.of_case(reading, planner.case.id)
    assert written.word is not None
    assert written.word.decider == planner.work.second.full_name
    assert written.plan.state == PlanState.APPROVED


def test_a_new_plan_takes_along_what_is_still_to_be_reached(planner: Planner) -> None:
    texts = ("Selesai", "Sebagian", "Belum", "Batal")
    for text in texts:
        planner.goal(planner.need(text=f"Perlu {text}"), text=text)
    first = planner.approved()
    done, partly, _still, dropped = planner.goals()
    planner.do(goals.review_goal, done, reviewed("reached", need_met=True))
    planner.do(goals.review_goal, partly, reviewed("partly"))
    planner.do(goals.review_goal, dropped, reviewed("dropped"))
    planner.do(planning.begin_plan)
    second = planner.newest()
    assert (second.number, second.state) == (2, PlanState.DRAFT)
    assert [(each.text, each.progress) for each in planner.goals()] == [
        ("Sebagian", Progress.PARTLY),
        ("Belum", Progress.OPEN),
    ]
    # The one in force stays until the new one is approved.
    assert planner.work.build.fresh(Plan, first.id).state == PlanState.APPROVED
    planner.approved()
    assert planner.work.build.fresh(Plan, first.id).state == PlanState.REPLACED
    assert planner.newest().id == second.id
    assert planner.newest().state == PlanState.APPROVED


def test_a_goal_is_looked_at_again_and_again(planner: Planner) -> None:
    need = planner.need()
    goal = planner.goal(need)
    with planner.refused("goal_waits"):
        planner.do(goals.review_goal, goal, reviewed())
    planner.approved()
    with planner.refused("not_reached"):
        planner.do(goals.review_goal, goal, reviewed("partly", need_met=True))
    tomorrow = clock.today() + timedelta(days=1)
    with planner.refused("in_future"):
        planner.do(goals.review_goal, goal, replace(reviewed(), reviewed_on=tomorrow))
    past = replace(reviewed(), reviewed_on=clock.today() - timedelta(days=2), review="Mulai")
    planner.do(goals.review_goal, goal, past)
    planner.do(goals.review_goal, goal, reviewed("reached", need_met=True))
    with planner.work.build.database.reader() as reading:
        ((aim,),) = [each.aims for each in plans.of_case(reading, planner.case.id)]
    assert aim.goal.progress == Progress.REACHED
    assert aim.need.met_on == clock.today()
    assert [(each.progress, each.text) for each in aim.reviews] == [
        (Progress.REACHED, "Lebih sering tersenyum"),
        (Progress.PARTLY, "Mulai"),
    ]
    entries = planner.work.rows(
        select(CaseEntry).where(CaseEntry.kind == EntryKind.GOAL_REVIEWED).order_by(CaseEntry.id)
    )
    assert [each.facts["progress"] for each in entries] == ["partly", "reached"]


@on_sqlite
def test_a_goal_is_overdue_once_its_day_is_over_and_it_is_not_settled(planner: Planner) -> None:
    planner.goal(planner.need())
    planner.approved()

    def overdue() -> bool:
        with planner.work.build.database.reader() as reading:
            ((aim,),) = [each.aims for each in plans.of_case(reading, planner.case.id)]
        return bool(aim.overdue)

    assert not overdue()
    with time_machine.travel(clock.now() + timedelta(days=61), tick=False):
        assert overdue()
        planner.do(goals.review_goal, planner.goals()[0], reviewed("reached"))
        assert not overdue()


@pytest.mark.parametrize(
    "words", ["Mediasi dengan kakak kelas", "Berdamai", "Lewat jalur kekeluargaan", "Make peace"]
)
@pytest.mark.parametrize("field", ["text", "sign", "steps"])
@on_sqlite
def test_after_sexual_violence_no_goal_offers_peace(work: Casework, words: str, field: str) -> None:
    planner = Planner(work, work.open(kinds=("sexual",)))
    need = planner.need()
    with planner.refused("no_mediation"):
        planner.goal(need, **{field: words})
    goal = planner.goal(need)
    with planner.refused("no_mediation"):
        planner.do(goals.edit_goal, goal, aimed(need, **{field: words}))


@on_sqlite
def test_what_becomes_known_later_bars_peace_as_well(planner: Planner) -> None:
    planner.goal(planner.need(), steps="Sekolah memediasi kedua anak")

    def know(session: Session, _actor: Actor, case: Case) -> None:
        session.get_one(Case, case.id).kinds = ["sexual"]

    planner.do(know)
    with planner.refused("no_mediation"):
        planner.submit()


@on_sqlite
def test_a_plan_that_waits_is_a_draft_again_when_its_case_ends(planner: Planner) -> None:
    planner.goal(planner.need())
    planner.submit()

    def propose(session: Session, actor: Actor, case: Case) -> Decision:
        file.begin(session, actor, case)
        reasons = Reasons(WORDS, BEST, VIEW)
        return deciding.decide(
            session, actor, case, DecisionKind.CLOSURE, reasons, outcome="moved_away"
        )

    closure = planner.do(propose)
    planner.answer(closure, deciding.approve, by="head")
    assert planner.newest().state == PlanState.DRAFT
    with planner.refused("case_closed"):
        planner.do(planning.submit, planner.newest(), WORDS)


@on_sqlite
def test_a_goal_that_is_served_stays(planner: Planner) -> None:
    goal, other = planner.goal(planner.need()), planner.goal(planner.need(text="Teman"))
    planner.work.build.save(
        Service(
            case_id=planner.case.id,
            goal_id=goal.id,
            kind=ServiceKind.COUNSELLING,
            state=ServiceState.PLANNED,
            starts_at=clock.now(),
            minutes=60,
            held_by=planner.work.manager.id,
        )
    )
    with planner.refused("goal_served"):
        planner.do(goals.remove_goal, goal)
    planner.do(goals.remove_goal, other)
    assert [each.id for each in planner.goals()] == [goal.id]


@pytest.mark.parametrize("by", ["other", "coordinator", "head"])
@on_sqlite
def test_only_who_works_on_it_plans(planner: Planner, by: str) -> None:
    need = planner.need()
    goal = planner.goal(need)
    for act, more in (
        (planning.begin_plan, ()),
        (goals.suggest_goals, ({},)),
        (goals.add_goal, (aimed(need),)),
        (goals.edit_goal, (goal, aimed(need))),
        (goals.remove_goal, (goal,)),
        (planning.submit, (planner.newest(), WORDS)),
        (goals.review_goal, (goal, reviewed())),
    ):
        with planner.refused("not_allowed"):
            planner.do(act, *more, by=by)


@on_sqlite
def test_from_needs_to_an_approved_and_reviewed_plan_on_the_pages(
    app: Flask, planner: Planner
) -> None:
    work, home = planner.work, f"/kasus/{planner.case.public_id}"
    client = client_of(app, work)
    assert "To the assessment" in client.get(f"{home}/rencana").text
    planner.need()
    page = client.get(f"{home}/rencana").text
    assert "1 need waits for a goal" in page
    send(client, f"{home}/rencana/usulan")
    page = client.get(f"{home}/rencana").text
    assert "it feels safe, on the way and online" in page
    assert "Still to be written" in page
    (goal,) = planner.goals()
    one = f"{home}/rencana/tujuan/{goal.public_id}"
    client.get(one)
    sent = client.form(one)
    page = send(client, one, {**sent, "sign": "", "steps": "Kakak menjemput"}, 422).text
    assert "Write how one will see it" in page
    assert "Kakak menjemput" in page
    send(client, one, {**sent, "steps": "Kakak menjemput"})
    page = send(client, f"{home}/rencana/kirim", {"reason": WORDS}, 422).text
    assert "Write what serves the child best" in page
    assert WORDS in page
    words = {**client.form(f"{home}/rencana"), "best_interests": BEST, "child_view": VIEW}
    send(client, f"{home}/rencana", words)
    send(client, f"{home}/rencana/kirim", {"reason": WORDS})
    page = client.get(f"{home}/rencana").text
    assert "Waiting for approval" in page
    assert "Send for approval" not in page
    with transaction(work.build.session) as session:
        decision = session.scalars(select(Decision)).one()
    planner.answer(decision, deciding.approve)
    page = client.get(f"{home}/rencana").text
    assert "Approved by" in page
    assert work.second.full_name in page
    client.get(one)
    review = {**client.form(f"{one}/nilai"), "progress": "partly", "review": ""}
    assert "Write what was found" in send(client, f"{one}/nilai", review, 422).text
    send(client, f"{one}/nilai", {**review, "review": "Mulai berani"})
    assert "Mulai berani" in client.get(one).text
    assert "Mulai berani" in client.get(f"{home}/rencana").text
    send(client, f"{home}/rencana/mulai")
    page = client.get(f"{home}/rencana").text
    assert "In force until then: plan 1" in page


@on_sqlite
def test_two_people_change_the_same_goal_and_the_same_words(app: Flask, planner: Planner) -> None:
    goal = planner.goal(planner.need())
    client = client_of(app, planner.work)
    home = f"/kasus/{planner.case.public_id}/rencana"
    one = f"{home}/tujuan/{goal.public_id}"
    client.get(one)
    mine = client.form(one)
    planner.do(goals.edit_goal, goal, aimed(None, need_id=goal.need_id, text="Dari rekan"))
    page = send(client, one, {**mine, "text": "Dari saya"}, 409).text
    assert "Dari rekan" in page
    send(client, one, client.form(one))
    assert planner.goals()[0].text == "Dari saya"
    client.get(home)
    mine = client.form(home)
    planner.do(planning.write_plan, planner.newest(), PlanWords("Milik rekan", VIEW, None))
    page = send(client, home, {**mine, "best_interests": "Milik saya"}, 409).text
    assert "Milik rekan" in page
    assert "Milik saya" in page
    # Sent while a colleague had the plan approved: what was typed stays on the page.
    client.get(one)
    mine = client.form(one)
    planner.submit()
    page = send(client, one, {**mine, "text": "Tidak boleh hilang"}, 422).text
    assert "The plan waits for approval" in page
    assert "Tidak boleh hilang" in page


@on_sqlite
def test_the_note_about_mediation_cites_the_regulation_as_recorded(
    app: Flask, work: Casework
) -> None:
    client = client_of(app, work)
    plain, sexual = work.open(), work.open(child=ChildFacts("Anak lain"), kinds=("sexual",))
    assert "Never offer mediation" not in client.get(f"/kasus/{plain.public_id}/rencana").text
    page = client.get(f"/kasus/{sexual.public_id}/rencana").text
    assert "Never offer mediation" in page
    assert "UU 12/2022" in page
    with transaction(work.build.session) as session:
        (basis,) = session.scalars(select(LegalBasis).where(LegalBasis.citation == "UU 12/2022"))
        basis.citation = "UU 99/2030"
    page = client.get(f"/kasus/{sexual.public_id}/rencana").text
    assert "UU 99/2030" in page
    assert "UU 12/2022" not in page
    with transaction(work.build.session) as session:
        settings.write(session, None, "sexual_violence_law", "UU 98/2031, uu 23/2002")
    page = client.get(f"/kasus/{sexual.public_id}/rencana").text
    assert "UU 99/2030" not in page
    assert "UU 23/2002" in page


@on_sqlite
def test_a_goal_of_another_case_is_not_found(app: Flask, planner: Planner) -> None:
    goal = planner.goal(planner.need())
    other = planner.work.open(child=ChildFacts("Anak lain"))
    client = client_of(app, planner.work)
    one = f"/kasus/{other.public_id}/rencana/tujuan/{goal.public_id}"
    assert client.get(one).status_code == 404
    for rest in ("", "/hapus", "/nilai"):
        sent = {"progress": "partly", "review": "x", "reviewed_on": str(clock.today())}
        send(client, f"{one}{rest}", sent, 404)
    coordinator = client_of(app, planner.work, "coordinator")
    mine = f"/kasus/{planner.case.public_id}/rencana"
    page = coordinator.get(mine).text
    assert WORDS in page
    assert "Add a goal" not in page
    assert WORDS in coordinator.get(f"{mine}/tujuan/{goal.public_id}").text


@on_sqlite
def test_more_goals_and_needs_ask_for_no_more_statements(app: Flask, planner: Planner) -> None:
    client = client_of(app, planner.work)
    home = f"/kasus/{planner.case.public_id}"
    counts = []
    for number in (1, 6):
        for each in range(number):
            planner.goal(planner.need(text=f"Perlu {number} {each}"))
        for page in ("rencana", "asesmen"):
            client.get(f"{home}/{page}")
            with read_statements(app.extensions["database"]) as seen:
                client.get(f"{home}/{page}")
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
