"""Schools that are renamed, or become part of another: nothing of their history is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.models import Invitation, Membership, User
from portal.people.queries.appointments import appointments_of
from portal.schools import queries
from portal.schools.actions import SchoolChange, change_school
from portal.schools.actions.merging import Merger, merge, outlook
from portal.schools.actions.naming import NewName, rename
from portal.schools.models import FormerName, School
from portal.schools.queries import naming
from portal.schools.queries.above import Effect
from portal.visits.models import BookingCell, Resource, Visit, VisitWorker
from portal.visits.queries import visits
from portal.visits.queries.history import last_sessions
from portal.visits.queries.visits import STATUS_STATES, ListFilter
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.schools.pages import look, send


@pytest.fixture
def admin(build: Builder) -> Actor:
    """Return somebody who keeps the register."""
    return build.actor(build.user(Role.ADMIN))


def join(session: Session, actor: Actor, school: School, other: School) -> None:
    """Let a school become part of another today."""
    with transaction(session):
        merger = Merger(session.get_one(School, other.id), clock.today(), "SK 1")
        merge(session, actor, session.get_one(School, school.id), merger)


def found_by(session: Session, actor: Actor, text: str) -> list[str]:
    """Return the active schools a search finds."""
    page = queries.search(session, actor, queries.Filter(text=text), clock.today())
    return [row.name for row in page.rows]


def test_a_former_name_is_kept_and_found(session: Session, build: Builder, admin: Actor) -> None:
    school = build.school("SD NEGERI LAMA")
    found = session.get_one(School, school.id)
    since = clock.today() - timedelta(days=3)
    with transaction(session):
        rename(session, admin, found, NewName("SD Baru", since, "SK 7"))
    former = naming.former_names(session, found)
    assert [(each.name, each.until, each.note) for each in former] == [
        ("SD NEGERI LAMA", since - timedelta(days=1), "SK 7")
    ]
    for text in ("lama", "sdn lama", "negeri", "baru", school.npsn):
        assert found_by(session, admin, text) == ["SD Baru"], text
    # Each word is found, though under different names of the school.
    assert found_by(session, admin, "baru lama") == ["SD Baru"]
    assert found_by(session, admin, "lain") == []
    for wanted, code in (
        (NewName("SD Baru", since), "name_same"),
        (NewName("SD C", clock.today() + timedelta(days=1)), "name_day_ahead"),
    ):
        with pytest.raises(Rejected, match=code), transaction(session):
            rename(session, admin, found, wanted)
    session.rollback()
    coordinator = build.actor(build.user(Role.COORDINATOR))
    with pytest.raises(Rejected, match="not_allowed"), transaction(session):
        rename(session, coordinator, found, NewName("SD C", since))


def test_staff_goes_on_and_the_principals_role_ends(
    session: Session, build: Builder, admin: Actor
) -> None:
    old, new = build.school("SMP Lama"), build.school("SMP Baru")
    principal = build.user(Role.PRINCIPAL, old, name="Bu Kepala")
    teacher, team = build.user(Role.TEACHER, old), build.user(Role.FOCAL_TEAM, old)
    build.appoint(team, Role.TEACHER, old)
    both = build.user(Role.TEACHER, old)
    build.appoint(both, Role.TEACHER, new)
    foreseen = outlook(session, session.get_one(School, old.id), session.get_one(School, new.id))
    assert foreseen.counts[Effect.STAFF_MOVE] == 4
    assert (foreseen.counts[Effect.PRINCIPALS_END], list(foreseen.leaving)) == (1, ["Bu Kepala"])
    session.rollback()
    join(session, admin, old, new)

    def held(user_id: object) -> list[tuple[str, object]]:
        found = appointments_of(session, user_id)  # type: ignore[arg-type] - ids of users
        return sorted((each.role.value, each.school_id) for each in found)

    assert held(principal.id) == []
    assert held(teacher.id) == [("teacher", new.id)]
    assert held(team.id) == [("focal_team", new.id), ("teacher", new.id)]
    assert held(both.id) == [("teacher", new.id)]
    # What was stays readable: who taught there until yesterday.
    ended = session.scalars(select(Membership).where(Membership.school_id == old.id)).all()
    assert {each.ends_on for each in ended} == {clock.today() - timedelta(days=1)}


def coming(build: Builder, school: School, *, skip: int = 0) -> Visit:
    """Ask for a session at a school."""
    principal = build.user(Role.PRINCIPAL, school)
    return build.requested(principal, school, build.first_slot(school, skip=skip))


def test_sessions_to_come_go_on_there(session: Session, build: Builder, admin: Actor) -> None:
    old, new = build.school("SMP Lama"), build.school("SMP Baru")
    worker = build.worker()
    past = build.delivered(old, worker, clock.today() - timedelta(days=30))
    visit = coming(build, old)
    goes_along = build.worker("Nia Peksos")
    with transaction(session):
        session.add(VisitWorker(visit_id=visit.id, user_id=goes_along.id))
        session.get_one(Visit, visit.id).state = VisitState.SCHEDULED
    before = session.scalars(
        select(BookingCell.starts_at).where(BookingCell.resource_id == old.id)
    ).all()
    session.rollback()
    join(session, admin, old, new)
    moved = session.get_one(Visit, visit.id)
    assert moved.school_id == new.id
    # Whoever leads reads of it, and whoever goes along.
    for each in (moved.social_worker_id, goes_along.id):
        news = duties.waiting_for(session, build.actor(session.get_one(User, each)))
        assert "news_changed" in {duty.kind for duty in news}
    assert session.get_one(Visit, past.id).school_id == old.id
    cells = session.scalars(
        select(BookingCell).where(
            BookingCell.visit_id == visit.id, BookingCell.resource == Resource.SCHOOL
        )
    ).all()
    assert {each.resource_id for each in cells} == {new.id}
    assert {each.starts_at for each in cells} <= set(before)
    assert last_sessions(session, [new.id, old.id]) == {new.id: past.starts_at}
    # The successor's own people read what took place at the school that became part of theirs.
    session.rollback()
    principal = build.actor(build.user(Role.PRINCIPAL, new))
    stranger = build.actor(build.user(Role.PRINCIPAL, build.school()))
    wanted = ListFilter((VisitState.DELIVERED,), school=new.public_id)
    for actor in (principal, admin):
        rows = visits.list_visits(session, actor, wanted).rows
        assert [row.id for row in rows] == [past.id]
    everything = ListFilter(STATUS_STATES["selesai"])
    assert visits.list_visits(session, stranger, everything).rows == []


def test_a_session_at_the_same_time_stands_in_the_way(
    session: Session, build: Builder, admin: Actor
) -> None:
    old, new = build.school("SMP Lama"), build.school("SMP Baru")
    build.worker()
    build.worker()
    mine = coming(build, old)
    principal = build.user(Role.PRINCIPAL, new)
    build.requested(principal, new, mine.starts_at)
    foreseen = outlook(session, session.get_one(School, old.id), session.get_one(School, new.id))
    assert [clash.reference for clash in foreseen.clashes] == [mine.reference]
    session.rollback()
    with pytest.raises(Rejected, match="merge_clashes"):
        join(session, admin, old, new)
    assert session.get_one(School, old.id).merged_into_id is None
    assert session.get_one(Visit, mine.id).school_id == old.id


def test_chains_are_flat_and_all_names_are_found(
    session: Session, build: Builder, admin: Actor
) -> None:
    first = build.school("SMP Pertama", aliases="SMP Tua")
    second, third = build.school("SMP Kedua"), build.school("SMP Ketiga")
    join(session, admin, first, second)
    join(session, admin, second, third)
    session.expire_all()
    assert {each.id for each in naming.merged_into(session, third)} == {first.id, second.id}
    for text in ("pertama", "kedua", "tua"):
        assert found_by(session, admin, text) == ["SMP Ketiga"]
    former = session.scalars(select(FormerName.name).where(FormerName.school_id == third.id))
    assert sorted(former) == ["SMP Kedua", "SMP Pertama", "SMP Tua"]
    session.rollback()
    closed = build.school(active=False)
    for school, other, code in (
        (first, third, "school_merged"),
        (third, third, "merge_self"),
        (third, second, "merge_into_gone"),
        (third, closed, "merge_into_gone"),
    ):
        with pytest.raises(Rejected, match=code):
            join(session, admin, school, other)
    kept = session.get_one(School, first.id)
    again = SchoolChange(kept.name, (), "", "", 5, None, active=True)
    with pytest.raises(Rejected, match="school_merged"), transaction(session):
        change_school(session, admin, kept, again)


def test_what_waits_ends_or_follows(session: Session, build: Builder, admin: Actor) -> None:
    old, new = build.school("SMP Lama"), build.school("SMP Baru")
    boss = build.user(Role.ADMIN)
    for role in (Role.TEACHER, Role.PRINCIPAL):
        build.save(
            Invitation(
                token_hash=role.value.encode().ljust(32),
                role=role,
                school_id=old.id,
                full_name="Bu Baru",
                email=f"{role.value}@uji.example",
                invited_by=boss.id,
                created_at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
            )
        )
    build.worker()
    visit = coming(build, old)
    with transaction(session):
        duties.open_duty(
            session,
            duties.Due(
                kind="confirm_room",
                subject_id=visit.id,
                link="/",
                due_at=clock.now(),
                facts={"school": "SMP Lama"},
                role=Role.PRINCIPAL,
                school_id=old.id,
            ),
        )
    join(session, admin, old, new)
    invited = {each.role: each for each in session.scalars(select(Invitation))}
    assert invited["teacher"].school_id == new.id
    assert invited["principal"].cancelled_at is not None
    session.rollback()
    principal = build.actor(build.user(Role.PRINCIPAL, new))
    waits = duties.waiting_for(session, principal)
    assert [(each.kind, each.facts["school"]) for each in waits] == [("confirm_room", "SMP Baru")]


@on_sqlite
def test_the_pages(client: PageClient, build: Builder) -> None:
    old, new = build.school("SMP Lama"), build.school("SMP Baru")
    build.mou(old)
    client.sign_in(build.user(Role.ADMIN))
    base = f"/sekolah/{old.public_id}"
    shown = look(client, base)
    assert f"{base}/nama" in shown
    assert f"{base}/gabung" in shown
    send(client, f"{base}/nama", {"name": "SMP Lama", "since": "2026-07-01"}, 422)
    send(client, f"{base}/nama", {"name": "SMP Terpadu", "since": "2026-07-01", "note": "SK 7"})
    assert "SK 7" in look(client, base)
    look(client, f"{base}/gabung")
    chosen = {"successor": new.public_id, "merged_on": date(2026, 7, 1).isoformat(), "note": ""}
    ask = "&".join(f"{name}={value}" for name, value in chosen.items())
    assert "SMP Baru" in look(client, f"{base}/gabung?{ask}")
    for bad in ("successor=x&merged_on=kemarin", "successor=", f"successor={old.public_id}"):
        look(client, f"{base}/gabung?{bad}")
    send(client, f"{base}/gabung", {**chosen, "merged_on": "2999-01-01"}, 422)
    refused = send(client, f"{base}/gabung", {**chosen, "successor": "x"}, 422)
    assert 'id="error-summary"' in refused
    send(client, f"{base}/gabung", {**chosen, "merged_on": "kemarin"}, 422)
    send(client, f"{base}/gabung", {**chosen, "note": "x" * 201}, 422)
    send(client, f"{base}/gabung", chosen)
    assert new.public_id in look(client, base)
    assert f"/sekolah/{old.public_id}" in look(client, f"/sekolah/{new.public_id}")
    send(client, f"{base}/gabung", chosen, 422)


@on_sqlite
def test_the_schools_own_week(client: PageClient, build: Builder) -> None:
    school = build.school("SMP Satu")
    client.sign_in(build.user(Role.SCHOOL_OPERATOR, school))
    base = f"/sekolah/{school.public_id}"
    assert f"{base}/kalender" in look(client, base)
    assert f"{base}/pekan" in look(client, f"{base}/kalender")
    send(client, f"{base}/pekan", {"week_days": "7"}, 422)
    send(client, f"{base}/pekan", {"week_days": "6", "version": "1"})
    assert build.fresh(School, school.id).week_days == 6
    other = build.school()
    send(client, f"/sekolah/{other.public_id}/pekan", {"week_days": "6"}, 404)
