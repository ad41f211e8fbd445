"""What the office decides about a report: who may, in which order, and one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.incidents.actions import arriving, conflicts, deciding, triaging
from portal.incidents.actions.deciding import HandOver
from portal.incidents.models import Report
from portal.incidents.queries import conversation, files
from portal.incidents.states import Door, EntryKind, Outcome, Relation, ReportState, Urgency
from portal.people.queries.confidential import conflicts_of
from portal.schools.models import Authority
from tests.conftest import on_sqlite
from tests.incidents.desk import URGENT, Desk
from tests.trail import trail

S = ReportState
Step = Callable[[Session, Actor, Report], Any]

STEPS: dict[str, Step] = {
    "take on": deciding.take_on,
    "follow up": lambda s, a, r: deciding.follow_up(s, a, r, "Berkunjung ke rumah besok"),
    "refer": lambda s, a, r: deciding.refer(s, a, r, HandOver(Authority.CITY)),
    "close": lambda s, a, r: deciding.close(s, a, r, Outcome.HELPED, "Sudah ditangani."),
    "reopen": lambda s, a, r: deciding.reopen(s, a, r, "Terjadi lagi"),
    "reply": lambda s, a, r: deciding.reply(s, a, r, "Terima kasih."),
}
# What each step makes of each state; None where it is refused.
TABLE: dict[str, dict[ReportState, ReportState | None]] = {
    "take on": {
        S.RECEIVED: S.REVIEWING,
        S.REVIEWING: S.REVIEWING,
        S.FOLLOWED_UP: S.FOLLOWED_UP,
        S.REFERRED: S.REFERRED,
        S.CLOSED: None,
    },
    "follow up": {
        S.RECEIVED: S.FOLLOWED_UP,
        S.REVIEWING: S.FOLLOWED_UP,
        S.FOLLOWED_UP: None,
        S.REFERRED: None,
        S.CLOSED: None,
    },
    "refer": {
        S.RECEIVED: S.REFERRED,
        S.REVIEWING: S.REFERRED,
        S.FOLLOWED_UP: S.REFERRED,
        S.REFERRED: None,
        S.CLOSED: None,
    },
    "close": {
        S.RECEIVED: S.CLOSED,
        S.REVIEWING: S.CLOSED,
        S.FOLLOWED_UP: S.CLOSED,
        S.REFERRED: S.CLOSED,
        S.CLOSED: None,
    },
    "reopen": {
        S.RECEIVED: None,
        S.REVIEWING: None,
        S.FOLLOWED_UP: None,
        S.REFERRED: None,
        S.CLOSED: S.REVIEWING,
    },
    "reply": {
        S.RECEIVED: S.REVIEWING,
        S.REVIEWING: S.REVIEWING,
        S.FOLLOWED_UP: S.FOLLOWED_UP,
        S.REFERRED: S.REFERRED,
        S.CLOSED: S.CLOSED,
    },
}


def act(desk: Desk, name: str, report: Report, step: Step) -> None:
    """Do something as one of the desk."""
    with transaction(desk.build.session) as session:
        step(session, desk.actor(name), report)


def refused(desk: Desk, name: str, report: Report, step: Step) -> str:
    """Return why something is refused."""
    with pytest.raises(Rejected) as problem:
        act(desk, name, report, step)
    return problem.value.code


def notes(desk: Desk, report: Report) -> list[str]:
    """Return the notes in a file."""
    with desk.build.database.reader() as session:
        return [
            each.text
            for each in conversation.for_office(session, report.id)
            if each.kind == EntryKind.NOTE
        ]


@on_sqlite
@pytest.mark.parametrize("step", STEPS)
def test_every_step_in_every_state(desk: Desk, step: str) -> None:
    desk.build.setting("authority_city", "Dinas Pendidikan")
    for state, then in TABLE[step].items():
        report = desk.report()
        report.state = state
        report.handler_id = None if state is S.RECEIVED else desk.officer.id
        desk.build.save(report)
        if then is None:
            assert refused(desk, "officer", report, STEPS[step]) == "state_changed", state
            then = state
        else:
            act(desk, "officer", report, STEPS[step])
            assert desk.fresh(report).handler_id == desk.officer.id
        assert desk.fresh(report).state == then


@on_sqlite
@pytest.mark.parametrize("step", STEPS)
def test_who_may_not_decide(desk: Desk, step: str) -> None:
    report = desk.report()
    # Not on duty and not one's own; and the division head only reads.
    for name in ("other", "head"):
        assert refused(desk, name, report, STEPS[step]) == "not_allowed"
    # Told by oneself.
    own = desk.report(actor=desk.actor("officer"), door=Door.VISIT)
    assert refused(desk, "officer", own, STEPS[step]) == "own_report"
    # In conflict.
    act(desk, "second", report, lambda s, a, r: conflicts.keep_away(s, a, r, desk.officer, "Ipar"))
    assert refused(desk, "officer", report, STEPS[step]) == "not_allowed"
    assert desk.fresh(report).state == S.RECEIVED
    assert desk.fresh(report).handler_id is None


@on_sqlite
def test_a_colleagues_report_is_taken_over_first(desk: Desk) -> None:
    desk.on_duty(desk.other)
    report = desk.report()
    act(desk, "officer", report, deciding.take_on)
    for step in ("follow up", "close", "reply"):
        assert refused(desk, "other", report, STEPS[step]) == "handled_by"
    act(desk, "other", report, deciding.take_on)
    act(desk, "other", report, STEPS["follow up"])
    # Coordinators decide in anybody's report, and it stays theirs.
    act(desk, "coordinator", report, STEPS["close"])
    assert desk.fresh(report).handler_id == desk.other.id


@on_sqlite
def test_who_handles_a_report_keeps_it_after_the_turn(desk: Desk) -> None:
    report = desk.report()
    act(desk, "officer", report, deciding.take_on)
    with transaction(desk.build.session) as session:
        session.delete(desk.turns[0])
    act(desk, "officer", report, STEPS["follow up"])
    assert refused(desk, "officer", desk.report(), STEPS["follow up"]) == "not_allowed"


def race(database: Database, report: Report, *steps: tuple[Actor, Step]) -> list[str]:
    """Do several things at the same moment; return how each of them ended."""
    together = threading.Barrier(len(steps))
    ended = [""] * len(steps)

    def run(number: int, actor: Actor, step: Step) -> None:
        with database.writer() as session:
            own = session.get_one(Report, report.id)
            session.rollback()
            together.wait(timeout=10)
            try:
                with transaction(session):
                    step(session, actor, own)
                ended[number] = "done"
            except Rejected as problem:
                ended[number] = problem.code

    threads = [
        threading.Thread(target=run, args=(number, actor, step))
        for number, (actor, step) in enumerate(steps)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return sorted(ended)


def test_of_two_decisions_at_once_one_holds(desk: Desk, database: Database) -> None:
    report = desk.report()
    both = [(desk.actor(name), STEPS["close"]) for name in ("coordinator", "second")]
    assert race(database, report, *both) == ["done", "state_changed"]
    closed = [each for each in trail(database, "report") if each.action == "report.closed"]
    assert len(closed) == 1


def test_two_who_open_it_at_once_both_read_it(desk: Desk, database: Database) -> None:
    report = desk.report(URGENT)

    def read(session: Session, actor: Actor, _own: Report) -> None:
        arriving.record_reading(session, actor, report.id)

    both = [(desk.actor(name), read) for name in ("officer", "coordinator")]
    assert race(database, report, *both) == ["done", "done"]
    assert desk.due(report) == ["reply_report"]


def test_two_who_take_it_on_at_once_do_so_one_after_the_other(
    desk: Desk, database: Database
) -> None:
    report = desk.report()

    def slowly(session: Session, actor: Actor, own: Report) -> None:
        deciding.take_on(session, actor, own)
        # Long enough for the other one to look at the report meanwhile.
        time.sleep(0.2)

    both = [(desk.actor(name), slowly) for name in ("officer", "coordinator")]
    assert race(database, report, *both) == ["done", "done"]
    taken = [each for each in trail(database, "report") if each.action == "report.taken"]
    assert desk.fresh(report).handler_id in {desk.officer.id, desk.coordinator.id}
    assert len(taken) == 2
    assert taken[1].facts["before_id"] == taken[0].actor_id.hex  # type: ignore[union-attr]


@on_sqlite
def test_anybody_raises_the_urgency_and_only_the_trained_lower_it(desk: Desk) -> None:
    report = desk.report()

    def to(urgency: Urgency, why: str = "") -> Step:
        return lambda s, a, r: triaging.set_urgency(s, a, r, urgency, why)

    act(desk, "officer", report, to(Urgency.SAME_DAY))
    assert desk.fresh(report).urgency == Urgency.SAME_DAY
    assert refused(desk, "officer", report, to(Urgency.TWO_DAYS, "Sudah aman")) == "lower_trained"
    assert refused(desk, "coordinator", report, to(Urgency.TWO_DAYS)) == "reason_lower"
    act(desk, "coordinator", report, to(Urgency.FIVE_DAYS, "Sudah aman"))
    kept = desk.fresh(report)
    assert (kept.urgency, kept.urgency_reason) == (Urgency.FIVE_DAYS, "Sudah aman")
    assert kept.computed == Urgency.FIVE_DAYS
    assert kept.read_until - kept.received_at == report.read_until - report.received_at


@on_sqlite
def test_found_to_be_an_emergency_it_rings_where_nobody_has_it_in_hand(desk: Desk) -> None:
    report, taken = desk.report(), desk.report()
    act(desk, "officer", taken, deciding.take_on)

    def raised(session: Session, actor: Actor, own: Report) -> None:
        arriving.record_reading(session, actor, own.id)
        triaging.set_urgency(session, actor, own, Urgency.SAME_HOUR, "")

    act(desk, "coordinator", report, raised)
    act(desk, "officer", taken, raised)
    assert [duty.kind for duty in desk.duties(report) if duty.alarm] == ["urgent_report"]
    assert [duty.kind for duty in desk.duties(taken) if duty.alarm] == []


@on_sqlite
def test_a_report_ends_with_words_for_its_reporter(desk: Desk) -> None:
    report, spam = desk.report(), desk.report()
    empty: Step = lambda s, a, r: deciding.close(s, a, r, Outcome.HELPED, "")  # noqa: E731 - short
    assert refused(desk, "officer", report, empty) == "words_needed"
    act(desk, "officer", report, STEPS["close"])
    kept = desk.fresh(report)
    assert (kept.outcome, kept.outcome_words) == (Outcome.HELPED, "Sudah ditangani.")
    assert kept.closed_at is not None
    assert desk.due(report) == []
    act(desk, "officer", report, STEPS["reopen"])
    kept = desk.fresh(report)
    assert (kept.outcome, kept.outcome_words, kept.closed_at) == ("", "", None)
    assert notes(desk, report) == ["Terjadi lagi"]
    act(desk, "officer", spam, lambda s, a, r: deciding.close(s, a, r, Outcome.SPAM, ""))
    assert desk.fresh(spam).state == S.CLOSED


@on_sqlite
def test_a_report_is_handed_over_with_a_receipt_now_or_later(desk: Desk) -> None:
    report = desk.report()
    assert refused(desk, "officer", report, STEPS["refer"]) == "body_unknown"
    desk.build.setting("authority_city", "Dinas Pendidikan dan Kebudayaan")
    act(desk, "officer", report, STEPS["refer"])
    assert desk.fresh(report).referred_to == Authority.CITY
    assert deciding.receipt_of(desk.fresh(report)) == ("", None)
    day = date(2026, 11, 20)
    act(desk, "officer", report, lambda s, a, r: deciding.record_receipt(s, a, r, "45/DP", day))
    assert deciding.receipt_of(desk.fresh(report)) == ("45/DP", day)
    late = desk.report()
    receipt: Step = lambda s, a, r: deciding.record_receipt(s, a, r, "1", day)  # noqa: E731 - short
    assert refused(desk, "officer", late, receipt) == "state_changed"


@on_sqlite
def test_the_school_learns_nothing_that_it_must_not(desk: Desk) -> None:
    tell: Step = lambda s, a, r: triaging.tell_school(s, a, r, "Awasi kantin")  # noqa: E731 - short
    free = desk.report()
    act(desk, "officer", free, tell)
    assert desk.fresh(free).school_told == "Awasi kantin"
    assert desk.fresh(free).school_told_at is not None
    reported = desk.report({"danger": ["no"], "reported": ["teacher"]})
    assert refused(desk, "officer", reported, tell) == "school_bypassed"
    hidden = desk.report(keep_from_school=True)
    assert refused(desk, "officer", hidden, tell) == "kept_from_school"
    act(desk, "officer", hidden, lambda s, a, r: triaging.reporter_agreed(s, a, r, "Boleh, Bu"))
    act(desk, "officer", hidden, tell)
    assert notes(desk, hidden) == ["Boleh, Bu"]
    act(desk, "officer", free, triaging.bypass_school)
    assert refused(desk, "officer", free, tell) == "school_bypassed"
    nowhere = desk.report(school_id=None)
    assert refused(desk, "officer", nowhere, tell) == "no_school"


@on_sqlite
def test_nothing_but_a_person_sets_the_bypass_and_nothing_takes_it_back(desk: Desk) -> None:
    report = desk.report()
    act(desk, "officer", report, triaging.bypass_school)
    desk.build.setting("authority_city", "Dinas Pendidikan")
    for step in ("take on", "reply", "follow up", "refer", "close", "reopen"):
        act(desk, "officer", report, STEPS[step])
        assert desk.fresh(report).bypass_school


@on_sqlite
def test_reports_that_belong_together_name_each_other(desk: Desk) -> None:
    report, other = desk.report(), desk.report(reported_person="")

    def linked(typed: str) -> Step:
        return lambda s, a, r: triaging.link(s, a, r, typed, Relation.RELATED)

    act(desk, "officer", report, linked(f" {other.locator.lower()} "))
    for one, two in ((report, other), (other, report)):
        with desk.build.database.reader() as session:
            beside = files.beside(session, desk.actor("officer"), session.get_one(Report, one.id))
        assert [each.entry.id for each in beside.linked] == [two.id]
    assert refused(desk, "officer", other, linked(report.locator)) == "linked_already"
    assert refused(desk, "officer", report, linked(report.locator)) == "same_report"
    assert refused(desk, "officer", report, linked("ZZZZZZ")) == "report_unknown"
    act(desk, "officer", other, lambda s, a, r: triaging.unlink(s, a, r, report))
    act(desk, "officer", report, linked(other.locator))


@on_sqlite
def test_the_same_name_at_the_same_school_is_found_across_reporters(desk: Desk) -> None:
    elsewhere = desk.build.school()
    first = desk.report()
    desk.report(school_id=elsewhere.id)
    another = desk.report(reported_person="Orang Lain")
    again = desk.report(reported_person=" bargowo  TERLAPOR ", story="Lagi")
    with desk.build.database.reader() as session:
        report = session.get_one(Report, again.id)
        beside = files.beside(session, desk.actor("officer"), report)
    assert [each.id for each in beside.same_person] == [first.id]
    assert [each.id for each in beside.same_school] == [another.id]


@on_sqlite
def test_out_of_quarantine_it_waits_like_any_other(desk: Desk) -> None:
    report = desk.report()
    act(desk, "officer", report, lambda s, a, r: arriving.record_reading(s, a, r.id))
    act(desk, "officer", report, triaging.quarantine)
    assert desk.due(report) == []
    act(desk, "officer", report, triaging.lift_quarantine)
    assert desk.due(report) == ["reply_report"]
    unread = desk.report(URGENT, quarantined=True)
    act(desk, "coordinator", unread, triaging.lift_quarantine)
    assert desk.due(unread) == ["urgent_report"]
    assert desk.due() == ["reply_report", "urgent_report"]


@on_sqlite
def test_a_handler_in_conflict_no_longer_handles_it(desk: Desk) -> None:
    report = desk.report()
    act(desk, "officer", report, deciding.take_on)
    away: Step = lambda s, a, r: conflicts.keep_away(s, a, r, desk.officer, "Ipar")  # noqa: E731
    act(desk, "coordinator", report, away)
    assert desk.fresh(report).handler_id is None
    assert [(duty.kind, duty.role) for duty in desk.duties(report)] == [
        ("read_report", "coordinator")
    ]
    assert refused(desk, "coordinator", report, away) == "conflict_known"


@on_sqlite
def test_one_coordinator_always_stays(desk: Desk) -> None:
    report = desk.report()
    one: Step = lambda s, a, r: conflicts.keep_away(s, a, r, desk.second, "Ipar")  # noqa: E731
    last: Step = lambda s, a, r: conflicts.keep_away(s, a, r, desk.coordinator, "Ipar")  # noqa: E731
    act(desk, "officer", report, one)
    assert refused(desk, "officer", report, last) == "nobody_left"


@on_sqlite
def test_only_coordinators_lift_a_conflict_and_never_their_own(desk: Desk) -> None:
    report = desk.report()
    act(desk, "officer", report, lambda s, a, r: conflicts.keep_away(s, a, r, desk.other, "Ipar"))
    with desk.build.database.reader() as session:
        conflict = conflicts_of(session, report.id)[0].Conflict
    lift: Step = lambda s, a, r: conflicts.lift(s, a, r, s.merge(conflict))  # noqa: E731 - short
    assert refused(desk, "officer", report, lift) == "not_allowed"
    act(desk, "coordinator", report, lift)
    with desk.build.database.reader() as session:
        assert conflicts_of(session, report.id) == []
