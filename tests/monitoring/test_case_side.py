"""The monitoring of a case's child as its manager reads and steers it."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from portal.cases.actions.family import Contact, add_contact
from portal.cases.models import Case, CaseEntry, Decision
from portal.cases.states import CaseState, ContactWay, DecisionKind, EntryKind
from portal.core import clock
from portal.core.db import transaction
from portal.monitoring.actions.alerting import raise_alert
from portal.monitoring.actions.settling import close
from portal.monitoring.models import Alert, FollowUp, MonitoringForm, Watcher
from portal.monitoring.queries.ending import signs
from portal.monitoring.states import AlertKind, FollowUpState, FormState
from tests.cases.casework import client_of, send
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import INITIALS, NOTE, Classroom
from tests.statements import read_statements

pytestmark = on_sqlite
WHY = "Anak sakit cacar dan dirawat di rumah bibinya"


def tab(room: Classroom, rest: str = "") -> str:
    return f"/kasus/{room.case.public_id}/pemantauan{rest}"


def manager(app: Flask, room: Classroom) -> PageClient:
    return client_of(app, room.work)


def follow_up(room: Classroom) -> FollowUp:
    return room.work.build.fresh(FollowUp, room.follow_up.id)


def some_forms(room: Classroom, count: int = 5) -> list[MonitoringForm]:
    """Send a calm form every fortnight, the last one today."""
    today = clock.today()
    days = [today - timedelta(weeks=2 * each) for each in reversed(range(count))]
    return [
        room.sent(at=clock.at_wib(day, clock.OFFICE_OPENS), due_on=day, weeks=2, note=NOTE)
        for day in days
    ]


def test_without_a_plan_the_way_to_one_is_shown(app: Flask, room: Classroom) -> None:
    with transaction(room.work.build.session) as session:
        for each in session.scalars(select(Watcher)):
            session.delete(each)
        session.flush()
        session.delete(session.get_one(FollowUp, room.follow_up.id))
    page = manager(app, room).get(tab(room)).text
    assert "The school does not look after this child yet" in page
    assert f"/kasus/{room.case.public_id}/kembali-sekolah" in page


def test_the_manager_reads_the_course_the_forms_and_what_is_missing(
    app: Flask, room: Classroom
) -> None:
    forms = some_forms(room)
    page = manager(app, room).get(tab(room)).text
    assert "The last 5 forms are calm. All forms came in time." in page
    assert f"How {INITIALS}, class 7B gets on" in page
    assert NOTE in page
    for form in forms:
        assert f"/pemantauan/{form.public_id}/baca" in page
    # Family, child and visit are missing; the forms alone end nothing.
    assert "Go on: not everything is met yet" in page
    assert "10 school weeks" in page
    assert room.work.build.fresh(Case, room.case.id).state == CaseState.OPEN


def test_thin_forms_are_called_thin(app: Flask, room: Classroom) -> None:
    unseen = {f"m{number}": None for number in range(1, 6)}
    room.sent(unseen)
    page = manager(app, room).get(tab(room)).text
    assert "Nobody can say yet how the child is: no form says enough." in page
    assert "too little observed" in page.lower()


def test_what_changed_since_the_form_before_stands_beside_it(app: Flask, room: Classroom) -> None:
    room.sent(due_on=clock.today() - timedelta(days=7))
    room.sent({"m9": 3, "m3": 1}, flags=("r3",), note=NOTE)
    page = manager(app, room).get(tab(room)).text
    assert "The last form and the one before" in page
    assert page.count("clearly worse") == 2
    assert "Red flag" in page


def test_the_page_costs_no_more_for_many_forms(app: Flask, room: Classroom) -> None:
    client, database = manager(app, room), room.work.build.database
    room.sent(due_on=clock.today() - timedelta(days=80))
    room.sent(due_on=clock.today() - timedelta(days=79))
    client.get(tab(room))
    with read_statements(database) as few:
        client.get(tab(room))
    some_forms(room)
    with read_statements(database) as many:
        client.get(tab(room))
    assert len(few) == len(many)


def test_nobody_tells_the_guardian_until_people_decide(app: Flask, room: Classroom) -> None:
    form = room.sent(flags=("r5",))
    build = room.work.build
    with transaction(build.session) as session:
        row = session.get_one(MonitoringForm, form.id)
        alert = raise_alert(session, room.follow_up, AlertKind.RED_FLAG, row, ("r5",))
    client = manager(app, room)
    page = client.get(tab(room)).text
    assert "Do not tell the guardian." in page
    assert f"/peringatan/{alert.public_id}" in page
    with transaction(build.session) as session:
        again = session.get_one(Alert, alert.id)
        close(session, room.actor("manager"), again, WHY, guardian_settled=True)
    page = client.get(tab(room)).text
    assert "Do not tell the guardian." not in page
    assert f"/peringatan/{alert.public_id}" not in page


def test_the_manager_pauses_and_lets_it_go_on(app: Flask, room: Classroom) -> None:
    client = manager(app, room)
    refused = send(client, tab(room, "/jeda"), {"until": "2027-01-30"}, status=422)
    assert "Write in a few words why." in refused.text
    assert "2027-01-30" in refused.text
    past = (clock.today() - timedelta(days=1)).isoformat()
    refused = send(client, tab(room, "/jeda"), {"reason": WHY, "until": past}, status=422)
    assert WHY in refused.text
    send(client, tab(room, "/jeda"), {"reason": WHY})
    assert (follow_up(room).state, follow_up(room).pause_reason) == ("paused", WHY)
    page = client.get(tab(room)).text
    assert "Paused until you let it go on." in page
    assert WHY in page
    send(client, tab(room, "/lanjut"), {"was_away": "y"})
    assert follow_up(room).state == FollowUpState.ACTIVE
    # A second press meets what is done already.
    send(client, tab(room, "/lanjut"), {}, status=422)


def test_forms_come_weekly_again_or_end_with_a_reason(app: Flask, room: Classroom) -> None:
    client = manager(app, room)
    with transaction(room.work.build.session) as session:
        session.get_one(FollowUp, room.follow_up.id).step = 6
    send(client, tab(room, "/mingguan"), {}, status=422)
    send(client, tab(room, "/mingguan"), {"reason": WHY})
    assert follow_up(room).step == 0
    send(client, tab(room, "/akhiri"), {"reason": WHY})
    assert follow_up(room).state == FollowUpState.ENDED
    written = room.work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.MONITORING))
    assert [each.text for each in written].count(WHY) == 2
    page = client.get(tab(room)).text
    assert "A shared return plan lets it begin again." in page
    client.post(tab(room, "/jeda"), {"reason": WHY})
    assert room.work.build.fresh(Case, room.case.id).state == CaseState.OPEN


def test_the_next_form_can_be_left_out(app: Flask, room: Classroom) -> None:
    form = room.form()
    client = manager(app, room)
    assert "Next form: Monitoring form, due on" in client.get(tab(room)).text
    send(client, tab(room, f"/{form.public_id}/lewati"))
    assert room.work.build.fresh(MonitoringForm, form.id).state == FormState.CANCELLED
    # A second press leaves out no other form.
    send(client, tab(room, f"/{form.public_id}/lewati"), status=422)
    other = room.work.build.fresh(FollowUp, room.follow_up.id).public_id
    send(client, tab(room, f"/{other}/lewati"), status=404)


def test_a_substitute_stands_in_and_the_teacher_comes_back(app: Flask, room: Classroom) -> None:
    client = manager(app, room)
    chosen = {"teacher": room.colleague.public_id, "part": "substitute"}
    send(client, tab(room, "/guru"), {"part": "substitute"}, status=422)
    send(client, tab(room, "/guru"), chosen)
    page = client.get(tab(room)).text
    assert f"<strong>{room.colleague.full_name}</strong> (for a while)" in page
    send(client, tab(room, "/guru/lepas"))
    now = select(Watcher.user_id).where(Watcher.ended_at.is_(None))
    assert room.work.rows(now) == [room.teacher.id]


def test_people_decide_that_it_goes_on_with_reasons(app: Flask, room: Classroom) -> None:
    client = manager(app, room)
    refused = send(client, tab(room, "/teruskan"), {"reason": WHY}, status=422)
    assert WHY in refused.text
    reasons = {"reason": WHY, "best_interests": "Tetap di kelasnya", "child_view": "Mau"}
    send(client, tab(room, "/teruskan"), {**reasons, "weekly": "y"})
    (decision,) = room.work.rows(select(Decision).where(Decision.kind == DecisionKind.OTHER))
    assert (decision.reason, decision.state) == (WHY, "made")


def test_a_decision_to_go_on_lets_forms_come_again_once_all_have_come(
    app: Flask, room: Classroom
) -> None:
    room.sent()
    reasons = {"reason": WHY, "best_interests": "Tetap di kelasnya", "child_view": "Mau"}
    send(manager(app, room), tab(room, "/teruskan"), reasons)
    coming = select(MonitoringForm).where(MonitoringForm.state == FormState.WAITING)
    assert len(room.work.rows(coming)) == 1


def test_only_whoever_works_on_the_case_steers(app: Flask, room: Classroom) -> None:
    room.form()
    coordinator = client_of(app, room.work, "coordinator")
    page = coordinator.get(tab(room)).text
    assert "What comes next" in page
    # Who watches over cases knows neither initials nor buttons.
    assert INITIALS not in page
    assert "/jeda" not in page
    send(coordinator, tab(room, "/jeda"), {"reason": WHY}, status=422)
    assert follow_up(room).state == FollowUpState.ACTIVE
    send(client_of(app, room.work, "other"), tab(room, "/jeda"), {"reason": WHY}, status=404)


def test_the_closure_looks_at_the_forms_as_well(app: Flask, room: Classroom) -> None:
    some_forms(room)
    page = client_of(app, room.work).get(f"/kasus/{room.case.public_id}/penutupan").text
    assert "The last five forms are calm" in page
    assert "A social worker visited at home or at school" in page


def test_no_ending_is_suggested_while_an_alert_is_open(app: Flask, room: Classroom) -> None:
    """All conditions hold, and somebody still has to settle what a form asked for."""
    some_forms(room)
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        began = clock.now() - timedelta(days=2)
        met = Contact(began, ContactWay.HOME_VISIT, reached=True, text=WHY)
        add_contact(session, room.actor("manager"), case, met)
        case.child_view = WHY
    client = manager(app, room)
    assert "Everything speaks for ending it" in client.get(tab(room)).text
    with transaction(room.work.build.session) as session:
        raise_alert(session, room.follow_up, AlertKind.SILENT, room.form())
    assert "Everything speaks for ending it" not in client.get(tab(room)).text
    with room.work.build.database.reader() as reading:
        found = {each.code: each for each in signs(reading, room.case)}
    assert (found["monitoring_alerts"].met, found["monitoring_alerts"].left) == (False, 1)
