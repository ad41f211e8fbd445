"""Finding schools: search words, filters, partner status, paging, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Actor, Role
from portal.core.db import Database, new_id
from portal.schools import queries
from portal.schools.models import Level, Ownership, School
from portal.schools.queries import Filter
from tests.builders import Builder
from tests.statements import read_statements

TODAY = clock.today()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Return a reading session, as lists and pages use it."""
    with database.reader() as session:
        yield session


@pytest.fixture
def admin(build: Builder) -> Actor:
    """Return somebody who sees all schools."""
    return build.actor(build.user(Role.ADMIN))


def found(session: Session, actor: Actor, **chosen: Any) -> list[str]:
    """Return the names a search finds."""
    page = queries.search(session, actor, Filter(**chosen), TODAY)
    assert len(page.rows) == queries.count(session, actor, Filter(**chosen), TODAY)
    return [row.name for row in page.rows]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["SD AMAN INSANI", "SMPN 31 CONTOH", "UPTD SD NEGERI 3 CONTOH"]),
        ("sdn 3", ["UPTD SD NEGERI 3 CONTOH"]),
        ("sdn3", ["UPTD SD NEGERI 3 CONTOH"]),
        ("SD Negeri 3", ["UPTD SD NEGERI 3 CONTOH"]),
        ("smp negeri 31", ["SMPN 31 CONTOH"]),
        ("3", ["UPTD SD NEGERI 3 CONTOH"]),
        ("bunga", ["SD AMAN INSANI"]),
        ("INSAN'I", ["SD AMAN INSANI"]),
        ("sd swasta", ["SD AMAN INSANI"]),
        ("98765", ["SMPN 31 CONTOH"]),
        ("100%", []),
        ("_", ["SD AMAN INSANI", "SMPN 31 CONTOH", "UPTD SD NEGERI 3 CONTOH"]),
        ("contoh aman", []),
    ],
)
def test_search_words(
    session: Session, build: Builder, admin: Actor, text: str, names: list[str]
) -> None:
    build.school("UPTD SD NEGERI 3 CONTOH", level=Level.SD)
    build.school("SMPN 31 CONTOH", npsn="98765432")
    build.school(
        "SD AMAN INSANI",
        level=Level.SD,
        ownership=Ownership.PRIVATE,
        aliases="SD LAMA\nSD Bunga",
    )
    assert found(session, admin, text=text) == names


def test_filters(session: Session, build: Builder, admin: Actor) -> None:
    partner = build.school("A", district="18.72.02", level=Level.SD)
    build.mou(partner)
    build.school("B", ownership=Ownership.PRIVATE)
    build.school("C", active=False)
    assert found(session, admin) == ["A", "B"]
    assert found(session, admin, active=None) == ["A", "B", "C"]
    assert found(session, admin, active=False) == ["C"]
    assert found(session, admin, district="metro-utara") == ["A"]
    assert found(session, admin, level=Level.SD) == ["A"]
    assert found(session, admin, ownership=Ownership.PRIVATE) == ["B"]
    assert found(session, admin, partner=True) == ["A"]
    assert found(session, admin, partner=False) == ["B"]


@pytest.mark.parametrize(
    ("first", "last", "partner"),
    [(-10, 10, True), (0, 0, True), (-10, -1, False), (1, 10, False)],
)
def test_partners_are_those_with_an_mou_today(
    session: Session, build: Builder, admin: Actor, first: int, last: int, partner: bool
) -> None:
    school = build.school()
    signed, until = TODAY + timedelta(days=first), TODAY + timedelta(days=last)
    mou = build.mou(school, signed_on=signed, valid_until=until)
    row = queries.search(session, admin, Filter(), TODAY).rows[0]
    assert row.partner is partner
    assert queries.partner_on(session, school.id, TODAY) is partner
    assert (school.id in session.scalars(queries.partner_ids(TODAY)).all()) is partner
    current = queries.current_mou(session, school.id, TODAY)
    assert (current is not None and current.id == mou.id) is partner
    counted = session.scalars(select(School.id).where(queries.is_partner(TODAY))).all()
    assert (school.id in counted) is partner


def _several(build: Builder, number: int) -> None:
    for index in range(number):
        # Every name twice, so that pages also part among equal names.
        build.school(f"SMP {index // 2:03d}")


@pytest.mark.parametrize("number", [0, 1, 30, 31, 65])
def test_paging_there_and_back(session: Session, build: Builder, admin: Actor, number: int) -> None:
    _several(build, number)
    pages = [queries.search(session, admin, Filter(), TODAY)]
    while pages[-1].after:
        pages.append(queries.search(session, admin, Filter(), TODAY, after=pages[-1].after))
    ids = [row.id for page in pages for row in page.rows]
    assert len(ids) == len(set(ids)) == number
    assert len(pages) == max(1, -(-number // queries.PAGE_SIZE))
    assert pages[0].before is None
    for earlier, later in pairwise(pages):
        back = queries.search(session, admin, Filter(), TODAY, before=later.before)
        assert [row.id for row in back.rows] == [row.id for row in earlier.rows]
        assert back.after == earlier.after


def test_a_list_is_one_statement_however_many_schools(
    database: Database, build: Builder, admin: Actor
) -> None:
    _several(build, 40)
    with read_statements(database) as statements, database.reader() as session:
        queries.search(session, admin, Filter(text="smp 0"), TODAY)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_counting_stops(session: Session, build: Builder, admin: Actor) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("portal.schools.queries.schools.MOST_COUNTED", 3)
        _several(build, 5)
        assert queries.count(session, admin, Filter(), TODAY) == 4


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER])
def test_school_staff_see_their_own_school(session: Session, build: Builder, role: Role) -> None:
    own, other = build.school("A"), build.school("B")
    actor = build.actor(build.user(role, own))
    assert found(session, actor) == ["A"]
    assert queries.get_school(session, actor, own.public_id) is not None
    assert queries.get_school(session, actor, other.public_id) is None
    assert queries.public_id_of(session, actor, own.id) == own.public_id
    assert queries.public_id_of(session, actor, other.id) is None


@pytest.mark.parametrize("role", [role for role in Role if role not in SCHOOL_ROLES])
def test_the_office_sees_all_schools(session: Session, build: Builder, role: Role) -> None:
    build.school("A")
    build.school("B")
    names = [] if role is Role.VOLUNTEER else ["A", "B"]
    assert found(session, build.actor(build.user(role))) == names


def test_whose_memoranda(session: Session, build: Builder) -> None:
    own, other = build.school(), build.school()
    mine, theirs = build.mou(own), build.mou(other)
    principal = build.actor(build.user(Role.PRINCIPAL, own))
    admin = build.actor(build.user(Role.ADMIN))
    assert [mou.id for mou, _file in queries.mous_of(session, principal, own.id)] == [mine.id]
    assert queries.mous_of(session, principal, other.id) == []
    assert queries.get_mou(session, principal, other.id, theirs.public_id) is None
    # The right id under the wrong school is no such page either.
    assert queries.get_mou(session, admin, own.id, theirs.public_id) is None
    assert queries.get_mou(session, admin, other.id, theirs.public_id) is not None


@pytest.mark.parametrize("role", [Role.TEACHER, Role.EDUCATION_OFFICE, Role.VOLUNTEER])
def test_who_reads_no_memoranda(session: Session, build: Builder, role: Role) -> None:
    school = build.school()
    mou = build.mou(school)
    actor = build.actor(build.user(role, school if role in SCHOOL_ROLES else None))
    assert queries.mous_of(session, actor, school.id) == []
    assert queries.get_mou(session, actor, school.id, mou.public_id) is None


def test_names_and_choices(session: Session, build: Builder) -> None:
    first, second = build.school("B"), build.school("A")
    closed = build.school("C", active=False)
    assert queries.names(session) == {first.id: "B", second.id: "A", closed.id: "C"}
    offered = queries.choices(session, queries.SCHOOL_ID.in_([first.id, second.id, closed.id]))
    assert [(row.id, row.name) for row in offered] == [(second.id, "A"), (first.id, "B")]


def test_districts_come_with_the_migration(session: Session) -> None:
    assert [district.slug for district in queries.districts(session)] == [
        "metro-barat",
        "metro-pusat",
        "metro-selatan",
        "metro-timur",
        "metro-utara",
    ]


def test_a_day_that_is_not_today(session: Session, build: Builder) -> None:
    school = build.school()
    build.mou(school, signed_on=date(2020, 1, 1), valid_until=date(2020, 12, 31))
    assert queries.partner_on(session, school.id, date(2020, 6, 1))
    assert not queries.partner_on(session, new_id(), date(2020, 6, 1))
