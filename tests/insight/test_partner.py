"""Partner schools: who comes first, what each lacks, and what nobody outside may read there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from portal.core import clock, settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.home.queries import school_desk
from portal.insight.queries import partners
from portal.insight.queries.gap_figures import Share
from portal.insight.queries.partner import Partnership, partnership
from portal.insight.queries.partners import Need, Wanted
from portal.people.models import User
from portal.schools.actions.contact_log import Try, record_attempt
from portal.schools.models import About, Answer, MouObligation, School, SchoolContact, Side, Way
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.cases.casework import Casework, casework
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.insight.conftest import Town
from tests.insight.test_gap import story
from tests.insight.test_report_figures import told
from tests.monitoring.classroom import Classroom, classroom
from tests.statements import all_statements

TODAY = date(2026, 11, 23)
SCHOOL_YEAR = (date(2026, 8, 4), date(2026, 9, 8))


def wanted(**more: Any) -> Wanted:
    """Return what is listed as of today."""
    return Wanted(**{"day": TODAY, "notice_days": 60, **more})


def names(build: Builder, user: User, **more: Any) -> list[str]:
    """Return the names of the partners somebody is shown."""
    with build.database.reader() as session:
        return [each.name for each in partners.every(session, build.actor(user), wanted(**more))]


def test_those_in_most_need_come_first(build: Builder, town: Town) -> None:
    worker = build.worker()
    served_once = build.school("SD Sekali")
    build.mou(served_once)
    build.delivered(served_once, worker, date(2026, 9, 1))
    waits_longest = build.school("SD Lama")
    build.mou(waits_longest, signed_on=date(2024, 1, 1))
    ended = build.school("SD Habis")
    build.mou(ended, signed_on=date(2024, 1, 1), valid_until=TODAY - timedelta(days=1))
    assert names(build, town.coordinator) == ["SD Lama", "=1+1", "SD Sekali", "SMP Satu"]
    assert names(build, town.coordinator, need=Need.NEVER) == ["SD Lama", "=1+1"]
    assert names(build, town.coordinator, need=Need.PROMISED) == ["SD Lama", "=1+1", "SD Sekali"]
    assert names(build, town.coordinator, need=Need.ENDING) == ["SD Habis"]
    assert names(build, town.coordinator, group="SMK") == ["=1+1"]
    principal = build.user(Role.PRINCIPAL, served_once)
    assert names(build, principal) == ["SD Sekali"]


def test_a_partner_as_it_stands(build: Builder, town: Town) -> None:
    worker = build.worker()
    school, merged = build.school("SD Lengkap"), build.school("SD Lebur")
    build.mou(school, signed_on=date(2026, 1, 1), promised=3)
    build.delivered(school, worker, date(2026, 8, 10))
    build.delivered(merged, worker, date(2026, 8, 20))
    build.delivered(school, worker, date(2026, 12, 1), state=VisitState.SCHEDULED)
    build.delivered(school, worker, date(2026, 12, 2), state=VisitState.OFFERED)
    build.delivered(school, worker, date(2026, 9, 2), state=VisitState.NOT_DELIVERED)
    actor = build.actor(town.coordinator)
    with build.database.writer() as session, transaction(session):
        session.get_one(School, merged.id).merged_into_id = school.id
        tried = Try(About.UNSERVED, Way.CALL, Answer.NO_RESPONSE, TODAY, None)
        record_attempt(session, actor, session.get_one(School, school.id), tried)
    with build.database.reader() as session:
        found = partners.every(session, actor, wanted(need=Need.SILENT))
    (each,) = found
    assert (each.sessions, each.promised, each.waiting, each.tries) == (2, 3, 1, 1)
    assert each.days_without(TODAY) == (TODAY - date(2026, 8, 20)).days
    assert each.next_at
    assert clock.day_of(each.next_at) == date(2026, 12, 1)
    assert each.never_answered


def looked_at(build: Builder, user: User, school: School) -> Partnership:
    """Return what somebody is shown of a partnership."""
    with build.database.reader() as session:
        place = session.get_one(School, school.id)
        return partnership(session, build.actor(user), place)


def lacks(found: Partnership) -> list[str]:
    """Return the codes of what is missing."""
    return [each.code for each in found.missing]


def test_what_is_missing_and_when_nothing_is(build: Builder, town: Town) -> None:
    school = build.school("SD Baru")
    assert lacks(looked_at(build, town.coordinator, school))[0] == "mou"
    mou = build.mou(school, promised=1, valid_until=TODAY + timedelta(days=59))
    build.save(
        MouObligation(
            mou_id=mou.id,
            side=Side.OFFICE,
            text="Menjawab",
            due_on=TODAY - timedelta(days=1),
            position=0,
        )
    )
    every = ["renewal", "promise", "copy", "signers", "agreement", "session", "team", "contact"]
    assert lacks(looked_at(build, town.coordinator, school)) == every
    worker = build.worker()
    build.delivered(school, worker, date(2026, 12, 1), state=VisitState.REQUESTED)
    build.user(Role.FOCAL_TEAM, school)
    build.save(
        SchoolContact(
            school_id=school.id,
            full_name="Ibu",
            phone="+62812",
            recorded_by=worker.id,
            recorded_at=clock.now(),
        )
    )
    after = lacks(looked_at(build, town.coordinator, school))
    assert after == ["renewal", "promise", "copy", "signers", "agreement", "answer"]


def test_forms_in_time_are_for_the_school_and_those_who_lead(build: Builder) -> None:
    room: Classroom = classroom(casework(build))
    story(room)
    work: Casework = room.work
    assert looked_at(build, work.head, work.school).forms == Share(1, 3)
    assert looked_at(build, room.principal, work.school).forms == Share(1, 3)
    assert looked_at(build, build.user(Role.ADMIN), work.school).forms is None
    other = build.school()
    assert looked_at(build, work.head, other).forms == Share(0, 0)


def test_reports_are_told_to_the_office_alone_and_never_small(build: Builder, town: Town) -> None:
    school = town.never_partner
    principal = build.user(Role.PRINCIPAL, school)
    for _ in range(4):
        told(build, school, datetime(2026, 9, 1, 3, tzinfo=UTC))
    few = looked_at(build, town.coordinator, school).reports
    assert few is not None
    assert few.total is None
    for number in range(8):
        at = datetime(2026, 9, 2 + number, 3, tzinfo=UTC)
        told(build, school, at, replied_at=at)
    many = looked_at(build, town.coordinator, school).reports
    assert many is not None
    # Four that wait are too few to show, and neither do the eight tell of them.
    assert (many.total, many.cells["answered"]) == (10, None)
    assert looked_at(build, principal, school).reports is None
    assert looked_at(build, build.user(Role.ADMIN), school).reports is None


def test_the_pages(app: Flask, build: Builder, town: Town) -> None:
    coordinator = PageClient(app).sign_in(town.coordinator)
    page = coordinator.get("/mitra").text
    assert "SMP Satu" in page
    assert "SD Dua" not in page
    assert "SMP Satu" not in coordinator.get("/mitra?keadaan=belum-pernah&setelah=zzz").text
    assert coordinator.get("/mitra?keadaan=berakhir").status_code == 200
    here = f"/mitra/{town.reached_partner.public_id}"
    text = coordinator.get(here).text
    assert "2 dari 2" in text
    assert f"/sekolah/{town.reached_partner.public_id}/upaya" in text
    principal = PageClient(app).sign_in(build.user(Role.PRINCIPAL, town.reached_partner))
    assert principal.get("/mitra").location == here
    own = principal.get(here).text
    assert "2 dari 2" in own
    assert "/upaya" not in own
    assert principal.get(f"/mitra/{town.never.public_id}").status_code == 404
    assert principal.get("/mitra.xlsx").status_code == 403
    viewer = PageClient(app).sign_in(build.user(Role.EDUCATION_OFFICE))
    assert viewer.get("/mitra").status_code == 403
    assert viewer.get("/mitra.xlsx").status_code == 404


@on_sqlite
def test_the_workbook_is_the_list(app: Flask, build: Builder, town: Town) -> None:
    coordinator = PageClient(app).sign_in(town.coordinator)
    book = load_workbook(BytesIO(coordinator.get("/mitra.xlsx").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["=1+1", "SMP Satu"]
    assert len(rows[0]) == 15
    assert rows[2][7:9] == (2, 2)
    assert book.worksheets[1].max_row > 3


@on_sqlite
@pytest.mark.parametrize("path", ["/mitra", "/mitra/{school}"])
def test_long_lists_cost_no_more(app: Flask, build: Builder, town: Town, path: str) -> None:
    coordinator = PageClient(app).sign_in(town.coordinator)
    worker, address = build.worker(), path.format(school=town.reached_partner.public_id)
    numbers = []
    for _round in range(2):
        for number in range(8):
            school = build.school()
            build.mou(school)
            build.delivered(school, worker, date(2026, 9, 14) + timedelta(days=number))
            worker = build.worker()
        coordinator.get(address)
        with all_statements(app.extensions["database"]) as seen:
            coordinator.get(address)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] < 40


@on_sqlite
def test_the_list_goes_on_where_it_stopped(app: Flask, build: Builder, town: Town) -> None:
    for number in range(34):
        build.mou(build.school(f"SD Nomor {number:02}"))
    coordinator = PageClient(app).sign_in(town.coordinator)
    first = coordinator.get("/mitra").text
    after = first.partition("setelah=")[2].partition('"')[0]
    second = coordinator.get(f"/mitra?setelah={after}").text
    every = [*(f"SD Nomor {number:02}" for number in range(34)), "SMP Satu"]
    assert sum(name in first for name in every) == 29
    assert all((name in first) != (name in second) for name in every)


@on_sqlite
def test_a_principals_home_counts_what_became_part_of_the_school(build: Builder) -> None:
    school, merged = build.school("SD Induk"), build.school("SD Lebur")
    build.mou(school)
    worker = build.worker()
    build.delivered(merged, worker, SCHOOL_YEAR[0])
    build.delivered(school, worker, SCHOOL_YEAR[1], state=VisitState.NOT_DELIVERED)
    build.delivered(school, worker, date(2026, 12, 1), state=VisitState.SCHEDULED)
    with build.database.writer() as session, transaction(session):
        session.get_one(School, merged.id).merged_into_id = school.id
    principal = build.actor(build.user(Role.PRINCIPAL, school))
    with build.database.reader() as session:
        desk = school_desk(session, settings.read(session), principal)
    assert desk is not None
    assert desk.promise is not None
    assert (desk.promise.delivered, desk.promise.planned) == (1, 1)
