"""Tasks of a case: each waits for the one who does it, and is gone when it is done."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import tasks
from portal.cases.actions.opening import assign, release
from portal.cases.models import Case, CaseEntry, CaseTask
from portal.cases.queries.tasks import CODES, open_of
from portal.cases.states import EntryKind, Part
from portal.core import clock
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from tests.cases.casework import NAME, WORDS, Casework, send
from tests.client import PageClient
from tests.conftest import on_sqlite

SOON = clock.add_working_days(clock.today(), 1)


def add(work: Casework, case: Case, person: str = "manager", text: str = WORDS) -> CaseTask:
    with transaction(work.build.session) as session:
        to = getattr(work, person).id
        return tasks.add(session, work.actor("manager"), case, text, SOON, to)


def asked(work: Casework, task: CaseTask) -> list[object]:
    """Return for whom a task waits now."""
    found = select(Duty).where(Duty.subject_id == task.id, Duty.closed_at.is_(None))
    return [each.person_id for each in work.rows(found)]


def help_with(work: Casework, case: Case) -> None:
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.other.id, Part.COLLEAGUE)


def test_a_task_waits_for_its_person_until_it_is_done(work: Casework) -> None:
    case = work.open()
    task = add(work, case)
    assert asked(work, task) == [work.manager.id]
    with transaction(work.build.session) as session:
        tasks.finish(session, work.actor("manager"), case, task, "Bibinya mau bicara")
    assert asked(work, task) == []
    kept = work.build.fresh(CaseTask, task.id)
    assert (kept.result, kept.done_by, kept.cancelled) == (
        "Bibinya mau bicara",
        work.manager.id,
        False,
    )
    lines = work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.TASK))
    assert [(each.facts["state"], each.record_id) for each in lines] == [
        ("added", task.id),
        ("done", task.id),
    ]
    with (
        pytest.raises(Rejected, match="task_over"),
        transaction(work.build.session) as session,
    ):
        tasks.cancel(session, work.actor("manager"), case, task, "Tidak perlu")


def test_only_who_works_on_the_case_gets_and_sets_tasks(work: Casework) -> None:
    case = work.open()
    with pytest.raises(Rejected, match="not_on_case"):
        add(work, case, "other")
    with (
        pytest.raises(Rejected, match="not_allowed"),
        transaction(work.build.session) as session,
    ):
        tasks.add(session, work.actor("coordinator"), case, WORDS, SOON, work.manager.id)
    help_with(work, case)
    assert asked(work, add(work, case, "other")) == [work.other.id]


def test_tasks_of_whoever_leaves_go_to_the_manager(work: Casework) -> None:
    case = work.open()
    help_with(work, case)
    task = add(work, case, "other")
    with transaction(work.build.session) as session:
        release(session, work.actor("coordinator"), case, work.other.id)
    assert asked(work, task) == [work.manager.id]
    with transaction(work.build.session) as session:
        release(session, work.actor("coordinator"), case, work.manager.id)
    assert asked(work, task) == []
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.coordinator.id)
    assert asked(work, task) == [work.coordinator.id]


def test_the_portal_sets_a_task_of_its_own_once(work: Casework) -> None:
    case = work.open()

    def automatic(person: Any = work.manager.id, day: date = SOON) -> CaseTask | None:
        with transaction(work.build.session) as session:
            session.refresh(case, with_for_update=True)
            return tasks.add_automatic(session, case, "family_missed_contacts", day, person)

    task = automatic()
    assert task
    assert automatic() is None
    with transaction(work.build.session) as session:
        tasks.end_automatic(session, None, case, "family_missed_contacts")
    assert asked(work, task) == []
    assert automatic()
    with transaction(work.build.session) as session:
        tasks.cancel_all(session, work.actor("manager"), case)
    assert work.build.fresh(CaseTask, task.id).cancelled is False
    assert open_of(work.build.session, case.id) == []
    assert automatic(person=None) is None


@on_sqlite
def test_every_code_has_its_words(work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        for code in CODES:
            tasks.add_automatic(session, case, code, SOON, work.manager.id)
    titles = [each.title for each in open_of(work.build.session, case.id)]
    assert len(set(titles)) == len(CODES)
    assert all(titles)


@on_sqlite
def test_tasks_are_set_done_and_taken_off_on_the_page(app: Flask, work: Casework) -> None:
    case = work.open()
    path = f"/kasus/{case.public_id}/tugas"
    client = PageClient(app).sign_in(work.manager)
    sent = {"text": WORDS, "due_on": "2020-01-01", "person": work.manager.public_id}
    refused = send(client, path, sent, status=422).text
    assert WORDS in refused
    for _each in range(2):
        send(client, path, {**sent, "due_on": SOON.isoformat()})
    first, second = work.rows(select(CaseTask).order_by(CaseTask.id))
    assert WORDS in client.get(f"/kasus/{case.public_id}").text
    send(client, f"{path}/{first.public_id}/batal", status=422)
    assert 'href="#words"' in client.page
    send(client, f"{path}/{first.public_id}/batal", {"words": "Sudah pindah"})
    send(client, f"{path}/{second.public_id}/selesai")
    page = client.get(path).text
    assert "Sudah pindah" in page
    assert f"/{second.public_id}/selesai" not in page
    # Whoever watches over it reads the work without the name, and changes nothing.
    watching = PageClient(app).sign_in(work.coordinator)
    seen = watching.get(path).text
    assert "Sudah pindah" in seen
    assert NAME not in seen
    assert f'action="{path}"' not in seen
    send(watching, f"{path}/{second.public_id}/selesai", status=422)
    assert PageClient(app).sign_in(work.other).get(path).status_code == 404
