"""Reporter and office write to each other: when it shows, who must read it, how long it stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.core import clock, retention
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.core.retention import LegalHold
from portal.incidents.actions import conversing
from portal.incidents.actions.conversing import HOUR, MOST_A_DAY, READ_REPLY, next_full_hour
from portal.incidents.models import Report, ReportEntry, Turn
from portal.incidents.queries import conversation
from portal.incidents.states import EntryKind, ReportState
from portal.people.actions.confidential import Record, record_conflict
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.hotline.told import answered, told
from tests.trail import last

MORNING = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
# Within the years for which the portal reckons.
moments = st.integers(1_500_000_000, 3_700_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@given(moments)
def test_an_answer_shows_at_the_first_full_hour_after_it_was_written(moment: datetime) -> None:
    shows = next_full_hour(moment)
    assert moment < shows <= moment + HOUR
    here = shows.astimezone(WIB)
    assert (here.minute, here.second, here.microsecond) == (0, 0, 0)


@given(moments, st.timedeltas(timedelta(0), timedelta(minutes=59, seconds=59)))
def test_all_answers_of_an_hour_show_together(moment: datetime, later: timedelta) -> None:
    begins = moment.replace(minute=0, second=0, microsecond=0)
    assert next_full_hour(begins + later) == begins + HOUR


def write(build: Builder, report: Report, text: str = "Iya.") -> ReportEntry:
    with transaction(build.session) as session:
        return conversing.write_to_office(session, report, text)


def waiting(build: Builder, report: Report) -> list[Duty]:
    with build.database.reader() as session:
        still = select(Duty).where(Duty.subject_id == report.id, Duty.closed_at.is_(None))
        return list(session.scalars(still.where(Duty.kind == READ_REPLY)))


def texts(build: Builder, report: Report) -> list[str]:
    with build.database.reader() as session:
        return [each.text for each in conversation.for_reporter(session, report.id)]


def test_the_first_answer_counts_and_each_shows_later(build: Builder) -> None:
    actor = build.actor(build.user(Role.COORDINATOR))
    with time_machine.travel(MORNING, tick=False) as time:
        report, _code = told(build)
        first = answered(build, actor, report, "Terima kasih sudah bercerita.")
        assert report.replied_at == MORNING
        assert last(build.database).facts == {"first": True}
        assert texts(build, report) == []
        time.move_to(MORNING + timedelta(minutes=39, seconds=59))
        assert texts(build, report) == []
        answered(build, actor, report, "Satu hal lagi.")
        assert report.replied_at == MORNING
        assert last(build.database).facts == {"first": False}
        time.move_to(first.visible_from)
        assert texts(build, report) == ["Satu hal lagi.", "Terima kasih sudah bercerita."]


def test_a_note_never_reaches_the_reporter(build: Builder) -> None:
    report, _code = told(build)
    build.save(
        ReportEntry(
            report_id=report.id,
            kind=EntryKind.NOTE,
            text="Hanya untuk kantor",
            written_at=MORNING,
            visible_from=MORNING,
        )
    )
    assert texts(build, report) == []
    with build.database.reader() as session:
        [note] = conversation.for_office(session, report.id)
    assert note.text == "Hanya untuk kantor"


@on_sqlite
def test_only_whoever_handles_it_answers(build: Builder) -> None:
    report, _code = told(build)
    worker = build.worker()
    refused = [build.user(role) for role in (Role.DIVISION_HEAD, Role.ADMIN)]
    refused += [build.user(Role.PRINCIPAL, build.school()), worker]
    for person in refused:
        with pytest.raises(Rejected, match="not_allowed"):
            answered(build, build.actor(person), report, "Halo")
    with transaction(build.session):
        report.handler_id = worker.id
    answered(build, build.actor(worker), report, "Halo")
    head, coordinator = build.user(Role.DIVISION_HEAD), build.user(Role.COORDINATOR)
    with transaction(build.session) as session:
        record = Record("report", report.id, report.locator, "/")
        record_conflict(session, build.actor(head), record, coordinator.id, "Keluarga")
    with pytest.raises(Rejected, match="not_allowed"):
        answered(build, build.actor(coordinator), report, "Halo")


def test_a_message_waits_for_whoever_handles_it_until_it_is_answered(build: Builder) -> None:
    report, _code = told(build)
    write(build, report)
    assert [(each.role, each.person_id) for each in waiting(build, report)] == [
        (Role.COORDINATOR, None)
    ]
    write(build, report)
    assert len(waiting(build, report)) == 1
    actor = build.actor(build.user(Role.COORDINATOR))
    answered(build, actor, report, "Kami baca.")
    assert waiting(build, report) == []
    with build.database.reader() as session:
        read = [each.read_at is not None for each in conversation.for_office(session, report.id)]
    assert read == [True, True, False]

    on_duty, worker, today = build.worker(), build.worker(), clock.today()
    build.save(Turn(user_id=on_duty.id, first_day=today, last_day=today, recorded_by=worker.id))
    write(build, report)
    [duty] = waiting(build, report)
    assert duty.person_id == on_duty.id
    assert duty.facts == {"number": report.locator}
    assert duty.due_at <= clock.now() + timedelta(hours=24)
    with transaction(build.session) as session:
        conversing.mark_read_by_office(session, report.id)
        report.handler_id = worker.id
    assert waiting(build, report) == []
    write(build, report)
    [duty] = waiting(build, report)
    assert duty.person_id == worker.id


@on_sqlite
def test_what_lies_apart_unread_calls_nobody(build: Builder) -> None:
    report, _code = told(build, answers={"danger": ["yes"]}, quarantined=True)
    write(build, report)
    assert waiting(build, report) == []
    with transaction(build.session):
        report.read_at = clock.now()
    write(build, report)
    assert [each.alarm for each in waiting(build, report)] == [False]


@on_sqlite
def test_nobody_on_the_conflict_list_is_asked_to_read(build: Builder) -> None:
    report, _code = told(build)
    near, far, today = build.worker(), build.worker(), clock.today()
    for worker in (near, far):
        build.save(Turn(user_id=worker.id, first_day=today, last_day=today, recorded_by=far.id))
    head = build.actor(build.user(Role.DIVISION_HEAD))
    with transaction(build.session) as session:
        record = Record("report", report.id, report.locator, "/")
        record_conflict(session, head, record, near.id, "Keluarga")
    write(build, report)
    assert [each.person_id for each in waiting(build, report)] == [far.id]


@on_sqlite
@pytest.mark.parametrize(("danger", "rings"), [("yes", True), ("no", False)])
def test_a_message_rings_while_somebody_is_in_danger(
    build: Builder, danger: str, *, rings: bool
) -> None:
    report, _code = told(build, answers={"danger": [danger]})
    write(build, report)
    assert [each.alarm for each in waiting(build, report)] == [rings]


def test_what_was_read_is_marked_for_the_other_side_once_it_shows(build: Builder) -> None:
    actor = build.actor(build.user(Role.COORDINATOR))
    with time_machine.travel(MORNING, tick=False) as time:
        report, _code = told(build)
        entry = answered(build, actor, report, "Halo")

        def read_by_reporter() -> datetime | None:
            with transaction(build.session) as session:
                conversing.mark_read_by_reporter(session, report.id)
            with build.database.reader() as session:
                return session.get_one(ReportEntry, entry.id).read_at

        assert read_by_reporter() is None
        time.move_to(shows := MORNING + timedelta(minutes=40))
        assert read_by_reporter() == shows
        time.move_to(MORNING + timedelta(hours=2))
        assert read_by_reporter() == shows


@on_sqlite
def test_a_day_has_room_for_many_messages_but_not_for_a_flood(build: Builder) -> None:
    with time_machine.travel(MORNING, tick=False) as time:
        report, _code = told(build)
        for number in range(MOST_A_DAY):
            write(build, report, f"Pesan {number}")
        with pytest.raises(Rejected, match="enough_today"):
            write(build, report)
        # Midnight in Metro is five in the afternoon in UTC.
        time.move_to(datetime(2026, 11, 23, 16, 59, tzinfo=UTC))
        with pytest.raises(Rejected, match="enough_today"):
            write(build, report)
        time.move_to(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
        write(build, report)


def close(build: Builder, report: Report) -> None:
    actor = build.actor(build.user(Role.COORDINATOR))
    with transaction(build.session):
        report.move(actor, "close")
        report.closed_at = clock.now()


def test_the_conversation_of_a_finished_report_goes_when_its_time_is_over(
    database: Database, build: Builder
) -> None:
    with time_machine.travel(MORNING, tick=False) as time:
        finished, _code = told(build)
        held, _code = told(build)
        going_on, _code = told(build)
        for report in (finished, held, going_on):
            write(build, report)
        build.save(
            ReportEntry(
                report_id=finished.id,
                kind=EntryKind.NOTE,
                text="Catatan",
                written_at=MORNING,
                visible_from=MORNING,
            )
        )
        close(build, finished)
        close(build, held)
        build.save(
            LegalHold(
                subject="report",
                subject_id=held.id,
                label=held.locator,
                reason="Surat",
                ordered_by=held.id,
                ordered_at=MORNING,
            )
        )

        def left() -> list[tuple[str, int, bool]]:
            retention.run(database, None)
            with database.reader() as session:
                return [
                    (
                        name,
                        len(conversation.for_office(session, report.id)),
                        session.get_one(Report, report.id).secret_hash != "",
                    )
                    for name, report in (("finished", finished), ("held", held), ("on", going_on))
                ]

        time.move_to(MORNING + timedelta(days=180))
        assert left() == [("finished", 2, True), ("held", 1, True), ("on", 1, True)]
        time.move_to(MORNING + timedelta(days=180, seconds=1))
        # The note is the office's own, and the report itself has another rule.
        assert left() == [("finished", 1, False), ("held", 1, True), ("on", 1, True)]
        assert left() == [("finished", 1, False), ("held", 1, True), ("on", 1, True)]
        with database.reader() as session:
            assert session.get_one(Report, finished.id).state == ReportState.CLOSED
