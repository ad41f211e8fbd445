"""The classes of a school: named at once, changed, confirmed, moved up each July."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Role
from portal.core.clock import SchoolYear
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.core.schedule import Workshop, jobs
from portal.schools.actions import classes as actions
from portal.schools.actions.class_names import NAME_LENGTH, ROMAN, free_name, moved_up
from portal.schools.actions.classes import NAME_HOMEROOMS, ClassFacts, Homeroom
from portal.schools.actions.moving_up import move_up, move_up_by_hand
from portal.schools.models import GRADES, Level, School, SchoolClass
from portal.schools.queries import classes as queries
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.schools.pages import look, send

JUNE = datetime(2027, 6, 29, 3, tzinfo=UTC)
JULY = datetime(2027, 7, 1, 3, tzinfo=UTC)
THIS, NEXT = SchoolYear(2026), SchoolYear(2027)


def styles(grade: str) -> list[str]:
    """Return the ways in which people write a grade."""
    if not grade.isdigit():
        return [grade, grade.lower()]
    return [grade, ROMAN[int(grade)], ROMAN[int(grade)].lower()]


# What stands around a grade; a letter behind it may touch it, unless it would be a Roman numeral.
BEFORE = st.sampled_from(["", "Kelas ", "(", "TK "])
BEHIND = st.sampled_from(["", " A", " IPA 1", "-2", " Melati", ".3"])
TOUCHING = st.sampled_from(["", "A", "B", "C", "D", "h"])


@given(
    st.sampled_from([Level.SD, Level.SMP, Level.SMA, Level.SLB, Level.TK]).flatmap(
        lambda level: st.integers(0, len(GRADES[level]) - 2).map(
            lambda number: GRADES[level][number : number + 2]
        )
    ),
    st.integers(0, 2),
    BEFORE,
    TOUCHING,
    BEHIND,
)
def test_only_the_grade_of_a_name_moves_up(
    grades: tuple[str, str], style: int, before: str, touching: str, behind: str
) -> None:
    now, then = (styles(grade)[style % len(styles(grade))] for grade in grades)
    # A letter that touches a letter would make another word of it.
    touching = touching if grades[0].isdigit() else ""
    name = f"{before}{now}{touching}{behind}"
    assert moved_up(name, *grades) == f"{before}{then}{touching}{behind}"[:NAME_LENGTH]


@pytest.mark.parametrize(
    ("name", "grade", "to", "later"),
    [
        ("7A", "7", "8", "8A"),
        ("VII B", "7", "8", "VIII B"),
        ("X IPA 1", "10", "11", "XI IPA 1"),
        ("TK A", "A", "B", "TK B"),
        ("Melati", "1", "2", "Melati"),
        ("11", "1", "2", "11"),
        ("VIII", "7", "8", "VIII"),
        ("XI", "10", "11", "XI"),
    ],
)
def test_names_a_year_later(name: str, grade: str, to: str, later: str) -> None:
    assert moved_up(name, grade, to) == later


@given(st.text(max_size=NAME_LENGTH), st.sets(st.text(max_size=NAME_LENGTH), max_size=5))
def test_a_free_name_is_free_and_fits(name: str, taken: set[str]) -> None:
    found = free_name(name, {name, *taken})
    assert found not in {name, *taken}
    assert len(found) <= NAME_LENGTH


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school of grades 7 to 9."""
    return build.school("SMP Satu")


@pytest.fixture
def principal(build: Builder, school: School) -> Actor:
    """Return whoever keeps its classes."""
    return build.actor(build.user(Role.PRINCIPAL, school))


def kept(session: Session, school: School, year: SchoolYear) -> dict[str, SchoolClass]:
    """Return the classes of a year by name."""
    return {each.name: each for each in queries.of_year(session, school, year)}


def add(session: Session, actor: Actor, school: School, **names: list[str]) -> int:
    """Name classes: g7=["7A"]."""
    with transaction(session):
        found = session.get_one(School, school.id)
        wanted = {grade[1:]: given for grade, given in names.items()}
        return actions.add_classes(session, actor, found, wanted)


def facts(name: str, grade: str = "7", homeroom: Homeroom = Homeroom()) -> ClassFacts:  # noqa: B008 - frozen
    """Return a class as a school wants it."""
    return ClassFacts(grade, name, 30, homeroom)


def waiting(session: Session, school: School) -> bool:
    """Say whether the school is asked for its homeroom teachers."""
    return duties.is_open(session, school.id, NAME_HOMEROOMS)


def test_named_at_once_changed_and_taken_out(
    session: Session, school: School, principal: Actor
) -> None:
    assert add(session, principal, school, g7=["7A", "7B", "7A"], g8=["8A"]) == 3
    assert add(session, principal, school, g7=["7A", "7C"]) == 1
    with pytest.raises(Rejected, match="class_elsewhere"):
        add(session, principal, school, g9=["7A"])
    with pytest.raises(Rejected, match="classes_none"):
        add(session, principal, school, g9=[])
    year = SchoolYear.of(clock.today())
    by_name = kept(session, school, year)
    assert sorted(by_name) == ["7A", "7B", "7C", "8A"]
    found = session.get_one(School, school.id)
    with transaction(session):
        actions.change_class(session, principal, found, by_name["7B"], facts("7D"))
    with pytest.raises(Rejected, match="class_taken"), transaction(session):
        actions.change_class(session, principal, found, by_name["7C"], facts("7D"))
    with transaction(session):
        actions.remove_class(session, principal, found, by_name["7A"])
    assert sorted(kept(session, school, year)) == ["7C", "7D", "8A"]
    # Whoever enters a class knows who teaches it; nobody is asked.
    assert not waiting(session, school)


def test_others_write_down_nothing(session: Session, build: Builder, school: School) -> None:
    for role, place in ((Role.TEACHER, school), (Role.PRINCIPAL, build.school())):
        actor = build.actor(build.user(role, place))
        with pytest.raises(Rejected, match="not_allowed"):
            add(session, actor, school, g7=["7A"])


def shop(database: Database) -> Workshop:
    """Return what the nightly job works with."""
    return Workshop(database, None)  # type: ignore[arg-type] - the job reads no setting of it


def test_july(session: Session, database: Database, build: Builder) -> None:
    school, untouched = build.school("SMP Satu"), build.school("SMP Tanpa Kelas")
    actor = build.actor(build.user(Role.PRINCIPAL, school))
    teacher = build.user(Role.TEACHER, school, name="Bu Guru")
    with time_machine.travel(JUNE, tick=False):
        add(session, actor, school, g7=["7A", "7B"], g8=["VIII A"], g9=["9A"])
        held = kept(session, school, THIS)
        with transaction(session):
            actions.change_class(
                session,
                actor,
                session.get_one(School, school.id),
                held["7A"],
                facts("7A", homeroom=Homeroom(teacher.id, "Bu Guru")),
            )
        session.rollback()
        assert jobs["school_year"].run(shop(database)) == {"schools": 0}
    with time_machine.travel(JULY, tick=False):
        assert jobs["school_year"].run(shop(database)) == {"schools": 1}
        assert jobs["school_year"].run(shop(database)) == {"schools": 0}
        session.expire_all()
        now, before = kept(session, school, NEXT), kept(session, school, THIS)
        assert sorted(before) == ["7A", "7B", "9A", "VIII A"]
        # Grade 7 begins with the classes it had; grade 9 has left.
        assert {name: each.grade for name, each in now.items()} == {
            "7A": "7",
            "7B": "7",
            "8A": "8",
            "8B": "8",
            "IX A": "9",
        }
        assert now["8A"].follows_id == before["7A"].id
        assert (now["8A"].pupil_count, now["7A"].pupil_count) == (30, None)
        assert not any(queries.homeroom_of(each, ()) for each in now.values())
        assert waiting(session, school)
        assert not waiting(session, untouched)
        duty = session.scalars(select(Duty).where(Duty.kind == NAME_HOMEROOMS)).one()
        assert (duty.role, duty.school_id) == (Role.PRINCIPAL, school.id)
        assert duty.facts == {"school": "SMP Satu", "year": "2027/2028"}
        found = session.get_one(School, school.id)
        named = {now[name].id: Homeroom(teacher.id, "Bu Guru") for name in ("7A", "7B", "8A")}
        with transaction(session):
            actions.name_homerooms(session, actor, found, named)
        assert waiting(session, school)
        with pytest.raises(Rejected, match="class_of_past"), transaction(session):
            actions.change_class(session, actor, found, before["9A"], facts("9B"))
        with transaction(session):
            actions.confirm_classes(session, actor, found)
        assert not waiting(session, school)


def test_what_a_school_entered_itself_is_carried_on(
    session: Session, school: School, principal: Actor
) -> None:
    with time_machine.travel(JUNE, tick=False):
        add(session, principal, school, g7=["7A", "Melati"], g8=["Mawar"])
    with time_machine.travel(JULY, tick=False):
        add(session, principal, school, g8=["8A"], g9=["Melati"])
        with transaction(session):
            move_up_by_hand(session, principal, session.get_one(School, school.id))
        before, now = kept(session, school, THIS), kept(session, school, NEXT)
        assert {name: each.grade for name, each in now.items()} == {
            "8A": "8",
            "Melati": "9",
            "Melati 2": "8",
            "Mawar": "9",
        }
        assert now["8A"].follows_id == before["7A"].id
        assert now["Melati 2"].follows_id == before["Melati"].id
        with pytest.raises(Rejected, match="classes_moved"), transaction(session):
            move_up_by_hand(session, principal, session.get_one(School, school.id))
        with transaction(session):
            assert not move_up(session, None, school.id, NEXT)
        with pytest.raises(Rejected, match="class_of_past"), transaction(session):
            actions.remove_class(
                session, principal, session.get_one(School, school.id), before["7A"]
            )


@on_sqlite
def test_the_pages(client: PageClient, build: Builder, school: School) -> None:
    teacher = build.user(Role.TEACHER, school, name="Bu Guru")
    client.sign_in(build.user(Role.PRINCIPAL, school))
    base = f"/sekolah/{school.public_id}"
    year = SchoolYear.of(clock.today())
    assert f"{base}/kelas" in look(client, base)
    text = look(client, f"{base}/kelas")
    assert 'name="grade_7"' in text
    assert 'name="grade_6"' not in text
    send(client, f"{base}/kelas", {"grade_7": "7A, 7B;7C", "grade_8": " 8A "})
    refused = send(client, f"{base}/kelas", {"grade_8": "7A, 8B"}, 422)
    assert "7A, 8B" in refused
    send(client, f"{base}/kelas", {"grade_8": "8" * 30}, 422)
    with build.database.reader() as reading:
        held = kept(reading, school, year)
    assert sorted(held) == ["7A", "7B", "7C", "8A"]
    lines = {f"homeroom_{held['7A'].public_id}": "bu guru"}
    send(client, f"{base}/kelas/wali", lines)
    named = build.fresh(SchoolClass, held["7A"].id)
    assert (named.homeroom_id, named.homeroom_name) == (teacher.id, "Bu Guru")
    assert "Bu Guru" in look(client, f"{base}/kelas")
    page = f"{base}/kelas/{held['7B'].public_id}"
    shown = look(client, f"{page}/ubah")
    assert 'value="7B"' in shown
    wanted = {"name": "7B", "grade": "7", "pupil_count": "31", "homeroom": "Pak Tamu"}
    send(client, f"{page}/ubah", {**wanted, "version": str(held["7B"].version)})
    changed = build.fresh(SchoolClass, held["7B"].id)
    assert (changed.pupil_count, changed.homeroom_name) == (31, "Pak Tamu")
    late = {**wanted, "homeroom": "Bu Lain", "version": str(held["7B"].version)}
    assert "Pak Tamu" in send(client, f"{page}/ubah", late, 409)
    send(client, f"{page}/hapus", {})
    look(client, f"{page}/ubah", 404)
    send(client, f"{base}/kelas/benar", {})
    send(client, f"{base}/kelas/naik", {}, 422)
    assert "2001/2002" in look(client, f"{base}/kelas?tahun=2001-2002")


@on_sqlite
def test_who_reads_them(client: PageClient, build: Builder, school: School) -> None:
    base = f"/sekolah/{school.public_id}/kelas"
    client.sign_in(build.user(Role.TEACHER, school))
    assert 'name="grade_7"' not in look(client, base)
    look(client, f"/sekolah/{build.school().public_id}/kelas", 404)
