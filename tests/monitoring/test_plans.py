"""Return-to-school plans: who may be told, who reads, who acknowledges, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.cases.actions import access, identity
from portal.cases.actions.consents import act_without_asking
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.opening import assign
from portal.cases.events import CaseClosed, CaseForgotten
from portal.cases.models import Case, CaseTask, LegalBasis
from portal.cases.states import ConsentAbout, ConsentAnswer, Part
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions import plan_drafts, plans
from portal.monitoring.models import FollowUp, PlanReader, ReturnPlan, Watcher
from portal.monitoring.queries import plans as queries
from portal.monitoring.states import PlanState, ReaderPart
from portal.people.actions import appointments
from portal.people.models import Membership
from tests.cases.casework import Casework
from tests.conftest import on_sqlite
from tests.monitoring.planning import Planning, monday, planning, written
from tests.trail import trail


@pytest.fixture
def plan(work: Casework) -> Planning:
    """Return a case about whose child the school may be told."""
    return planning(work)


def state(plan: Planning, found: ReturnPlan) -> PlanState:
    """Return how far a plan is."""
    return PlanState(plan.work.build.fresh(ReturnPlan, found.id).state)


def keep_away(plan: Planning, name: str) -> None:
    """Put somebody on the case's conflict list."""
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        user_id = getattr(plan, name).id
        access.keep_away(session, plan.work.actor("manager"), case, user_id, "Bertetangga")


def ask(plan: Planning, found: ReturnPlan, name: str) -> PlanReader:
    """Ask somebody more to read a plan."""
    with transaction(plan.work.build.session) as session:
        again = session.get_one(ReturnPlan, found.id)
        user_id = getattr(plan, name).id
        return plans.ask_reader(
            session, plan.actor("principal"), again, user_id, ReaderPart.TEACHER
        )


def end(plan: Planning, found: ReturnPlan) -> None:
    """Let the case manager end a plan."""
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        plans.end(session, plan.actor("manager"), case, session.get_one(ReturnPlan, found.id))


def close_case(plan: Planning) -> None:
    """End the case, as its closure does."""
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        case.move(plan.work.actor("head"), "close")
        emit(session, plan.work.actor("head"), CaseClosed(case.id, "goals_reached", False))


def test_those_named_read_a_shared_plan_and_nobody_else(plan: Planning) -> None:
    found = plan.draft("teacher", "counsellor")
    assert plan.reads(found) == set()
    assert plan.waits() == []
    plan.share(found)
    assert plan.reads(found) == {"teacher", "counsellor", "principal"}
    parts = {name: row.part for name, row in plan.rows(found).items()}
    assert parts == {
        "teacher": ReaderPart.TEACHER,
        "counsellor": ReaderPart.FOCAL_TEAM,
        "principal": ReaderPart.PRINCIPAL,
    }
    asked = plan.waits("read_plan")
    assert {each.person_id for each in asked} == {
        plan.teacher.id,
        plan.counsellor.id,
        plan.principal.id,
    }
    assert {each.link for each in asked} == {f"/rencana-kembali/{found.public_id}"}
    assert all(each.facts == {"school": plan.work.school.name} for each in asked)
    due = clock.Week.SCHOOL_5.add_days(clock.today(), 3)
    assert {each.due_at for each in asked} == {clock.at_wib(due, clock.OFFICE_CLOSES)}
    # The forms come due, and one of them fills them in.
    (followed,) = plan.work.rows(select(FollowUp))
    assert (followed.case_id, followed.began_on) == (plan.case.id, monday())
    assert plan.work.rows(select(Watcher.user_id)) == [plan.teacher.id]
    assert plan.steps() == ["drafted", "shared"]
    told = trail(plan.work.build.database, "return_plan")
    assert [each.facts["step"] for each in told] == ["drafted", "shared"]


@on_sqlite
def test_without_the_familys_word_nothing_is_shared(plan: Planning) -> None:
    found = plan.draft()
    plan.consent(ConsentAnswer.REFUSED)
    with pytest.raises(Rejected, match="school_refused"):
        plan.share(found)
    assert plan.reads(found) == set()
    plan.consent()
    plan.share(found)
    assert "teacher" in plan.reads(found)


@on_sqlite
def test_nobody_asked_needs_a_decision_that_says_why(work: Casework) -> None:
    case = work.open()
    with work.build.database.reader() as reading:
        assert queries.missing_consent(reading, case) == "school_consent_needed"
    basis = work.build.save(LegalBasis(citation="UU 1/2000"))
    with transaction(work.build.session) as session:
        reasons = Reasons("Wali terlibat", "Aman di sekolah", "Mau", bases=(basis.id,))
        act_without_asking(
            session, work.actor("manager"), case, ConsentAbout.SHARING_WITH_SCHOOL, reasons
        )
    with work.build.database.reader() as reading:
        assert queries.missing_consent(reading, case) is None


@on_sqlite
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"returns_on": clock.today() + timedelta(days=800)}, "returns_far"),
        ({"review_on": monday() - timedelta(days=1)}, "review_before"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(
    plan: Planning, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejected, match=code):
        plan.draft(**more)


@on_sqlite
@pytest.mark.parametrize("where", ["helps", "safety_steps"])
def test_after_sexual_violence_no_school_is_asked_for_peace(plan: Planning, where: str) -> None:
    with transaction(plan.work.build.session) as session:
        session.get_one(Case, plan.case.id).kinds = ["sexual"]
    draft = plan.draft(**{where: "Selesaikan dengan jalan damai di sekolah."})
    with pytest.raises(Rejected, match="no_mediation"):
        plan.share(draft)
    # What the school is to leave alone may name it.
    _rewrite(plan, draft, "teacher", avoids="Jangan mengajak mediasi.")
    plan.share(draft)


@on_sqlite
def test_what_stands_against_sharing(plan: Planning) -> None:
    empty = plan.draft(helps="", avoids="", safety_steps="")
    with pytest.raises(Rejected, match="return_plan_empty"):
        plan.share(empty)
    with pytest.raises(Rejected, match="plan_draft_there"):
        plan.draft()
    _rewrite(plan, empty, "teacher")
    with pytest.raises(Rejected, match="teacher_chosen"):
        plan.share(empty, "colleague")
    _rewrite(plan, empty)
    with pytest.raises(Rejected, match="teacher_needed"):
        plan.share(empty)
    with pytest.raises(Rejected, match="not_allowed"):
        plan.share(empty, by="coordinator")
    assert state(plan, empty) == PlanState.DRAFT
    assert plan.work.rows(select(FollowUp)) == []


def _rewrite(plan: Planning, found: ReturnPlan, *names: str, **more: Any) -> None:
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        again = session.get_one(ReturnPlan, found.id)
        readers = [getattr(plan, name).id for name in names]
        plan_drafts.edit(session, plan.actor("manager"), case, again, written(**more), readers)


@on_sqlite
def test_a_draft_is_written_by_those_who_work_on_the_case(plan: Planning) -> None:
    for name in ("coordinator", "other", "teacher", "principal"):
        with pytest.raises(Rejected, match="not_allowed"):
            plan.draft(by=name)
    found = plan.draft()
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        plan_drafts.discard(
            session, plan.actor("manager"), case, session.get_one(ReturnPlan, found.id)
        )
    assert plan.work.rows(select(ReturnPlan)) == []
    assert plan.work.rows(select(PlanReader)) == []


def test_whoever_must_not_see_the_case_is_not_offered_and_reads_nothing(plan: Planning) -> None:
    keep_away(plan, "colleague")
    with plan.work.build.database.reader() as reading:
        offered = {each.user.id for each in queries.candidates(reading, plan.case)}
    assert offered == {plan.teacher.id, plan.counsellor.id, plan.principal.id}
    with pytest.raises(Rejected, match="reader_not_offered"):
        plan.draft("colleague")
    found = plan.shared("teacher", "counsellor")
    assert [each.person_id for each in plan.waits("read_plan")].count(plan.counsellor.id) == 1
    keep_away(plan, "counsellor")
    assert plan.reads(found) == {"teacher", "principal"}
    assert plan.counsellor.id not in {each.person_id for each in plan.waits("read_plan")}
    with pytest.raises(Rejected, match="reader_conflict"):
        ask(plan, found, "counsellor")
    # A principal who must not know is not told of what others left undone either.
    keep_away(plan, "principal")
    assert plan.reads(found) == {"teacher"}


@on_sqlite
def test_a_conflict_takes_somebody_off_a_draft(plan: Planning) -> None:
    found = plan.draft("teacher", "counsellor")
    keep_away(plan, "counsellor")
    assert set(plan.rows(found)) == {"teacher"}
    plan.share(found)
    assert plan.reads(found) == {"teacher", "principal"}


def test_acknowledging_counts_once_and_words_reach_the_manager(plan: Planning) -> None:
    found = plan.shared()
    plan.acknowledge(found, "teacher", "Satu")
    first = plan.rows(found)["teacher"]
    assert first.acknowledged_at is not None
    assert [each.kind for each in plan.waits()].count("plan_words") == 1
    assert plan.waits("plan_words")[0].person_id == plan.work.manager.id
    plan.acknowledge(found, "teacher", "Dua")
    again = plan.rows(found)["teacher"]
    assert (again.acknowledged_at, again.words) == (first.acknowledged_at, "Satu\n\nDua")
    assert plan.steps() == ["drafted", "shared", "acknowledged"]
    # All teachers have read it, the principal has not.
    assert {each.kind for each in plan.waits()} == {"read_plan", "plan_unread", "plan_words"}
    plan.acknowledge(found, "principal")
    assert {each.kind for each in plan.waits()} == {"plan_words"}
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        plans.note_words_read(session, plan.actor("manager"), case)
    assert plan.waits() == []


@on_sqlite
def test_a_principal_who_came_later_acknowledges_as_well(plan: Planning) -> None:
    found = plan.shared()
    newer = plan.work.build.user(Role.PRINCIPAL, plan.work.school)
    with transaction(plan.work.build.session) as session:
        plans.acknowledge(
            session, plan.work.build.actor(newer), session.get_one(ReturnPlan, found.id), ""
        )
    rows = plan.work.rows(select(PlanReader).where(PlanReader.user_id == newer.id))
    assert [(each.part, each.acknowledged_at is not None) for each in rows] == [
        (ReaderPart.PRINCIPAL, True)
    ]


def test_a_new_version_replaces_the_old_one_and_is_read_anew(plan: Planning) -> None:
    first = plan.shared("teacher", "counsellor")
    plan.acknowledge(first, "teacher")
    second = plan.revise(first)
    assert (second.number, second.state, second.helps) == (2, PlanState.DRAFT, first.helps)
    assert set(plan.rows(second)) == {"teacher", "counsellor", "principal"}
    assert plan.reads(first) == {"teacher", "counsellor", "principal"}
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        more = written(helps="Boleh duduk di mana saja", review_on=monday())
        found = session.get_one(ReturnPlan, second.id)
        readers = [plan.colleague.id]
        plan_drafts.edit(session, plan.actor("manager"), case, found, more, readers)
    plan.share(second, "colleague")
    assert plan.reads(first) == set()
    # Whoever fills in the forms already reads the new version without being chosen.
    assert plan.reads(second) == {"teacher", "colleague", "principal"}
    assert plan.work.rows(select(Watcher.user_id)) == [plan.teacher.id]
    assert all(each.acknowledged_at is None for each in plan.rows(second).values())
    pages = {each.link for each in plan.waits("read_plan", "plan_unread_school")}
    assert pages == {f"/rencana-kembali/{second.public_id}"}
    assert len(plan.waits("plan_unread_school")) == len(plan.waits("plan_unread")) == 1
    with plan.work.build.database.reader() as reading:
        newer = reading.get_one(ReturnPlan, second.id)
        changed = queries.changed_fields(newer, queries.before(reading, newer))
    assert changed == {"helps", "review_on"}
    told = ["drafted", "shared", "acknowledged", "drafted", "replaced", "shared"]
    assert plan.steps() == told


def test_a_plan_ends_with_the_familys_word(plan: Planning) -> None:
    found = plan.shared()
    plan.consent(ConsentAnswer.WITHDRAWN)
    assert state(plan, found) == PlanState.ENDED
    assert plan.reads(found) == set()
    assert plan.waits() == []
    tasks = plan.work.rows(select(CaseTask).where(CaseTask.code == "check_school"))
    assert [each.person_id for each in tasks] == [plan.work.manager.id]
    assert plan.steps()[-1] == "ended"
    with pytest.raises(Rejected, match="state_changed"):
        plan.acknowledge(found, "teacher")


@on_sqlite
def test_a_plan_ends_with_its_case(plan: Planning) -> None:
    found = plan.shared()
    close_case(plan)
    assert (state(plan, found), plan.waits(), plan.reads(found)) == (PlanState.ENDED, [], set())


@on_sqlite
def test_a_plan_ends_when_the_child_leaves_the_school(plan: Planning) -> None:
    found = plan.shared()
    elsewhere = plan.work.build.school()
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        move = identity.SchoolMove(plan.work.school.id, clock.today(), "7C", "Pindah kelas")
        identity.move_school(session, plan.actor("manager"), case, move)
    assert state(plan, found) == PlanState.SHARED
    draft = plan.revise(found)
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        move = identity.SchoolMove(elsewhere.id, clock.today(), "7A", "Pindah rumah")
        identity.move_school(session, plan.actor("manager"), case, move)
    assert state(plan, found) == PlanState.ENDED
    # The draft was written for the school before.
    with pytest.raises(Rejected, match="other_school"):
        plan.share(draft)
    with pytest.raises(Rejected, match="reader_not_offered"):
        _rewrite(plan, draft, "teacher")
    _rewrite(plan, draft)
    again = plan.work.build.fresh(ReturnPlan, draft.id)
    assert (again.school_id, plan.rows(draft)) == (elsewhere.id, {})


@on_sqlite
def test_whoever_works_on_the_case_ends_a_plan(plan: Planning) -> None:
    found = plan.shared()
    end(plan, found)
    assert plan.reads(found) == set()
    with pytest.raises(Rejected, match="state_changed"):
        end(plan, found)


@on_sqlite
def test_whoever_leaves_the_school_reads_it_no_longer(plan: Planning) -> None:
    found = plan.shared("teacher", "counsellor")
    plan.acknowledge(found, "teacher")
    with transaction(plan.work.build.session) as session:
        held = session.scalars(
            select(Membership).where(Membership.user_id == plan.counsellor.id)
        ).one()
        appointments.end_membership(session, plan.actor("principal"), held)
    assert plan.reads(found) == {"teacher", "principal"}
    # Nobody else is asked about them any more.
    assert [each.kind for each in plan.waits() if each.kind == "plan_unread_school"] == []


@on_sqlite
def test_somebody_more_is_asked_once_and_let_go(plan: Planning) -> None:
    found = plan.shared()

    assert ask(plan, found, "colleague").id == ask(plan, found, "colleague").id
    assert "colleague" in plan.reads(found)
    mine = [each for each in plan.waits("read_plan") if each.person_id == plan.colleague.id]
    assert len(mine) == 1
    with transaction(plan.work.build.session) as session:
        again = session.get_one(ReturnPlan, found.id)
        plans.release_reader(session, plan.actor("principal"), again, plan.colleague.id)
    assert "colleague" not in plan.reads(found)
    ask(plan, found, "colleague")
    assert "colleague" in plan.reads(found)


@on_sqlite
def test_what_waits_follows_the_case_manager(plan: Planning) -> None:
    found = plan.shared()
    plan.acknowledge(found, "teacher", "Ada pertanyaan")
    with transaction(plan.work.build.session) as session:
        case = session.get_one(Case, plan.case.id)
        other = plan.work.other.id
        assign(session, plan.work.actor("coordinator"), case, other, Part.MANAGER)
    asked = plan.waits("plan_unread", "plan_words")
    assert {each.person_id for each in asked} == {plan.work.other.id}


@on_sqlite
def test_words_go_with_the_child(plan: Planning) -> None:
    found = plan.shared()
    plan.acknowledge(found, "teacher", "Ada pertanyaan")
    with transaction(plan.work.build.session) as session:
        emit(session, None, CaseForgotten(plan.case.id))
    again = plan.work.build.fresh(ReturnPlan, found.id)
    told = (again.child_name, again.class_name, again.helps, again.contacts, again.agreed)
    assert told == ("",) * 5
    assert plan.rows(found)["teacher"].words == ""
