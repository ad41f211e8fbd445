"""Appointments: planned, recorded, put right, cancelled; what clashes, and who reads where."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import serving
from portal.cases.actions.opening import ChildFacts, assign, release
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import Case, CaseEntry, CaseTask, FamilyContact, Goal, Need, Plan, Service
from portal.cases.queries import family
from portal.cases.queries import services as queries
from portal.cases.queries.tasks import MISSED_CONTACTS, still_open
from portal.cases.states import (
    Area,
    Barrier,
    ContactWay,
    Domain,
    EntryKind,
    Part,
    PlanState,
    Progress,
    ServiceKind,
    ServiceState,
)
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.models import LedgerEntry
from portal.visits.states import VisitState
from tests.cases.casework import CHILD, WORDS, Casework
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import all_statements

S = ServiceState
HOUR = timedelta(hours=1)


def soon(work: Casework, **more: Any) -> Appointment:
    """Return an appointment of the manager's, tomorrow."""
    values = {
        "kind": ServiceKind.COUNSELLING,
        "starts_at": (clock.now() + 24 * HOUR).replace(second=0, microsecond=0),
        "minutes": 60,
        "held_by": work.manager.id,
    }
    return Appointment(**{**values, **more})


def came(**more: Any) -> Outcome:
    values = {"state": S.HELD, "minutes": 45, "child_came": True, "result": WORDS}
    return Outcome(**{**values, **more})


def stayed_away(**more: Any) -> Outcome:
    values = {"state": S.MISSED, "child_came": False, "result": "", "barrier": Barrier.ILLNESS}
    return came(**{**values, **more})


def plan(work: Casework, case: Case, by: str = "manager", **more: Any) -> Service:
    with transaction(work.build.session) as session:
        return serving.plan(session, work.actor(by), case, soon(work, **more))


def record(work: Casework, case: Case, service: Service, outcome: Outcome) -> None:
    with transaction(work.build.session) as session:
        serving.record(session, work.actor("manager"), case, service, outcome)


def hold(work: Casework, case: Case, at: datetime, outcome: Outcome, **more: Any) -> Service:
    with transaction(work.build.session) as session:
        held = soon(work, starts_at=at, **more)
        return serving.record_past(session, work.actor("manager"), case, held, outcome)


def later(hours: int = 30) -> time_machine.travel:
    return time_machine.travel(clock.now() + hours * HOUR)


def refused(code: str) -> Any:
    return pytest.raises(Rejected, match=f"^{code}$")


def goal(work: Casework, case: Case, **more: Any) -> Goal:
    """Write a plan with one goal."""
    today = clock.today()
    need = work.build.save(
        Need(
            case_id=case.id,
            domain=Domain.SCHOOL,
            text="Merasa aman",
            found_on=today,
            found_by=work.manager.id,
        )
    )
    written = work.build.save(
        Plan(
            case_id=case.id,
            number=1,
            state=PlanState.APPROVED,
            written_by=work.manager.id,
            written_at=clock.now(),
        )
    )
    values = {
        "plan_id": written.id,
        "need_id": need.id,
        "area": Area.RECOVERY,
        "text": "Berangkat sekolah tanpa takut",
        "due_on": today + timedelta(days=30),
        "progress": Progress.OPEN,
    }
    return work.build.save(Goal(**{**values, **more}))


def test_planned_recorded_and_put_right(work: Casework) -> None:
    case = work.open()
    service = plan(work, case, goal_id=goal(work, case).id, purpose="Bermain kartu perasaan")
    with refused("still_to_come"):
        record(work, case, service, came())
    with later():
        record(work, case, service, stayed_away())
        assert (service.state, service.child_came, service.barrier) == (S.MISSED, False, "illness")
        # The child did come: whoever recorded it had taken the wrong line.
        record(work, case, service, came(family_came=False, barrier=Barrier.WORK))
        assert (service.state, service.minutes, service.family_came) == (S.HELD, 45, False)
        record(work, case, service, came())
    assert (service.barrier, service.version) == (None, 4)
    entries = work.build.session.scalars(
        select(CaseEntry)
        .where(CaseEntry.case_id == case.id, CaseEntry.kind == EntryKind.SERVICE)
        .order_by(CaseEntry.id)
    ).all()
    assert [each.facts for each in entries] == [
        {"kind": "counselling", "state": "planned"},
        {"kind": "counselling", "state": "missed", "child_came": False},
        {
            "kind": "counselling",
            "state": "held",
            "child_came": True,
            "family_came": False,
            "minutes": 45,
            "corrected": True,
        },
        {
            "kind": "counselling",
            "state": "held",
            "child_came": True,
            "minutes": 45,
            "corrected": True,
        },
    ]
    assert [each.at == service.starts_at for each in entries] == [False, True, True, True]
    assert {each.record_id for each in entries} == {service.id}


def test_cancelled_ones_stay_so(work: Casework) -> None:
    case = work.open()
    service = plan(work, case)
    with transaction(work.build.session) as session:
        serving.cancel(session, work.actor("manager"), case, service, "Sakit")
    assert (service.state, service.result) == (S.CANCELLED, "Sakit")
    manager = work.actor("manager")
    with later(), refused("state_changed"):
        record(work, case, service, came())
    with refused("state_changed"), transaction(work.build.session) as session:
        serving.cancel(session, manager, case, service, "Lagi")
    with refused("state_changed"), transaction(work.build.session) as session:
        serving.change(session, manager, case, service, soon(work))


def test_what_is_planned_ends_with_the_case(work: Casework) -> None:
    case, other = work.open(), work.open(child=ChildFacts("Anak Lain"))
    first, second, elsewhere = plan(work, case), plan(work, case), plan(work, other)
    held = hold(work, case, clock.now() - 3 * HOUR, came())
    with transaction(work.build.session) as session:
        serving.cancel_planned(session, work.actor("head"), case)
    states = [each.state for each in (first, second, held, elsewhere)]
    assert states == [S.CANCELLED, S.CANCELLED, S.HELD, S.PLANNED]
    # Whoever does not close cases cannot do it either.
    with refused("not_allowed"), transaction(work.build.session) as session:
        serving.cancel_planned(session, work.actor("coordinator"), other)


@on_sqlite
def test_what_an_appointment_does_not_take(work: Casework) -> None:
    case, other = work.open(), work.open(child=ChildFacts("Anak Lain"))
    foreign = goal(work, other)
    past = clock.now() - HOUR
    for more, code in (
        ({"held_by": work.other.id}, "not_on_case"),
        ({"goal_id": foreign.id}, "no_goal"),
        ({"starts_at": past}, "already_over"),
    ):
        with refused(code):
            plan(work, case, **more)
    with refused("not_allowed"):
        plan(work, case, by="coordinator")
    for outcome, code in (
        (came(result=""), "result_needed"),
        (stayed_away(barrier=None), "barrier_needed"),
        (stayed_away(family_came=True), "somebody_came"),
    ):
        with refused(code):
            hold(work, case, past, outcome)
    with refused("still_to_come"):
        hold(work, case, clock.now() + HOUR, came())
    sexual = work.open(child=ChildFacts("Anak Ketiga"), kinds=("sexual",))
    with refused("no_mediation"):
        plan(work, sexual, purpose="Mediasi dengan keluarga pelaku")
    # What was refused left nothing behind.
    assert not work.build.session.scalars(select(Service)).all()


def test_moving_it_and_who_may_hold_it(work: Casework) -> None:
    case = work.open()
    manager = work.actor("manager")
    service = plan(work, case)
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.other.id, Part.COLLEAGUE)
        wanted = soon(work, starts_at=clock.now() + 50 * HOUR, held_by=work.other.id)
        serving.change(session, manager, case, service, wanted)
    assert (service.held_by, service.state) == (work.other.id, S.PLANNED)
    with refused("already_over"), transaction(work.build.session) as session:
        past = soon(work, starts_at=clock.now() - HOUR)
        serving.change(session, manager, case, service, past)
    with later(60):
        # The day stays, so its place can still be put right before it is recorded.
        with transaction(work.build.session) as session:
            same = soon(work, starts_at=service.starts_at, place="Kantor")
            serving.change(session, manager, case, service, same)
        record(work, case, service, came())
        with refused("still_to_come"), transaction(work.build.session) as session:
            ahead = soon(work, starts_at=clock.now() + HOUR)
            serving.change(session, manager, case, service, ahead)
    assert service.place_words == "Kantor"


def test_what_is_still_to_come_goes_along_with_the_case(work: Casework) -> None:
    case = work.open()
    stays = hold(work, case, clock.now() - 3 * HOUR, came())
    coming, gone = plan(work, case), plan(work, case)

    def holders() -> list[UUID]:
        with work.build.database.reader() as reading:
            return [reading.get_one(Service, each.id).held_by for each in (stays, coming, gone)]

    with transaction(work.build.session) as session:
        serving.cancel(session, work.actor("manager"), case, gone, "Sakit")
        release(session, work.actor("coordinator"), case, work.manager.id)
    # Nobody manages the case: it still says who would have come.
    assert holders() == [work.manager.id] * 3
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.other.id)
        assign(session, work.actor("coordinator"), case, work.second.id, Part.COLLEAGUE)
        wanted = soon(work, starts_at=coming.starts_at, held_by=work.second.id)
        assert session.get_one(Service, coming.id).held_by == work.other.id
        serving.change(session, work.actor("other"), case, coming, wanted)
    assert holders() == [work.manager.id, work.second.id, work.manager.id]
    with transaction(work.build.session) as session:
        release(session, work.actor("other"), case, work.second.id)
    assert holders() == [work.manager.id, work.other.id, work.manager.id]
    with work.build.database.reader() as reading:
        busy = reading.execute(select(LedgerEntry.user_id, LedgerEntry.subject_id)).all()
    assert {tuple(row) for row in busy} == {
        (work.manager.id, stays.id),
        (work.other.id, coming.id),
    }


@on_sqlite
def test_a_home_visit_goes_to_the_childs_address(work: Casework) -> None:
    case = work.open()
    assert plan(work, case, kind=ServiceKind.HOME_VISIT).place_words == CHILD.address
    elsewhere = plan(work, case, kind=ServiceKind.HOME_VISIT, place="Rumah nenek")
    assert elsewhere.place_words == "Rumah nenek"
    assert plan(work, case).place_words == ""


def test_the_totals(work: Casework) -> None:
    case = work.open()
    now = clock.now()
    hold(work, case, now - 5 * HOUR, came(minutes=90))
    hold(work, case, now - 4 * HOUR, came(family_came=False, barrier=Barrier.WORK))
    hold(work, case, now - 3 * HOUR, stayed_away())
    with transaction(work.build.session) as session:
        serving.cancel(session, work.actor("manager"), case, plan(work, case), "Sakit")
        figures = queries.totals(session, case.id)
    assert figures == queries.Totals(
        held=2,
        missed=1,
        minutes=135,
        child_came=2,
        child_expected=3,
        family_came=0,
        family_expected=1,
    )


def test_a_family_that_stayed_away_counts_as_missed(work: Casework) -> None:
    case = work.open()
    now = clock.now()
    away = stayed_away(family_came=False, child_came=None)
    first = hold(work, case, now - 30 * HOUR, away)
    with transaction(work.build.session) as session:
        session.add(
            FamilyContact(
                case_id=case.id,
                at=now - 20 * HOUR,
                way=ContactWay.PHONE,
                reached=False,
                written_by=work.manager.id,
                written_at=now,
            )
        )
    # What is put right is counted anew.
    record(work, case, first, away)
    code = CaseTask.code == MISSED_CONTACTS
    assert still_open(work.build.session, case.id, code)
    hold(work, case, now - 10 * HOUR, came(family_came=True))
    assert not still_open(work.build.session, case.id, code)
    assert family.standing(work.build.session, case.id).reached_at == now - 10 * HOUR


def test_clashes_are_named_and_never_refused(work: Casework) -> None:
    case, other = work.open(), work.open(child=ChildFacts("Anak Lain"))
    day = clock.add_working_days(clock.today(), 3)
    nine = clock.at_wib(day, time(9))
    work.build.delivered(work.school, work.manager, day, state=VisitState.SCHEDULED, at=time(10))
    work.build.delivered(work.school, work.other, day, state=VisitState.SCHEDULED, at=time(9))
    work.build.delivered(work.school, work.manager, day, state=VisitState.CANCELLED, at=time(13))
    first = plan(work, case, starts_at=nine, minutes=90)
    plan(work, other, starts_at=nine - 2 * HOUR, minutes=150)
    again = plan(work, case, starts_at=nine + HOUR, minutes=30)
    after = plan(work, case, starts_at=nine + 4 * HOUR, minutes=60)
    gone = plan(work, case, starts_at=nine)
    with transaction(work.build.session) as session:
        serving.cancel(session, work.actor("manager"), case, gone, "Sakit")
    with work.build.database.reader() as reading:
        found = queries.clashes(reading, queries.planned(reading, case.id))
    assert after.id not in found
    # In the order of time: it began earlier; at ten the session and the other one begin.
    assert (found[first.id][0].school, found[first.id][0].same_case) == ("", False)
    both = {("", True), (work.school.name, False)}
    assert {(each.school, each.same_case) for each in found[first.id][1:]} == both
    assert {(each.school, each.same_case) for each in found[again.id]} == both


def page_of(app: Flask, work: Casework, who: str = "manager") -> PageClient:
    client = PageClient(app).sign_in(getattr(work, who))
    client.get("/beranda?bahasa=en")
    return client


def typed(moment: datetime, **more: str) -> dict[str, str]:
    here = moment.astimezone(clock.WIB)
    values = {
        "kind": "home_visit",
        "day": here.date().isoformat(),
        "start": here.strftime("%H:%M"),
        "minutes": "60",
        "purpose": "Melihat keadaan di rumah",
    }
    return {**values, **more}


@on_sqlite
def test_the_tab_plans_and_records(app: Flask, work: Casework) -> None:
    case = work.open()
    goal(work, case)
    client = page_of(app, work)
    path = f"/kasus/{case.public_id}/layanan"
    page = client.get(path).text
    assert "Nothing was done yet." in page
    form = client.form(f"{path}/rencanakan")
    assert form["holder"] == [work.manager.public_id]
    sent = typed(clock.now() + 24 * HOUR, holder=form["holder"][0])
    assert client.post(f"{path}/rencanakan", {**sent, "minutes": "banyak"}).status_code == 422
    assert "Melihat keadaan di rumah" in client.page
    assert client.post(f"{path}/rencanakan", sent).status_code == 303
    page = client.get(path).text
    assert "Home visit</strong></a>" in page
    assert CHILD.address in page
    past = {
        **typed(clock.now() - 3 * HOUR, kind="counselling", holder=form["holder"][0]),
        "child": "missed",
        "family": "came",
    }
    assert client.post(f"{path}/catat", past).status_code == 422
    assert "Write in a sentence or two what came of it." in client.page
    past["result"] = WORDS
    assert client.post(f"{path}/catat", past).status_code == 422
    assert 'href="#past-barrier"' in client.page
    assert client.post(f"{path}/catat", {**past, "barrier": "illness"}).status_code == 303
    page = client.get(path).text
    assert "the child came 0 of 1 times" in page
    assert WORDS in page


@on_sqlite
def test_the_page_of_one_appointment(app: Flask, work: Casework) -> None:
    case = work.open()
    service = plan(work, case, starts_at=clock.now() + HOUR)
    client = page_of(app, work)
    path = f"/kasus/{case.public_id}/layanan/{service.public_id}"
    assert "You can record it here as soon as it begins." in client.get(path).text
    sent = {"child": "came", "family": "not_expected", "took_minutes": "40", "result": WORDS}
    assert client.post(f"{path}/hasil", {**sent, "version": "1"}).status_code == 422
    assert "This moment is still to come." in client.page
    moved = typed(clock.now() + 30 * HOUR, holder=work.manager.public_id)
    form = client.form(f"{path}/ubah")
    assert client.post(f"{path}/ubah", {**form, **moved}).status_code == 303
    with time_machine.travel(clock.now() + 31 * HOUR):
        client = page_of(app, work)
        assert "What came of it?" in client.get(f"/kasus/{case.public_id}/layanan").text
        client.get(path)
        form = client.form(f"{path}/hasil")
        work.build.session.expire_all()
        record(work, case, service, stayed_away())
        answer = client.post(f"{path}/hasil", {**form, **sent})
        assert answer.status_code == 409
        assert "Saved by your colleague" in client.page
        again = client.form(f"{path}/hasil")
        assert client.post(f"{path}/hasil", again).status_code == 303
        assert work.build.fresh(Service, service.id).state == S.HELD
        assert client.post(f"{path}/batalkan", {"why": "Sakit"}).status_code == 422


@on_sqlite
def test_a_coordinator_reads_the_work_and_not_where_the_child_lives(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    service = plan(work, case, kind=ServiceKind.HOME_VISIT, purpose=WORDS)
    client = page_of(app, work, "coordinator")
    path = f"/kasus/{case.public_id}/layanan"
    for address in (path, f"{path}/{service.public_id}"):
        page = client.get(address).text
        assert WORDS in page
        assert CHILD.address not in page
        assert "<form class" not in page.split("<main", 1)[1].split("</main", 1)[0]
    for leaf in ("rencanakan", "catat", f"{service.public_id}/hasil", f"{service.public_id}/ubah"):
        answer = client.post(f"{path}/{leaf}", typed(clock.now()))
        assert answer.status_code == 404
    assert page_of(app, work, "other").get(path).status_code == 404
    elsewhere = work.open(child=ChildFacts("Anak Lain"))
    client = page_of(app, work)
    foreign = f"/kasus/{elsewhere.public_id}/layanan/{service.public_id}"
    assert client.get(foreign).status_code == 404


@on_sqlite
def test_a_full_tab_costs_as_many_statements_as_a_short_one(app: Flask, work: Casework) -> None:
    case = work.open()
    aim = goal(work, case)
    client = page_of(app, work)
    figures = []
    for most in (2, 30):
        start = clock.now()
        with transaction(work.build.session) as session:
            session.add_all(
                Service(
                    case_id=case.id,
                    goal_id=aim.id,
                    kind=ServiceKind.COUNSELLING,
                    state=S.PLANNED if number % 2 else S.CANCELLED,
                    starts_at=start + (number + 1) * HOUR,
                    minutes=60,
                    held_by=work.manager.id,
                )
                for number in range(most)
            )
        for leaf in ("layanan", "keluarga"):
            client.get(f"/kasus/{case.public_id}/{leaf}")
            with all_statements(app.extensions["database"]) as seen:
                assert client.get(f"/kasus/{case.public_id}/{leaf}").status_code == 200
            figures.append(len(seen))
    assert figures[:2] == figures[2:]
