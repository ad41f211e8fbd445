"""Requests of data subjects: numbers, clock, handlers, conflicts, answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.auditlog import handlers
from portal.auditlog.actions import requests as actions
from portal.auditlog.models import DataRequest, Relation, RequestKind
from portal.auditlog.queries import requests as queries
from portal.auditlog.states import RequestState
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.people.actions import appointments, confidential
from portal.people.models import Conflict, Membership, User
from tests.auditlog.registers import MONDAY, PLANTED, Staff, make_staff, recorded, wanted
from tests.builders import Builder
from tests.trail import last, trail

THREADS = 6


@pytest.fixture
def staff(build: Builder) -> Staff:
    return make_staff(build)


def refused(build: Builder, action: Callable[[Session], Any]) -> str:
    """Return the reason why something is refused; it must leave nothing behind."""
    with pytest.raises(Rejected) as problem, transaction(build.session) as session:
        action(session)
    return problem.value.code


def done(build: Builder, action: Callable[[Session], Any]) -> None:
    """Do something in one transaction."""
    with transaction(build.session) as session:
        action(session)


def waiting(database: Database) -> list[Duty]:
    """Return what waits."""
    with database.reader() as session:
        return list(session.scalars(select(Duty).where(Duty.closed_at.is_(None))))


def test_a_request_gets_a_number_a_deadline_and_waits_for_the_division_head(
    database: Database, staff: Staff
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        request = recorded(staff, received_at=MONDAY - timedelta(hours=5))
    assert request.number == "PD-2026-001"
    assert request.state == RequestState.RECEIVED
    assert request.due_at == MONDAY + timedelta(hours=67)
    (duty,) = waiting(database)
    assert (duty.kind, duty.role, duty.person_id) == (
        "answer_data_request",
        "division_head",
        None,
    )
    assert duty.due_at == request.due_at
    assert duty.facts == {"number": request.number}
    assert last(database, "data_request").facts == {
        "number": request.number,
        "kind": "correction",
        "due_at": request.due_at.isoformat(),
    }


def test_the_deadline_follows_the_setting(staff: Staff) -> None:
    staff.build.setting("data_request_hours", 24)
    request = recorded(staff)
    assert request.due_at - request.received_at == timedelta(hours=24)


@pytest.mark.parametrize("who", ["worker", "coordinator", "admin"])
def test_only_the_division_head_records(staff: Staff, who: str) -> None:
    actor = staff.actor(who)
    assert (
        refused(staff.build, lambda session: actions.record_request(session, actor, wanted()))
        == "not_allowed"
    )


@pytest.mark.parametrize(
    ("received_at", "code"),
    [
        (MONDAY + timedelta(minutes=1), "received_later"),
        (MONDAY, None),
        (MONDAY - timedelta(days=30), None),
        (MONDAY - timedelta(days=30, minutes=1), "received_long_ago"),
    ],
)
def test_a_request_arrived_within_the_last_thirty_days(
    staff: Staff, received_at: datetime, code: str | None
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        if code is None:
            assert recorded(staff, received_at=received_at).received_at == received_at
            return
        head = staff.actor("head")
        new = wanted(received_at=received_at)
        found = refused(staff.build, lambda session: actions.record_request(session, head, new))
    assert found == code


def test_an_account_is_found_by_its_address_or_not_at_all(staff: Staff) -> None:
    owner = staff.build.user(Role.TEACHER, staff.build.school())
    assert recorded(staff, account=str(owner.email).upper()).account_id == owner.id
    assert recorded(staff, account="0" + str(owner.phone)[3:]).account_id == owner.id
    assert recorded(staff).account_id is None
    head, new = staff.actor("head"), wanted(account="tidak.ada@uji.example")
    found = refused(staff.build, lambda session: actions.record_request(session, head, new))
    assert found == "account_unknown"


def test_who_asks_about_themselves_is_the_subject(staff: Staff) -> None:
    own = recorded(staff, relation=Relation.SELF, data_subject="")
    assert own.data_subject == own.requester
    typed = recorded(staff, relation=Relation.SELF, data_subject="  ")
    assert typed.subject_index == own.subject_index


def test_requests_about_the_same_person_are_told_by_number_only(
    database: Database, staff: Staff
) -> None:
    first = recorded(staff, staff.worker, data_subject="Bagaskara  Kecil")
    second = recorded(staff, data_subject="BAGASKARA KECIL")
    recorded(staff, data_subject="Orang Lain")
    with database.reader() as session:
        file = queries.get_file(session, staff.actor("worker"), first.public_id)
        assert file is not None
        found = queries.others_about_same(session, staff.actor("worker"), file)
    assert found == [second.number]


def test_numbers_begin_anew_each_year_and_grow_beyond_999(staff: Staff) -> None:
    with time_machine.travel(datetime(2026, 12, 31, 16, 59, tzinfo=UTC), tick=False):
        assert [recorded(staff).number for _ in range(2)] == ["PD-2026-001", "PD-2026-002"]
    with time_machine.travel(datetime(2026, 12, 31, 17, 0, tzinfo=UTC), tick=False):
        first = recorded(staff)
        assert first.number == "PD-2027-001"
        done(staff.build, lambda session: renumber(session, first, "PD-2027-999"))
        assert recorded(staff).number == "PD-2027-1000"
        assert recorded(staff).number == "PD-2027-1001"


def renumber(session: Session, request: DataRequest, number: str) -> None:
    """Give a request another number."""
    session.get_one(DataRequest, request.id).number = number


def test_a_refused_request_leaves_no_gap(staff: Staff) -> None:
    def broken(session: Session) -> None:
        actions.record_request(session, staff.actor("head"), wanted())
        raise Rejected("not_allowed")

    refused(staff.build, broken)
    assert recorded(staff).number.endswith("-001")


def test_numbers_have_no_gap_when_many_record_at_once(database: Database, staff: Staff) -> None:
    head = staff.actor("head")

    def one(_number: int) -> str:
        with database.writer() as session, transaction(session):
            return actions.record_request(session, head, wanted()).number

    with ThreadPoolExecutor(THREADS) as pool:
        found = sorted(pool.map(one, range(THREADS * 3)))
    year = clock.today().year
    assert found == [f"PD-{year}-{number:03d}" for number in range(1, THREADS * 3 + 1)]
    assert len(trail(database, "data_request")) == THREADS * 3


def test_the_duty_goes_to_the_handler(database: Database, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    (duty,) = waiting(database)
    assert (duty.person_id, duty.role) == (staff.worker.id, None)
    head = staff.actor("head")
    done(staff.build, lambda s: actions.assign(s, head, request, staff.coordinator.id))
    (duty,) = waiting(database)
    assert duty.person_id == staff.coordinator.id
    assert last(database, "data_request").facts == {"handler_id": staff.coordinator.id.hex}


def test_the_division_head_may_handle_it_herself(staff: Staff) -> None:
    assert recorded(staff, staff.head).handler_id == staff.head.id


@pytest.mark.parametrize("who", ["worker", "coordinator", "admin"])
def test_only_the_division_head_assigns(staff: Staff, who: str) -> None:
    request, actor = recorded(staff, staff.worker), staff.actor(who)
    found = refused(staff.build, lambda s: actions.assign(s, actor, request, actor.user_id))
    assert found == "not_allowed"


def test_only_staff_in_office_handles(staff: Staff) -> None:
    request, head = recorded(staff), staff.actor("head")
    yesterday = clock.today() - timedelta(days=1)
    gone = staff.build.user(Role.SOCIAL_WORKER, ends_on=yesterday)
    other_head = staff.build.user(Role.DIVISION_HEAD)
    for person in (staff.admin, gone, other_head):
        found = refused(
            staff.build, lambda s, person=person: actions.assign(s, head, request, person.id)
        )
        assert found == "handler_unfit"


def test_nobody_handles_a_request_about_their_own_account(database: Database, staff: Staff) -> None:
    request, head = recorded(staff, account=str(staff.worker.email)), staff.actor("head")
    found = refused(staff.build, lambda s: actions.assign(s, head, request, staff.worker.id))
    assert found == "own_request"
    # Also not when the account was found out later.
    done(staff.build, lambda s: force_handler(s, request, staff.worker))
    worker = staff.actor("worker")
    for action in (actions.identify, actions.fulfil, actions.refuse, actions.withdraw):
        found = refused(
            staff.build,
            lambda s, action=action: action(s, worker, s.get_one(DataRequest, request.id), "x"),
        )
        assert found == "own_request"
    assert staff.build.fresh(DataRequest, request.id).state == RequestState.RECEIVED
    with database.reader() as session:
        offered = queries.possible_handlers(session, head, request.id)
    # Leaving them out of the list would tell whose request it is.
    assert staff.worker.id in {person.id for person in offered}


def force_handler(session: Session, request: DataRequest, person: User) -> None:
    """Let somebody handle a request without asking the rules."""
    session.get_one(DataRequest, request.id).handler_id = person.id


def test_a_handler_who_leaves_gives_requests_back(database: Database, staff: Staff) -> None:
    assert handlers.give_requests_back
    colleague = staff.build.user(Role.SOCIAL_WORKER)
    request, other = recorded(staff, staff.worker), recorded(staff, staff.coordinator)
    with transaction(staff.build.session) as session:
        held = session.scalars(select(Membership).filter_by(user_id=staff.worker.id)).one()
        appointments.end_membership(session, staff.actor("admin"), held, colleague.id)
    assert staff.build.fresh(DataRequest, request.id).handler_id is None
    assert staff.build.fresh(DataRequest, other.id).handler_id == staff.coordinator.id
    duty = next(each for each in waiting(database) if each.subject_id == request.id)
    assert (duty.person_id, duty.role) == (None, "division_head")


def test_a_handler_with_another_fitting_role_keeps_them(staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    staff.build.appoint(staff.worker, Role.COORDINATOR)
    with transaction(staff.build.session) as session:
        held = session.scalars(
            select(Membership).filter_by(user_id=staff.worker.id, role=Role.SOCIAL_WORKER)
        ).one()
        appointments.end_membership(session, staff.actor("admin"), held)
    assert staff.build.fresh(DataRequest, request.id).handler_id == staff.worker.id


def listed(database: Database, actor: Actor, request: DataRequest) -> tuple[bool, bool]:
    """Say whether somebody knows of a request, and whether they may open it."""
    with database.reader() as session:
        return (
            queries.get_entry(session, actor, request.public_id) is not None,
            queries.get_file(session, actor, request.public_id) is not None,
        )


def test_the_register_is_known_to_the_head_and_the_file_to_the_handler(
    database: Database, staff: Staff
) -> None:
    request = recorded(staff, staff.worker)
    assert listed(database, staff.actor("head"), request) == (True, False)
    assert listed(database, staff.actor("worker"), request) == (True, True)
    assert listed(database, staff.actor("coordinator"), request) == (False, False)
    assert listed(database, staff.actor("admin"), request) == (False, False)


def test_an_emergency_opens_the_file_for_its_time(database: Database, staff: Staff) -> None:
    request, head = recorded(staff, staff.worker), staff.actor("head")
    record = actions.record_of(request)
    with time_machine.travel(MONDAY, tick=False) as travel:
        done(staff.build, lambda s: confidential.open_in_emergency(s, head, record, "Mendesak"))
        assert listed(database, head, request) == (True, True)
        travel.shift(timedelta(minutes=60))
        assert listed(database, head, request) == (True, False)


def test_a_conflict_beats_the_handler_and_the_emergency(database: Database, staff: Staff) -> None:
    request, head = recorded(staff, staff.worker), staff.actor("head")
    record = actions.record_of(request)
    done(staff.build, lambda s: confidential.open_in_emergency(s, head, record, "Mendesak"))
    second = staff.build.user(Role.DIVISION_HEAD)
    other_head = staff.build.actor(second)
    done(staff.build, lambda s: keep(s, other_head, request, staff.head))
    done(staff.build, lambda s: keep(s, other_head, request, staff.worker))
    assert listed(database, head, request) == (False, False)
    assert listed(database, staff.actor("worker"), request) == (False, False)
    found = refused(
        staff.build, lambda s: confidential.open_in_emergency(s, head, record, "Mendesak")
    )
    assert found == "not_allowed"
    # The handler is none any more, and the list also keeps them from becoming one again.
    assert staff.build.fresh(DataRequest, request.id).handler_id is None
    (duty,) = [each for each in waiting(database) if each.kind == "answer_data_request"]
    assert duty.role == "division_head"
    found = refused(staff.build, lambda s: assign(s, other_head, request, staff.worker))
    assert found == "handler_unfit"
    found = refused(staff.build, lambda s: assign(s, head, request, staff.coordinator))
    assert found == "not_allowed"


def keep(session: Session, actor: Actor, request: DataRequest, person: User) -> None:
    """Keep somebody away from a request."""
    mine = session.get_one(DataRequest, request.id)
    actions.keep_away(session, actor, mine, person, "Bertetangga")


def assign(session: Session, actor: Actor, request: DataRequest, person: User) -> None:
    """Let somebody handle a request."""
    actions.assign(session, actor, session.get_one(DataRequest, request.id), person.id)


def test_whoever_steps_back_hands_over_first(staff: Staff) -> None:
    request, head = recorded(staff), staff.actor("head")
    assert refused(staff.build, lambda s: keep(s, head, request, staff.head)) == "handler_first"
    done(staff.build, lambda s: assign(s, head, request, staff.head))
    assert refused(staff.build, lambda s: keep(s, head, request, staff.head)) == "handler_first"
    done(staff.build, lambda s: assign(s, head, request, staff.worker))
    done(staff.build, lambda s: keep(s, head, request, staff.head))


def test_nobody_is_kept_away_twice_or_by_the_handler(staff: Staff) -> None:
    request, head = recorded(staff, staff.worker), staff.actor("head")
    done(staff.build, lambda s: keep(s, head, request, staff.coordinator))
    found = refused(staff.build, lambda s: keep(s, head, request, staff.coordinator))
    assert found == "conflict_known"
    found = refused(staff.build, lambda s: keep(s, staff.actor("worker"), request, staff.head))
    assert found == "not_allowed"


def test_a_conflict_that_was_recorded_elsewhere_stops_the_handler_too(staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    staff.build.save(
        Conflict(
            subject="data_request",
            subject_id=request.id,
            user_id=staff.worker.id,
            reason="Saudara",
            recorded_by=staff.head.id,
            recorded_at=clock.now(),
        )
    )
    worker = staff.actor("worker")
    found = refused(
        staff.build,
        lambda s: actions.identify(s, worker, s.get_one(DataRequest, request.id), "KTP"),
    )
    assert found == "not_allowed"


def act(staff: Staff, action: Callable[..., None], request: DataRequest, text: str) -> DataRequest:
    """Let the handler do a step."""
    worker = staff.actor("worker")
    done(staff.build, lambda s: action(s, worker, s.get_one(DataRequest, request.id), text))
    return staff.build.fresh(DataRequest, request.id)


def test_a_request_is_identified_answered_and_off_the_list(
    database: Database, staff: Staff
) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        request = recorded(staff, staff.worker)
        travel.shift(timedelta(hours=1))
        now = act(staff, actions.identify, request, "Melihat kartu keluarga")
        assert (now.state, now.identity_note) == ("identified", "Melihat kartu keluarga")
        assert now.identity_checked_at == clock.now()
        travel.shift(timedelta(hours=71))
        now = act(staff, actions.fulfil, request, "Tanggal lahir sudah benar")
        assert (now.state, now.answer, now.closed_at) == (
            "fulfilled",
            "Tanggal lahir sudah benar",
            clock.now(),
        )
    assert waiting(database) == []
    assert last(database, "data_request").facts == {"outcome": "fulfilled", "in_time": True}


@pytest.mark.parametrize(
    ("late_by", "in_time"), [(timedelta(), True), (timedelta(microseconds=1), False)]
)
def test_the_deadline_is_kept_to_the_moment(
    database: Database, staff: Staff, late_by: timedelta, in_time: bool
) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        request = recorded(staff, staff.worker)
        travel.move_to(request.due_at + late_by)
        act(staff, actions.refuse, request, "Harus disimpan menurut aturan")
        with database.reader() as session:
            found = queries.answered_in_year(session, staff.actor("head"), 2026)
    assert last(database, "data_request").facts == {"outcome": "refused", "in_time": in_time}
    assert found == (int(in_time), 1)


def test_what_was_taken_back_counts_as_no_answer(database: Database, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    act(staff, actions.withdraw, request, "Menelepon hari ini")
    with database.reader() as session:
        year = clock.today().year
        assert queries.answered_in_year(session, staff.actor("head"), year) == (0, 0)


def test_nothing_is_fulfilled_before_it_is_known_who_asks(staff: Staff) -> None:
    request, worker = recorded(staff, staff.worker), staff.actor("worker")
    found = refused(
        staff.build,
        lambda s: actions.fulfil(s, worker, s.get_one(DataRequest, request.id), "Sudah"),
    )
    assert found == "state_changed"


def test_only_the_handler_handles(staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    for who in ("head", "coordinator", "admin"):
        actor = staff.actor(who)
        found = refused(
            staff.build,
            lambda s, actor=actor: actions.identify(
                s, actor, s.get_one(DataRequest, request.id), "KTP"
            ),
        )
        assert found == "not_allowed"


def test_an_emergency_lets_read_but_not_handle(staff: Staff) -> None:
    request, head = recorded(staff, staff.worker), staff.actor("head")
    record = actions.record_of(request)
    done(staff.build, lambda s: confidential.open_in_emergency(s, head, record, "Mendesak"))
    found = refused(
        staff.build,
        lambda s: actions.identify(s, head, s.get_one(DataRequest, request.id), "KTP"),
    )
    assert found == "not_allowed"


def test_a_closed_request_stays_as_it_is(staff: Staff) -> None:
    request, head = recorded(staff, staff.worker), staff.actor("head")
    act(staff, actions.withdraw, request, "Menelepon")
    worker = staff.actor("worker")
    for action in (actions.identify, actions.fulfil, actions.refuse, actions.withdraw):
        found = refused(
            staff.build,
            lambda s, action=action: action(s, worker, s.get_one(DataRequest, request.id), "x"),
        )
        assert found == "state_changed"
    found = refused(staff.build, lambda s: assign(s, head, request, staff.coordinator))
    assert found == "state_changed"


def test_two_who_press_at_once_do_not_overwrite_each_other(
    database: Database, staff: Staff
) -> None:
    request, worker = recorded(staff, staff.worker), staff.actor("worker")
    # Read before, as SQLite lets only one write at a time.
    with database.reader() as reading:
        stale = reading.get_one(DataRequest, request.id)
        reading.expunge(stale)
    staff.build.session.expunge_all()
    act(staff, actions.identify, request, "KTP")
    staff.build.session.expunge_all()

    def press(session: Session) -> None:
        session.add(stale)
        actions.refuse(session, worker, stale, "Tidak bisa")

    assert refused(staff.build, press) == "state_changed"
    assert staff.build.fresh(DataRequest, request.id).state == RequestState.IDENTIFIED


def test_an_erasure_erases_the_account(database: Database, staff: Staff) -> None:
    owner = former(staff)
    request = recorded(staff, staff.worker, kind=RequestKind.ERASURE, account=str(owner.email))
    act(staff, actions.identify, request, "KTP")
    assert staff.build.fresh(User, owner.id).erased_at is None
    assert staff.build.fresh(User, owner.id).full_name == "Guru Pensiun"
    now = act(staff, actions.fulfil, request, "Akun dihapus")
    assert now.state == RequestState.FULFILLED
    kept = staff.build.fresh(User, owner.id)
    assert kept.erased_at is not None
    assert kept.full_name == "–"
    assert "user.erased" in {entry.action for entry in trail(database, "user")}


def former(staff: Staff) -> User:
    """Return somebody whose role is over."""
    school = staff.build.school()
    yesterday = clock.today() - timedelta(days=1)
    return staff.build.user(Role.TEACHER, school, name="Guru Pensiun", ends_on=yesterday)


def test_who_still_holds_a_role_is_not_erased(staff: Staff) -> None:
    owner = staff.build.user(Role.TEACHER, staff.build.school())
    request = recorded(staff, staff.worker, kind=RequestKind.ERASURE, account=str(owner.email))
    act(staff, actions.identify, request, "KTP")
    worker = staff.actor("worker")
    found = refused(
        staff.build,
        lambda s: actions.fulfil(s, worker, s.get_one(DataRequest, request.id), "Dihapus"),
    )
    assert found == "still_appointed"
    assert staff.build.fresh(DataRequest, request.id).state == RequestState.IDENTIFIED
    assert staff.build.fresh(User, owner.id).erased_at is None


@pytest.mark.parametrize("kind", [kind for kind in RequestKind if kind != RequestKind.ERASURE])
def test_no_other_kind_erases(staff: Staff, kind: RequestKind) -> None:
    owner = former(staff)
    request = recorded(staff, staff.worker, kind=kind, account=str(owner.email))
    act(staff, actions.identify, request, "KTP")
    act(staff, actions.fulfil, request, "Sudah")
    assert staff.build.fresh(User, owner.id).erased_at is None


def test_names_appear_in_no_duty_and_no_entry_of_the_trail(
    database: Database, staff: Staff
) -> None:
    request = recorded(staff, staff.worker)
    act(staff, actions.identify, request, f"{SECRET} membawa KTP")
    act(staff, actions.fulfil, request, f"{SECRET} diberi tahu")
    with database.reader() as session:
        duties = [(d.facts, d.link, d.kind) for d in session.scalars(select(Duty))]
    told = [(entry.action, entry.facts) for entry in trail(database)]
    assert len(duties) == 2
    assert [name for name in (*PLANTED, SECRET) if name in repr((duties, told))] == []


SECRET = "Wulandari binti Rahasia"


def test_names_appear_in_no_byte_of_the_database(
    database: Database, staff: Staff, tmp_path: Any
) -> None:
    request = recorded(staff, staff.worker)
    act(staff, actions.identify, request, f"{SECRET} membawa KTP")
    act(staff, actions.refuse, request, f"{SECRET} diberi tahu")
    if database.writing.dialect.name == "sqlite":
        with database.writing.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        content = b"".join(path.read_bytes() for path in tmp_path.glob("portal.db*"))
    else:
        with database.writing.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT t::text FROM data_request t UNION ALL SELECT t::text FROM duty t "
                "UNION ALL SELECT t::text FROM audit_entry t"
            )
            content = "".join(row[0] for row in rows).encode()
    assert request.number.encode() in content
    found = [name for name in (*PLANTED, SECRET) if name.encode() in content]
    assert found == []
    # PostgreSQL shows bytes in hexadecimal.
    assert [name for name in (*PLANTED, SECRET) if name.encode().hex().encode() in content] == []
