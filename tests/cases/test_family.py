"""The family log: reached or missed, what is agreed, and when another way must be found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from portal.cases.actions import family, serving
from portal.cases.actions.family import Contact
from portal.cases.actions.opening import assign
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import Case, CaseEntry, CaseTask, FamilyContact, Guardian, Service
from portal.cases.queries import family as queries
from portal.cases.queries.tasks import HOME_TASK, MISSED_CONTACTS, still_open
from portal.cases.states import (
    Barrier,
    ContactWay,
    EntryKind,
    Part,
    ServiceKind,
    ServiceState,
)
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.cases.casework import WORDS, Casework
from tests.client import PageClient
from tests.conftest import on_sqlite

MOTHER = "Sulastri Purwaningsih"
FATHER = "Gunarto Purwaningsih"
REASON = "Diduga memukul anak di rumah"


def guardian(work: Casework, case: Case, name: str = MOTHER, **more: Any) -> Guardian:
    return work.build.save(
        Guardian(child_id=case.child_id, full_name=name, **{"relation": "ibu", **more})
    )


def reached(**more: Any) -> Contact:
    values = {"at": clock.now(), "way": ContactWay.PHONE, "reached": True, "text": WORDS}
    return Contact(**{**values, **more})


def missed(**more: Any) -> Contact:
    return reached(**{"reached": False, "text": "", "barrier": Barrier.NO_ANSWER, **more})


def add(work: Casework, case: Case, contact: Contact, by: str = "manager") -> FamilyContact:
    with transaction(work.build.session) as session:
        return family.add_contact(session, work.actor(by), case, contact)


def refused(work: Casework, case: Case, contact: Contact) -> tuple[str, str | None]:
    with pytest.raises(Rejected) as problem:
        add(work, case, contact)
    return problem.value.code, problem.value.field


def open_tasks(work: Casework, case: Case, code: str) -> list[CaseTask]:
    with work.build.database.reader() as reading:
        return still_open(reading, case.id, CaseTask.code == code)


def test_two_missed_in_a_row_call_for_another_way_and_meeting_ends_it(work: Casework) -> None:
    case = work.open()
    add(work, case, missed())
    assert not open_tasks(work, case, MISSED_CONTACTS)
    add(work, case, missed())
    (task,) = open_tasks(work, case, MISSED_CONTACTS)
    assert task.person_id == work.manager.id
    add(work, case, missed())
    assert [each.id for each in open_tasks(work, case, MISSED_CONTACTS)] == [task.id]
    with work.build.database.reader() as reading:
        assert queries.standing(reading, case.id).missed == 3
    add(work, case, reached())
    assert not open_tasks(work, case, MISSED_CONTACTS)
    with work.build.database.reader() as reading:
        standing = queries.standing(reading, case.id)
    assert (standing.missed, standing.days_ago) == (0, 0)


def test_what_was_missed_later_counts_by_when_it_happened(work: Casework) -> None:
    case = work.open()
    now = clock.now()
    add(work, case, missed(at=now - timedelta(days=5)))
    add(work, case, reached(at=now - timedelta(days=1)))
    # Written down only now: it lies before the contact that reached somebody.
    add(work, case, missed(at=now - timedelta(days=4)))
    assert not open_tasks(work, case, MISSED_CONTACTS)


def test_a_colleague_is_asked_where_nobody_manages_the_case(work: Casework) -> None:
    case = work.open(manager_id=None)
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.other.id, Part.COLLEAGUE)
    for _number in range(2):
        add(work, case, missed(), by="other")
    assert [each.person_id for each in open_tasks(work, case, MISSED_CONTACTS)] == [work.other.id]


def test_a_contact_put_right_counts_as_it_is_now(work: Casework) -> None:
    case = work.open()
    add(work, case, missed())
    record = add(work, case, missed())
    with transaction(work.build.session) as session:
        family.correct_contact(session, work.actor("manager"), case, record, reached())
    assert not open_tasks(work, case, MISSED_CONTACTS)
    assert (record.barrier, record.version) == (None, 2)
    entries = work.build.session.scalars(
        select(CaseEntry)
        .where(CaseEntry.case_id == case.id, CaseEntry.kind == EntryKind.FAMILY_CONTACT)
        .order_by(CaseEntry.id)
    ).all()
    assert [each.facts for each in entries][-2:] == [
        {"way": "phone", "reached": False, "barrier": "no_answer"},
        {"way": "phone", "reached": True, "corrected": True},
    ]
    assert all(each.record_id for each in entries)


def test_the_day_after_a_home_task_somebody_asks_how_it_went(work: Casework) -> None:
    case = work.open()
    later, sooner = clock.today() + timedelta(days=9), clock.today() + timedelta(days=3)
    second = add(work, case, reached(home_task="Makan malam bersama", home_task_until=later))
    first = add(work, case, reached(home_task="Antar ke sekolah", home_task_until=sooner))
    (task,) = open_tasks(work, case, HOME_TASK)
    assert task.due_on == sooner + timedelta(days=1)
    for record, next_day in ((first, later), (second, None)):
        with transaction(work.build.session) as session:
            family.answer_home_task(session, work.actor("manager"), case, record, done=True)
        due = [each.due_on for each in open_tasks(work, case, HOME_TASK)]
        assert due == ([next_day + timedelta(days=1)] if next_day else [])
    record = add(work, case, reached())
    with pytest.raises(Rejected, match="no_home_task"), transaction(work.build.session) as session:
        family.answer_home_task(session, work.actor("manager"), case, record, done=True)


@on_sqlite
def test_what_the_log_does_not_take(work: Casework) -> None:
    case = work.open()
    father = guardian(work, case, FATHER, kept_out=True, kept_out_reason=REASON)
    stranger = guardian(work, work.open(), "Orang Lain")
    today = clock.today()
    for contact, code, field in (
        (reached(guardian_id=father.id), "guardian_kept_out", "guardian"),
        (reached(guardian_id=stranger.id), "guardian_kept_out", "guardian"),
        (reached(at=clock.now() + timedelta(minutes=5)), "still_to_come", "day"),
        (reached(text=""), "said_needed", "text"),
        (missed(barrier=None), "barrier_needed", "barrier"),
        (missed(home_task="Ya", home_task_until=today), "agreed_unreached", "home_task"),
        (reached(home_task="Ya"), "home_task_day", "home_task_until"),
        (reached(home_task_until=today), "home_task_words", "home_task"),
        (
            reached(home_task="Ya", home_task_until=today - timedelta(days=1)),
            "home_task_before",
            "home_task_until",
        ),
    ):
        assert refused(work, case, contact) == (code, field), code
    with pytest.raises(Rejected, match="not_allowed"):
        add(work, case, reached(), by="coordinator")


@on_sqlite
def test_a_guardian_kept_out_later_stays_in_what_was_written_before(work: Casework) -> None:
    case = work.open()
    father = guardian(work, case, FATHER)
    record = add(work, case, reached(guardian_id=father.id))
    father.kept_out = True
    work.build.save(father)
    with transaction(work.build.session) as session:
        again = reached(guardian_id=father.id, text="Diperbaiki")
        family.correct_contact(session, work.actor("manager"), case, record, again)
    assert record.text == "Diperbaiki"


Step = tuple[str, int]


@pytest.fixture
def followed(work: Casework) -> tuple[Casework, Case]:
    return work, work.open()


@on_sqlite
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example([("missed", 1), ("service missed", 1), ("service came", 0), ("correct", 0)])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ("reached", "missed", "service came", "service missed", "alone", "correct")
            ),
            st.integers(0, 3),
        ),
        max_size=8,
    )
)
def test_the_task_stands_exactly_while_the_last_two_were_missed(
    followed: tuple[Casework, Case], steps: list[Step]
) -> None:
    work, case = followed
    with transaction(work.build.session) as session:
        for model in (CaseTask, FamilyContact, Service):
            session.execute(delete(model).where(model.case_id == case.id))
    start = clock.now().replace(second=0, microsecond=0) - timedelta(days=30)
    # What really happened, by its moment; the newest contact may be put right.
    happened: list[tuple[datetime, int, bool]] = []
    contacts: list[tuple[FamilyContact, int]] = []
    for number, (step, hours) in enumerate(steps):
        at = start + timedelta(days=number, hours=-30 * hours)
        if step in {"reached", "missed"}:
            contact = reached(at=at) if step == "reached" else missed(at=at)
            contacts.append((add(work, case, contact), len(happened)))
            happened.append((at, number, step == "reached"))
        elif step == "correct" and contacts:
            record, place = contacts[-1]
            moment, order, was = happened[place]
            other = missed(at=moment) if was else reached(at=moment)
            with transaction(work.build.session) as session:
                family.correct_contact(session, work.actor("manager"), case, record, other)
            happened[place] = (moment, order, not was)
        elif step != "correct":
            came = {"service came": True, "service missed": False, "alone": None}[step]
            hold(work, case, at, came)
            if came is not None:
                happened.append((at, number, came))
        newest = [was for _at, _order, was in sorted(happened)][-2:]
        assert bool(open_tasks(work, case, MISSED_CONTACTS)) == (newest == [False, False])


def hold(work: Casework, case: Case, at: datetime, family_came: bool | None) -> Service:
    wanted = Appointment(ServiceKind.COUNSELLING, at, 60, work.manager.id)
    outcome = Outcome(
        ServiceState.MISSED if family_came is False else ServiceState.HELD,
        60,
        None,
        family_came,
        result=WORDS,
        barrier=Barrier.WORK,
    )
    with transaction(work.build.session) as session:
        return serving.record_past(session, work.actor("manager"), case, wanted, outcome)


def page_of(app: Flask, work: Casework, who: str = "manager") -> PageClient:
    client = PageClient(app).sign_in(getattr(work, who))
    client.get("/beranda?bahasa=en")
    return client


def typed(**more: str) -> dict[str, str]:
    here = clock.now().astimezone(clock.WIB)
    values = {
        "way": "phone",
        "guardian": "other",
        "day": here.date().isoformat(),
        "time": here.strftime("%H:%M"),
        "reached": "yes",
        "text": WORDS,
    }
    return {**values, **more}


@on_sqlite
def test_the_tab_takes_a_contact_and_answers_a_home_task(app: Flask, work: Casework) -> None:
    case = work.open()
    mother = guardian(work, case)
    guardian(work, case, FATHER, relation="ayah", kept_out=True, kept_out_reason=REASON)
    client = page_of(app, work)
    path = f"/kasus/{case.public_id}/keluarga"
    page = client.get(path).text
    assert "No contact is written down yet." in page
    assert f"{FATHER} is not offered: must not be contacted. {REASON}" in page
    assert f'value="{mother.public_id}"' in page
    until = (clock.today() + timedelta(days=2)).isoformat()
    sent = typed(guardian=mother.public_id, home_task="Makan bersama", home_task_until=until)
    assert client.post(path, {**sent, "text": ""}).status_code == 422
    assert "Write what was said" in client.page
    assert 'value="Makan bersama"' in client.page
    assert client.post(path, sent).status_code == 303
    page = client.get(path).text
    for words in (
        MOTHER,
        WORDS,
        "Last reached: earlier today",
        "1 agreed task open",
        "Makan bersama",
    ):
        assert words in page.replace("</strong>", ""), words
    with work.build.database.reader() as reading:
        record = reading.scalars(select(FamilyContact)).one()
    assert client.post(f"{path}/{record.public_id}/tugas", {"done": "maybe"}).status_code == 422
    assert client.post(f"{path}/{record.public_id}/tugas", {"done": "no"}).status_code == 303
    assert "Not done" in client.get(path).text
    assert work.build.fresh(FamilyContact, record.id).home_task_done is False


@on_sqlite
def test_two_people_who_put_the_same_contact_right_see_each_other(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    record = add(work, case, reached(guardian_id=guardian(work, case).id))
    client = page_of(app, work)
    path = f"/kasus/{case.public_id}/keluarga/{record.public_id}"
    client.get(path)
    form = client.form(path)
    assert form["text"] == [WORDS]
    with transaction(work.build.session) as session:
        theirs = reached(guardian_id=record.guardian_id, text="Ibu datang ke kantor")
        family.correct_contact(session, work.actor("manager"), case, record, theirs)
    assert client.post(path, {**form, "text": "Ibu menelepon"}).status_code == 409
    assert "Ibu datang ke kantor" in client.page
    assert "Ibu menelepon" in client.page
    again = client.form(path)
    assert client.post(path, again).status_code == 303
    assert work.build.fresh(FamilyContact, record.id).text == "Ibu menelepon"


@on_sqlite
def test_nobody_of_the_family_is_offered_where_all_are_kept_out(app: Flask, work: Casework) -> None:
    case = work.open()
    father = guardian(work, case, FATHER, kept_out=True, kept_out_reason=REASON)
    client = page_of(app, work)
    path = f"/kasus/{case.public_id}/keluarga"
    page = client.get(path).text
    assert "Do not contact the family." in page
    assert REASON in page
    assert father.public_id not in page
    assert client.post(path, typed(guardian=father.public_id)).status_code == 422
    assert client.post(path, typed()).status_code == 303
    assert "another trusted adult" in client.get(path).text


@on_sqlite
def test_whoever_may_not_know_the_name_reads_no_guardian(app: Flask, work: Casework) -> None:
    case = work.open()
    guardian(work, case, FATHER, kept_out=True, kept_out_reason=REASON)
    record = add(work, case, reached(guardian_id=guardian(work, case).id))
    client = page_of(app, work, "coordinator")
    path = f"/kasus/{case.public_id}/keluarga"
    page = client.get(path).text
    assert WORDS in page
    for hidden in (MOTHER, FATHER, REASON):
        assert hidden not in page
    own = f"{path}/{record.public_id}"
    assert own not in page
    assert client.get(own).status_code == 404
    for address in (path, own, f"{own}/tugas"):
        answer = client.post(address, typed())
        assert answer.status_code == 404
        assert MOTHER not in answer.text


@on_sqlite
def test_the_log_goes_on_over_pages(app: Flask, work: Casework) -> None:
    case = work.open()
    mother = guardian(work, case)
    start = clock.now() - timedelta(days=60)
    with transaction(work.build.session) as session:
        session.add_all(
            FamilyContact(
                case_id=case.id,
                guardian_id=mother.id,
                at=start + timedelta(days=number),
                way=ContactWay.PHONE,
                reached=True,
                text=f"kontak-{number:02}-",
                written_by=work.manager.id,
                written_at=clock.now(),
            )
            for number in range(45)
        )
    client = page_of(app, work)
    path, seen = f"/kasus/{case.public_id}/keluarga", []
    for _page in range(3):
        page = client.get(path).text
        seen += [number for number in range(45) if f"kontak-{number:02}-" in page]
        path = page.split('rel="next" href="')[-1].split('"')[0].replace("&amp;", "&")
    assert sorted(seen) == list(range(45))
    assert len(seen) == 45
