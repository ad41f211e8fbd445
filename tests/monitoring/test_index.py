"""What each person finds under /pemantauan: their part, in order, and not a word more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.cases.actions import access as case_access
from portal.cases.models import Case, CaseAssignment
from portal.cases.states import Part
from portal.core import clock
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import new_id, new_public_id, transaction
from portal.monitoring.models import Alert, FollowUp, PlanReader, Reply, Watcher
from portal.monitoring.queries import board
from portal.monitoring.states import (
    AlertKind,
    AlertState,
    FollowUpState,
    FormKind,
    FormState,
)
from portal.people.models import User
from tests.cases.casework import NAME
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import HELPS, INITIALS, NOTE, Classroom
from tests.monitoring.teaching import filled, path_of, substitute, text_of, tree
from tests.people.doors import knock
from tests.statements import all_statements

MONDAY = datetime(2026, 11, 23, 9, tzinfo=WIB)
INDEX = "/pemantauan"
REPLY = "Terima kasih, kami mampir hari Kamis"
FEW, MANY = 3, 30


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    """Stop the clock on a Monday morning."""
    with time_machine.travel(MONDAY, tick=False):
        yield


def visit(client: PageClient, person: User, query: str = "") -> PageClient:
    """Let somebody look at the page, in English."""
    client.sign_in(person)
    client.http.get("/?bahasa=en")
    assert client.get(f"{INDEX}{query}").status_code == 200
    return client


def words(client: PageClient) -> str:
    """Return what the main part of the page says."""
    return text_of(tree(client).find(".//main"))


def primary(client: PageClient) -> list[str]:
    """Return where the filled buttons of the main part lead."""
    main = tree(client).find(".//main")
    assert main is not None
    return [
        str(link.get("href"))
        for link in main.iter("a")
        if "btn" in (link.get("class") or "").split()
        and not {"btn-outline", "btn-text"} & set((link.get("class") or "").split())
    ]


def alert(room: Classroom, kind: AlertKind, **more: Any) -> Alert:
    """Raise an alert nobody took on yet."""
    values: dict[str, Any] = {
        "follow_up_id": room.follow_up.id,
        "kind": kind,
        "state": AlertState.OPEN,
        "raised_at": clock.now(),
        "due_at": clock.now(),
    }
    return room.work.build.save(Alert(id=new_id(), **{**values, **more}))


def answer(room: Classroom, form_id: Any, **more: Any) -> Reply:
    """Let the office answer a form."""
    return room.work.build.save(
        Reply(
            id=new_id(),
            form_id=form_id,
            text=REPLY,
            written_by=room.work.manager.id,
            written_at=clock.now(),
            **more,
        )
    )


def another(room: Classroom, number: int) -> Classroom:
    """Return one more child, with a case of its own, at the same school and with the same teacher.

    The case is laid in as a copy, which is quicker than opening it.
    """
    work = room.work
    told = {each.key: getattr(room.case, each.key) for each in Case.__mapper__.column_attrs}
    own = {"id": new_id(), "public_id": new_public_id(), "number": f"K-2026-9{number:03d}"}
    case = Case(**{**told, **own})
    follow_up = FollowUp(
        id=new_id(),
        case_id=case.id,
        school_id=work.school.id,
        state=FollowUpState.ACTIVE,
        initials=f"Z.{number}.",
        class_name="7B",
        began_on=clock.today(),
        started_by=work.manager.id,
    )
    with transaction(work.build.session) as session:
        session.add(case)
        session.flush()
        session.add(follow_up)
        session.flush()
        session.add_all([_watcher(follow_up, room.teacher), _in_hands(case, work.manager)])
    return replace(room, case=case, follow_up=follow_up)


def _watcher(follow_up: FollowUp, person: User) -> Watcher:
    return Watcher(
        id=new_id(),
        follow_up_id=follow_up.id,
        user_id=person.id,
        since=clock.now(),
        named_by=follow_up.started_by,
    )


def _in_hands(case: Case, person: User) -> CaseAssignment:
    return CaseAssignment(
        id=new_id(), case_id=case.id, user_id=person.id, part=Part.MANAGER, since=clock.now()
    )


def set_state(room: Classroom, state: FollowUpState) -> None:
    """Put the child's follow-up into a state."""
    with transaction(room.work.build.session) as session:
        session.get_one(FollowUp, room.follow_up.id).state = state


def test_a_teacher_finds_the_late_form_first_and_one_thing_to_do(
    room: Classroom, client: PageClient
) -> None:
    today = room.form()
    late = another(room, 2).form(due_on=clock.today() - timedelta(days=3))
    later = another(room, 3).form(
        opens_on=clock.today() + timedelta(days=3), due_on=clock.today() + timedelta(days=4)
    )
    visit(client, room.teacher)
    assert primary(client) == [path_of(late)]
    shown = client.page
    assert shown.index(path_of(late)) < shown.index(path_of(today))
    assert path_of(later) not in shown
    said = words(client)
    assert "Was due on Friday, 20 November" in said
    assert "The next form opens on Thursday, 26 November." in said
    assert f"{INITIALS}, class 7B" in said
    assert NAME not in shown
    assert HELPS not in shown


@on_sqlite
def test_a_form_that_waits_comes_before_a_plan_to_read(room: Classroom, client: PageClient) -> None:
    visit(client, room.teacher)
    assert primary(client) == [f"/rencana-kembali/{room.plan.public_id}"]
    form = room.form()
    visit(client, room.teacher)
    assert primary(client) == [path_of(form)]
    with transaction(room.work.build.session) as session:
        for each in session.query(PlanReader):
            each.acknowledged_at = clock.now()
    visit(client, room.teacher)
    assert "Read the plan" not in words(client)
    assert f"/rencana-kembali/{room.plan.public_id}" in client.page


@on_sqlite
def test_answers_of_the_office_come_with_the_forms_one_sent(
    room: Classroom, client: PageClient
) -> None:
    older = room.sent(at=clock.now() - timedelta(days=9), note=NOTE)
    newer = another(room, 2).sent()
    answer(room, older.id)
    visit(client, room.teacher)
    said = words(client)
    assert "1 new answer" in said
    assert REPLY in said
    # What is unread comes first, although it is older; a correction is offered while it can be.
    assert client.page.index(path_of(older)) < client.page.index(path_of(newer))
    assert path_of(newer, "/perbaiki") in client.page
    assert path_of(older, "/perbaiki") not in client.page
    assert client.post(path_of(older, "/balasan")).status_code == 303
    visit(client, room.teacher)
    assert "new answer" not in words(client)
    assert REPLY in words(client)
    assert NOTE not in client.page


@on_sqlite
def test_with_a_substitute_the_teacher_knows_who_is_asked(
    room: Classroom, client: PageClient, app: Flask
) -> None:
    form = room.form()
    substitute(room)
    visit(client, room.teacher)
    assert f"{room.colleague.full_name} fills it in for you this time" in words(client)
    assert path_of(form) not in primary(client)
    assert path_of(form) in primary(visit(PageClient(app), room.colleague))


@on_sqlite
@pytest.mark.parametrize(
    ("state", "kind", "shown"),
    [
        (FollowUpState.ACTIVE, FormKind.REGULAR, "Today"),
        (FollowUpState.PAUSED, FormKind.REGULAR, "paused"),
        (FollowUpState.ENDED, FormKind.REGULAR, ""),
        (FollowUpState.ENDED, FormKind.SENTINEL, "Today"),
    ],
)
def test_a_pause_or_an_end_asks_for_nothing_but_a_later_check(
    room: Classroom, client: PageClient, state: FollowUpState, kind: FormKind, shown: str
) -> None:
    form = room.form(kind=kind)
    set_state(room, state)
    visit(client, room.teacher)
    assert (shown in words(client)) is bool(shown) or not shown
    assert (path_of(form) in client.page) is (shown == "Today")


@on_sqlite
def test_somebody_for_whom_nothing_waits_reads_a_kind_word(
    room: Classroom, client: PageClient
) -> None:
    visit(client, room.colleague)
    assert "Nothing waits for you here." in words(client)
    assert INITIALS not in client.page
    visit(client, room.work.build.user(Role.PRINCIPAL, room.work.build.school()))
    assert "No child comes back to your school at the moment." in words(client)
    assert INITIALS not in client.page


def test_a_principal_sees_whether_and_never_what(room: Classroom, client: PageClient) -> None:
    room.sent({"m9": 4}, ("r1",), note=NOTE, due_on=clock.today() - timedelta(days=4))
    answer(room, room.sent(due_on=clock.today() + timedelta(days=1)).id)
    room.form(due_on=clock.today() - timedelta(days=1))
    alert(room, AlertKind.RED_FLAG)
    visit(client, room.principal)
    said = words(client)
    assert f"{INITIALS}, class 7B" in said
    assert room.teacher.full_name in said
    assert "Overdue since Sun, 22 Nov" in said
    assert "Plan not read yet" in said
    # One came in time, one came late, and one is missing.
    assert "1 of 3 forms came in time this semester" in said
    for secret in (NOTE, REPLY, NAME, HELPS, "Red flag", "Acute", "Alerts", "Unanswered"):
        assert secret not in client.page


@on_sqlite
def test_a_child_without_a_teacher_comes_first_at_the_school(
    room: Classroom, client: PageClient
) -> None:
    another(room, 2).form(due_on=clock.today() - timedelta(days=9))
    with transaction(room.work.build.session) as session:
        session.query(Watcher).filter_by(
            follow_up_id=room.follow_up.id
        ).one().ended_at = clock.now()
    visit(client, room.principal)
    assert "Nobody fills in the forms" in words(client)
    assert client.page.index(INITIALS) < client.page.index("Z.2.")


@on_sqlite
def test_the_office_sees_numbers_and_only_those_who_work_on_it_whom(
    room: Classroom, client: PageClient, app: Flask
) -> None:
    room.sent({"m9": 4}, ("r1",), note=NOTE)
    room.form(due_on=clock.today() - timedelta(days=1))
    alert(room, AlertKind.RED_FLAG)
    number = room.case.number
    visit(client, room.work.manager)
    assert f"{number} · {INITIALS}, class 7B" in words(client)
    assert "Answer 1 form" in words(client)
    for role in (Role.COORDINATOR, Role.DIVISION_HEAD, Role.OFFICE_HEAD):
        other = visit(PageClient(app), room.work.build.user(role))
        said = words(other)
        assert number in said
        assert "Overdue since Sun, 22 Nov" in said
        assert "/kesenjangan" in other.page
        for secret in (INITIALS, NAME, NOTE, "Red flag", "Answer 1 form"):
            assert secret not in other.page
    assert number not in visit(PageClient(app), room.work.other).page


@on_sqlite
def test_whoever_must_not_see_the_case_finds_nothing_of_it(room: Classroom, app: Flask) -> None:
    form = room.form()
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        for person in (room.teacher, room.principal, room.work.second):
            case_access.keep_away(session, room.actor("coordinator"), case, person.id, "Ipar")
    for person in (room.teacher, room.principal, room.work.second):
        page = visit(PageClient(app), person).page
        for trace in (INITIALS, room.case.number, path_of(form), room.plan.public_id):
            assert trace not in page


def test_the_tabs_of_the_office_hold_what_they_count(room: Classroom, client: PageClient) -> None:
    room.form(due_on=clock.today() - timedelta(days=1))
    flagged, silent, waiting = (another(room, number) for number in (2, 3, 4))
    alert(flagged, AlertKind.RISE)
    alert(silent, AlertKind.SILENT, state=AlertState.TAKEN)
    waiting.sent()
    cases = {
        "terlambat": room,
        "peringatan": flagged,
        "senyap": silent,
        "belum-dijawab": waiting,
    }
    coordinator = room.work.coordinator
    for tab, only in cases.items():
        visit(client, coordinator, f"?tampil={tab}")
        for each in cases.values():
            assert (each.case.number in client.page) is (each is only), tab
    visit(client, coordinator, "?tampil=apa-saja")
    said = words(client)
    assert "All 4 New alerts 1 Overdue 1 School is silent 1 Unanswered 1" in said
    # The most pressing first.
    order = [flagged, room]
    places = [client.page.index(each.case.number) for each in order]
    assert places == sorted(places)


@on_sqlite
def test_an_answered_form_and_an_alert_in_hand_count_no_more(
    room: Classroom, client: PageClient
) -> None:
    answer(room, room.sent().id)
    alert(room, AlertKind.RISE, state=AlertState.TAKEN)
    with room.work.build.database.reader() as reading:
        assert board.counts(reading, room.actor("coordinator")) == {
            "semua": 1,
            "peringatan": 0,
            "terlambat": 0,
            "senyap": 0,
            "belum-dijawab": 0,
        }


def test_a_long_list_goes_on_where_it_stopped(room: Classroom, client: PageClient) -> None:
    for number in range(board.PAGE_SIZE + 2):
        child = another(room, number)
        if number % 3:
            child.form(due_on=clock.today() + timedelta(days=number % 5))
    seen: list[str] = []
    with room.work.build.database.reader() as reading:
        after = None
        while True:
            found = board.lines(reading, room.actor("coordinator"), board.ALL, after)
            seen += [each.follow_up for each in found.lines]
            after = found.after
            if after is None:
                break
        assert board.lines(reading, room.actor("coordinator"), board.ALL, "x" * 22).lines
    assert len(seen) == len(set(seen)) == board.PAGE_SIZE + 3
    visit(client, room.work.coordinator)
    assert 'rel="next"' in client.page


@on_sqlite
def test_several_roles_find_their_parts_one_below_the_other(
    room: Classroom, client: PageClient
) -> None:
    room.form()
    room.work.build.appoint(room.principal, Role.TEACHER, room.work.school)
    room.work.build.save(_watcher(room.follow_up, room.principal))
    visit(client, room.principal)
    said = words(client)
    assert said.index("For you") < said.index("Children back at your school")


@on_sqlite
def test_statements_do_not_grow_with_the_children(room: Classroom, client: PageClient) -> None:
    people = (room.teacher, room.principal, room.work.manager, room.work.coordinator)
    asked: dict[User, list[int]] = {person: [] for person in people}
    done = 0
    for total in (FEW, MANY):
        for number in range(done, total):
            child = another(room, number)
            child.form()
            answer(room, child.sent(number=2).id)
            alert(child, AlertKind.RISE)
        done = total
        for person in people:
            visit(client, person)
            with all_statements(client.app.extensions["database"]) as seen:
                client.http.get(INDEX)
            asked[person].append(len(seen))
    for few, many in asked.values():
        assert 0 < few == many < 30


@on_sqlite
def test_a_missed_form_stays_late_until_it_closes(room: Classroom, client: PageClient) -> None:
    room.form(
        state=FormState.MISSED,
        due_on=clock.today() - timedelta(days=15),
        closes_on=clock.today() - timedelta(days=1),
    )
    visit(client, room.principal)
    assert "Nothing overdue" in words(client)


@on_sqlite
def test_a_phone_that_stays_signed_in_opens_list_and_form_ten_days_later(
    room: Classroom, client: PageClient
) -> None:
    form = room.form(due_on=clock.today() + timedelta(days=12))
    knock(client, room.teacher.email, own_device="y")
    with time_machine.travel(MONDAY + timedelta(days=10), tick=False):
        assert client.get(INDEX).status_code == 200
        assert path_of(form) in client.page
        assert client.get(path_of(form)).status_code == 200
        assert client.post(path_of(form), filled()).status_code == 303
    with time_machine.travel(MONDAY + timedelta(days=25), tick=False):
        assert client.get(INDEX).status_code == 303
