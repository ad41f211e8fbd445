"""A report comes in: who must read it, what rings, and what reading and answering settle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal.config import Settings
from portal.core import clock, retention
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.files import PDF, FolderStore, keep
from portal.core.schedule import Workshop, jobs
from portal.incidents.actions import arriving, conversing, deciding, triaging
from portal.incidents.actions.conflicts import record_of
from portal.incidents.models import Report, ReportEntry, ReportFile
from portal.incidents.queries import desk as queries
from portal.incidents.states import Door, Outcome, Urgency
from portal.notifications.jobs import remind
from portal.people.actions import appointments
from portal.people.actions.confidential import open_in_emergency
from portal.people.models import Membership
from portal.visits.models import Leave
from tests.conftest import on_sqlite
from tests.incidents.desk import CALM, URGENT, Desk
from tests.papers import pdf_bytes

# A Monday, 09.20 WIB.
MONDAY = datetime(2026, 11, 9, 2, 20, tzinfo=UTC)


def read(desk: Desk, name: str, report: Report) -> None:
    """Let somebody open a report's file."""
    with transaction(desk.build.session) as session:
        arriving.record_reading(session, desk.actor(name), report.id)


def test_a_calm_report_waits_for_whoever_is_on_duty_until_its_deadline(desk: Desk) -> None:
    report = desk.report(CALM)
    [duty] = desk.duties(report)
    assert (duty.kind, duty.person_id, duty.alarm) == ("read_report", desk.officer.id, False)
    assert duty.due_at == report.read_until == report.received_at + timedelta(hours=24)
    assert duty.link == f"/triase/{report.public_id}"


def test_danger_rings_at_once_for_everybody_on_duty(desk: Desk) -> None:
    desk.on_duty(desk.other)
    report = desk.report(URGENT)
    duties = desk.duties(report)
    assert {duty.person_id for duty in duties} == {desk.officer.id, desk.other.id}
    assert all(duty.kind == "urgent_report" and duty.alarm for duty in duties)
    assert {duty.due_at for duty in duties} == {report.received_at + timedelta(minutes=30)}


@on_sqlite
def test_a_duty_says_nothing_but_number_and_deadline(desk: Desk) -> None:
    for answers in (CALM, URGENT):
        [duty] = desk.duties(desk.report(answers))
        assert set(duty.facts) == {"number", "read_by"}


@on_sqlite
@pytest.mark.parametrize("why", ["nobody", "leave", "gone"])
def test_where_nobody_is_on_duty_the_coordinators_are_asked(desk: Desk, why: str) -> None:
    today = clock.today()
    if why == "nobody":
        desk.turns[0].last_day = desk.turns[0].first_day = today + timedelta(days=1)
        desk.turns[0].last_day = today + timedelta(days=2)
        desk.build.save(desk.turns[0])
    elif why == "leave":
        by = desk.coordinator.id
        leave = Leave(user_id=desk.officer.id, first_day=today, last_day=today, recorded_by=by)
        desk.build.save(leave)
    else:
        with transaction(desk.build.session) as session:
            held = session.query(Membership).filter_by(user_id=desk.officer.id).one()
            held.ends_on = today - timedelta(days=1)
    [duty] = desk.duties(desk.report(URGENT))
    assert (duty.person_id, duty.role, duty.alarm) == (None, Role.COORDINATOR, True)


@on_sqlite
def test_whoever_told_it_is_not_asked_to_read_it(desk: Desk) -> None:
    told = desk.report(URGENT, actor=desk.actor("officer"), door=Door.VISIT)
    assert [duty.role for duty in desk.duties(told)] == [Role.COORDINATOR]
    # What somebody wrote down for a caller is not their own.
    written = desk.report(URGENT, actor=desk.actor("officer"), door=Door.PHONE)
    assert [duty.person_id for duty in desk.duties(written)] == [desk.officer.id]


@on_sqlite
def test_an_alarm_that_nobody_takes_rings_for_those_above(
    desk: Desk, database: Database, settings: Settings
) -> None:
    with time_machine.travel(MONDAY, tick=False) as now:
        desk.on_duty(desk.officer)
        report = desk.report(URGENT)
        asked = []
        for _ in range(5):
            remind(Workshop(database, settings))
            asked.append({duty.role for duty in desk.duties(report) if duty.role})
            now.shift(timedelta(minutes=10, seconds=1))
    assert asked[0] == set()
    assert Role.COORDINATOR in asked[2]
    assert asked[-1] == {Role.COORDINATOR, Role.DIVISION_HEAD}


def test_reading_settles_the_alarm_and_lets_the_answer_wait(desk: Desk) -> None:
    with time_machine.travel(MONDAY, tick=False):
        desk.on_duty(desk.officer)
        report = desk.report(URGENT)
        read(desk, "officer", report)
        assert desk.fresh(report).read_at == MONDAY
        [duty] = desk.duties(report)
        assert (duty.kind, duty.person_id) == ("reply_report", desk.officer.id)
        # By the close of the next working day.
        assert duty.due_at == datetime(2026, 11, 10, 9, tzinfo=UTC)
        read(desk, "coordinator", report)
        assert len(desk.duties(report)) == 1


@on_sqlite
def test_reading_in_an_emergency_settles_nothing(desk: Desk) -> None:
    report = desk.report(URGENT)
    from_head = desk.actor("head")
    with transaction(desk.build.session) as session:
        open_in_emergency(session, from_head, record_of(report), "Ada bahaya")
    read(desk, "head", report)
    assert desk.due(report) == ["urgent_report"]
    assert desk.fresh(report).read_at is None


def test_the_first_answer_settles_what_was_owed(desk: Desk) -> None:
    report = desk.report()
    read(desk, "officer", report)
    with transaction(desk.build.session) as session:
        deciding.reply(session, desk.actor("officer"), report, "Terima kasih sudah bercerita.")
    assert desk.due(report) == []
    assert desk.fresh(report).handler_id == desk.officer.id
    with transaction(desk.build.session) as session:
        conversing.write_to_office(session, report, "Masih terjadi")
    assert desk.due(report) == ["read_reply"]
    read(desk, "officer", report)
    assert desk.due(report) == []


@on_sqlite
def test_what_cannot_be_answered_waits_for_a_decision_instead(desk: Desk) -> None:
    report = desk.report(actor=desk.actor("other"), door=Door.PHONE)
    read(desk, "officer", report)
    assert desk.due(report) == ["decide_report"]
    with transaction(desk.build.session) as session:
        deciding.follow_up(session, desk.actor("officer"), report, "Menelepon besok")
    assert desk.due(report) == []


@on_sqlite
def test_five_hundred_at_once_drown_no_real_one(desk: Desk) -> None:
    with time_machine.travel(MONDAY, tick=False) as now:
        real = []
        for number in range(500):
            now.shift(timedelta(seconds=7))
            if number in {90, 250, 410}:
                real.append(desk.report(URGENT if number == 250 else CALM))
            desk.report(URGENT, quarantined=True)
        # One to-do stands for all of the quarantine, and it does not ring.
        kinds = desk.due()
        assert sorted(kinds) == [
            *["read_report"] * 2,
            "report_quarantine",
            "urgent_report",
        ]
        assert [duty.kind for duty in desk.duties() if duty.alarm] == ["urgent_report"]
        with desk.build.database.reader() as session:
            actor = desk.actor("officer")
            first = queries.list_reports(session, actor, "terbuka").entries[:4]
            counts = queries.counts(session, actor)
    assert [each.id for each in first[:3]] == [real[1].id, real[0].id, real[2].id]
    assert first[3].quarantined
    assert (counts["terbuka"], counts["karantina"], counts["menunggu"]) == (503, 500, 3)


def test_a_page_of_the_queue_goes_on_where_the_last_one_ended(desk: Desk) -> None:
    every = [
        desk.report(answers, quarantined=quarantined)
        for quarantined in (True, False)
        for answers in (CALM, URGENT, {"danger": ["unsure"]}, {**CALM, "often": ["daily"]})
        for _ in range(7)
    ]
    actor, seen, after = desk.actor("coordinator"), [], None
    with desk.build.database.reader() as session:
        for _ in range(4):
            page = queries.list_reports(session, actor, "terbuka", after)
            seen += page.entries
            after = page.after
            if after is None:
                break
    assert len({each.id for each in seen}) == len(every) == len(seen)
    order = [(each.quarantined, each.urgency.rank, each.received_at, each.id) for each in seen]
    assert order == sorted(order)


@on_sqlite
def test_the_quarantine_is_settled_when_all_of_it_was_read(desk: Desk) -> None:
    reports = [desk.report(quarantined=True) for _ in range(2)]
    [duty] = desk.duties()
    assert (duty.kind, duty.role, duty.alarm) == ("report_quarantine", Role.COORDINATOR, False)
    read(desk, "coordinator", reports[0])
    assert desk.due() == ["report_quarantine"]
    read(desk, "coordinator", reports[1])
    assert desk.due() == []


@on_sqlite
def test_who_leaves_hands_open_reports_to_the_successor(desk: Desk) -> None:
    taken, kept = desk.report(), desk.report()
    for report in (taken, kept):
        read(desk, "officer", report)
        with transaction(desk.build.session) as session:
            deciding.take_on(session, desk.actor("officer"), report)
    admin = desk.build.actor(desk.build.user(Role.ADMIN))
    with transaction(desk.build.session) as session:
        # The successor told one of them and so cannot decide about it.
        session.get_one(Report, kept.id).filed_by = desk.other.id
        membership = session.query(Membership).filter_by(user_id=desk.officer.id).one()
        appointments.end_membership(session, admin, membership, desk.other.id)
    assert desk.fresh(taken).handler_id == desk.other.id
    assert [duty.person_id for duty in desk.duties(taken)] == [desk.other.id]
    assert desk.fresh(kept).handler_id is None
    assert [(duty.kind, duty.role) for duty in desk.duties(kept)] == [
        ("read_report", Role.COORDINATOR)
    ]


@on_sqlite
def test_spam_goes_after_its_time_with_all_that_came_with_it(
    desk: Desk, database: Database, settings: Settings, store: FolderStore
) -> None:
    spam, other = desk.report(quarantined=True), desk.report()
    with transaction(desk.build.session) as session:
        kept = keep(session, store, "bukti.pdf", pdf_bytes(), frozenset({PDF}))
        session.add(ReportFile(report_id=spam.id, file_id=kept.id))
        coordinator = desk.actor("coordinator")
        deciding.add_note(session, coordinator, spam, "Iklan")
        deciding.close(session, coordinator, spam, Outcome.SPAM, "")
        deciding.close(session, coordinator, other, Outcome.HELPED, "Sudah ditangani.")
    shop = Workshop(database, settings)

    def run() -> set[object]:
        jobs["report_evidence"].run(shop)
        retention.run(database, None)
        with database.reader() as session:
            return {each.id for each in session.query(Report)}

    assert run() == {spam.id, other.id}
    assert store.get(kept.public_id)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert run() == {other.id}
    with pytest.raises(FileNotFoundError):
        store.get(kept.public_id)
    with database.reader() as session:
        assert session.query(ReportEntry).count() == 0


@on_sqlite
def test_the_deadline_follows_the_urgency(desk: Desk) -> None:
    hours = {
        urgency: desk.report(answers)
        for urgency, answers in (
            (Urgency.SAME_HOUR, URGENT),
            (Urgency.SAME_DAY, {"danger": ["unsure"]}),
            (Urgency.TWO_DAYS, {**CALM, "often": ["daily"]}),
            (Urgency.FIVE_DAYS, CALM),
        )
    }
    assert {
        urgency: (report.read_until - report.received_at).total_seconds() / 3600
        for urgency, report in hours.items()
    } == {
        Urgency.SAME_HOUR: 0.5,
        Urgency.SAME_DAY: 4,
        Urgency.TWO_DAYS: 24,
        Urgency.FIVE_DAYS: 24,
    }


@on_sqlite
def test_the_most_urgent_in_quarantine_sets_when_it_is_looked_through(desk: Desk) -> None:
    desk.report(CALM, quarantined=True)
    [calm] = [duty for duty in desk.duties() if duty.kind == "report_quarantine"]
    urgent = desk.report(URGENT, quarantined=True)
    [sooner] = [duty for duty in desk.duties() if duty.kind == "report_quarantine"]
    assert sooner.due_at == urgent.read_until < calm.due_at


@on_sqlite
@pytest.mark.parametrize("settles", ["reads it again", "takes it on"])
def test_what_became_urgent_after_the_first_reading_stops_ringing(desk: Desk, settles: str) -> None:
    report = desk.report(CALM)
    read(desk, "officer", report)
    with transaction(desk.build.session) as session:
        found = session.get_one(Report, report.id)
        triaging.set_urgency(session, desk.actor("coordinator"), found, Urgency.SAME_HOUR, "")
    assert "urgent_report" in desk.due(report)
    if settles == "reads it again":
        read(desk, "officer", report)
    else:
        with transaction(desk.build.session) as session:
            deciding.take_on(session, desk.actor("officer"), session.get_one(Report, report.id))
    assert "urgent_report" not in desk.due(report)
