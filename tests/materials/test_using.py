"""Schools say that a class used a material, and people mark what they want to find again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import using
from portal.materials.actions.using import Use
from portal.materials.models import Favourite, Material, MaterialTally, MaterialUse
from portal.materials.queries import shelf as shelves
from portal.materials.queries import use as uses
from portal.materials.queries.search import Wanted
from portal.materials.states import Mark, MaterialState
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf


@pytest.fixture
def school(build: Builder) -> School:
    return build.school()


@pytest.fixture
def teacher(build: Builder, school: School) -> User:
    return build.user(Role.TEACHER, school)


def record(build: Builder, user: User, material: Material, school: School, **more: Any) -> None:
    command = Use(**{"class_name": "8A", "used_on": clock.today(), **more, "school_id": school.id})
    with transaction(build.session) as session:
        using.record_use(session, build.actor(user), material, command)
    build.close()


def count(build: Builder, model: Any) -> int:
    found = build.session.scalar(select(func.count()).select_from(model)) or 0
    build.close()
    return found


def test_a_use_is_noted_with_class_and_day(
    shelf: Shelf, build: Builder, school: School, teacher: User
) -> None:
    made, elsewhere = shelf.material(), build.school()
    other = build.user(Role.PRINCIPAL, elsewhere)
    record(build, teacher, made, school, class_name="8A", heads=31)
    record(build, other, made, elsewhere, used_on=clock.today() - timedelta(days=3))
    actor = build.actor(teacher)
    (row,) = uses.last_of_own(build.session, actor, made.id)
    assert (row.class_name, row.heads, row.used_on) == ("8A", 31, clock.today())
    assert row.school_name == school.name
    for mark, times in ((Mark.FINISHED, 3), (Mark.HELPED, 2)):
        for day in (clock.today(), clock.today() - timedelta(days=1)):
            build.save(MaterialTally(material_id=made.id, day=day, mark=mark, count=times))
    found = uses.figures(build.session, made.id)
    assert (found.classes, found.schools) == (2, 2)
    assert found.marks == {"finished": 6, "helped": 4}


@on_sqlite
@pytest.mark.parametrize(
    ("role", "days_ago", "state", "code"),
    [
        (Role.TEACHER, -1, MaterialState.PUBLISHED, "use_to_come"),
        (Role.TEACHER, 367, MaterialState.PUBLISHED, "use_long_ago"),
        (Role.TEACHER, 0, MaterialState.WITHDRAWN, "not_published"),
        (Role.SCHOOL_OPERATOR, 0, MaterialState.PUBLISHED, "not_allowed"),
        (Role.SOCIAL_WORKER, 0, MaterialState.PUBLISHED, "not_allowed"),
    ],
)
def test_what_is_not_noted(
    shelf: Shelf,
    build: Builder,
    school: School,
    role: Role,
    days_ago: int,
    state: MaterialState,
    code: str,
) -> None:
    user = build.user(role, None if role == Role.SOCIAL_WORKER else school)
    made = shelf.material(state=state)
    with pytest.raises(Rejected) as refused:
        record(build, user, made, school, used_on=clock.today() - timedelta(days=days_ago))
    assert refused.value.code == code
    assert count(build, MaterialUse) == 0


def test_the_same_class_and_day_are_noted_once(
    shelf: Shelf, build: Builder, school: School, teacher: User
) -> None:
    made, other = shelf.material(), shelf.material()
    record(build, teacher, made, school)
    for again in (teacher, build.user(Role.PRINCIPAL, school)):
        with pytest.raises(Rejected) as refused:
            record(build, again, made, school, heads=30)
        assert (refused.value.code, refused.value.field) == ("use_noted", "class_name")
    assert count(build, MaterialUse) == 1
    record(build, teacher, other, school)
    # One class more, and the first one once more.
    record(build, teacher, made, school, class_name="8B")
    record(build, teacher, made, school, class_name="8a")
    record(build, teacher, made, school, used_on=clock.today() - timedelta(days=1))
    found = uses.figures(build.session, made.id)
    assert (found.classes, found.schools) == (2, 1)
    assert [row.id for row in shelves.browse(build.session, Wanted()).rows] == [made.id, other.id]
    build.close()


@on_sqlite
def test_nobody_notes_it_for_another_school(shelf: Shelf, build: Builder, teacher: User) -> None:
    with pytest.raises(Rejected, match="not_allowed"):
        record(build, teacher, shelf.material(), build.school())


def test_marking_twice_marks_once(shelf: Shelf, build: Builder, teacher: User) -> None:
    made, actor = shelf.material(), build.actor(teacher)
    for step, left in ((using.mark, 1), (using.mark, 1), (using.unmark, 0), (using.unmark, 0)):
        with transaction(build.session) as session:
            step(session, actor, made)
        assert count(build, Favourite) == left


@on_sqlite
def test_a_teacher_notes_a_class_on_the_page(
    shelf: Shelf, build: Builder, client: PageClient, teacher: User
) -> None:
    made = shelf.material()
    page, action = f"/materi/{made.slug}", f"/materi/{made.slug}/dipakai"
    client.sign_in(teacher).get(page)
    sent = client.form(action)
    assert sent["used_on"] == [clock.today().isoformat()]
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = client.post(action, {**sent, "class_name": "7 Melati", "used_on": tomorrow})
    assert refused.status_code == 422
    assert 'value="7 Melati"' in refused.text
    assert client.post(action, {**sent, "class_name": " "}).status_code == 422
    assert client.post(action, {**sent, "class_name": "7A", "heads": "banyak"}).status_code == 422
    assert count(build, MaterialUse) == 0
    typed = {**sent, "class_name": "7 Melati", "heads": "30"}
    assert client.post(action, typed).status_code == 303
    # Pressed once more.
    assert client.post(action, typed).status_code == 303
    assert count(build, MaterialUse) == 1
    assert "7 Melati" in client.get(page).text


@on_sqlite
def test_who_teaches_at_two_schools_says_at_which(
    shelf: Shelf, build: Builder, client: PageClient, teacher: User, school: School
) -> None:
    second = build.school()
    build.appoint(teacher, Role.TEACHER, second)
    made = shelf.material()
    action = f"/materi/{made.slug}/dipakai"
    client.sign_in(teacher).get(f"/materi/{made.slug}")
    sent = {**client.form(action), "class_name": "8A"}
    stranger = build.school()
    assert client.post(action, {**sent, "school": stranger.public_id}).status_code == 422
    assert client.post(action, {**sent, "school": second.public_id}).status_code == 303
    assert build.session.scalars(select(MaterialUse.school_id)).all() == [second.id]
    assert school.id != second.id


@on_sqlite
def test_a_mistake_is_taken_back_on_the_same_day_by_whoever_made_it(
    shelf: Shelf, build: Builder, client: PageClient, teacher: User, school: School
) -> None:
    made = shelf.material()
    record(build, teacher, made, school)
    public_id = build.session.scalars(select(MaterialUse.public_id)).one()
    build.close()
    page = f"/materi/{made.slug}"
    action = f"{page}/dipakai/{public_id}/hapus"
    client.sign_in(build.user(Role.PRINCIPAL, school)).get(page)
    assert action not in client.page
    assert client.post(action).status_code == 404
    client.sign_in(teacher)
    client.get(page)
    sent = client.form(action)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        client.sign_in(teacher).get(page)
        assert action not in client.page
        assert client.post(action).status_code == 422
    assert count(build, MaterialUse) == 1
    client.sign_in(teacher)
    assert client.post(action, sent).status_code == 303
    assert count(build, MaterialUse) == 0


@on_sqlite
def test_figures_are_for_the_office(
    shelf: Shelf, build: Builder, client: PageClient, teacher: User, school: School
) -> None:
    made = shelf.material()
    record(build, teacher, made, school, class_name="8 Kenanga")
    page = f"/materi/{made.slug}"
    client.sign_in(build.user(Role.SOCIAL_WORKER)).get(page)
    assert 'id="h-figures"' in client.page
    assert "8 Kenanga" not in client.page
    client.sign_in(teacher).get(page)
    assert 'id="h-figures"' not in client.page
    client.sign_in(build.user(Role.TEACHER, build.school())).get(page)
    assert "8 Kenanga" not in client.page


@on_sqlite
def test_a_favourite_is_marked_and_let_go(
    shelf: Shelf, build: Builder, client: PageClient, teacher: User
) -> None:
    made, draft = shelf.material(), shelf.material(state=MaterialState.DRAFT)
    client.sign_in(teacher).get(f"/materi/{made.slug}")
    client.post(f"/materi/{made.slug}/simpan", client.form(f"/materi/{made.slug}/simpan"))
    assert f'href="/materi/{made.slug}"' in client.get("/materi?favorit=ya").text
    client.get(f"/materi/{made.slug}")
    client.post(f"/materi/{made.slug}/lepas", client.form(f"/materi/{made.slug}/lepas"))
    assert f'href="/materi/{made.slug}"' not in client.get("/materi?favorit=ya").text
    assert client.post(f"/materi/{draft.slug}/simpan").status_code == 404
