"""Materials on their way to everybody, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Role
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.core.links import codes_for
from portal.materials.actions import describing, publishing, waiting, writing
from portal.materials.models import Edition, Material, SearchEntry, SearchTerm
from portal.materials.policy.about import About
from portal.materials.policy.content import Content, Node, Scenario, Words
from portal.materials.policy.sizes import DRAWING_BYTES, size_of
from portal.materials.queries import library
from portal.materials.queries.desk import editions
from portal.materials.states import Audience, MaterialKind, MaterialState, Strategy
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.materials.racing import on_postgresql, refused_after
from tests.materials.shelf import Shelf, words


@dataclass
class Office:
    """A writer and a coordinator, who do things with materials."""

    build: Builder
    writer: Actor
    chief: Actor

    def do(self, act: Callable[..., Any], by: Actor, material: Material, *more: Any) -> Any:
        with transaction(self.build.session) as session:
            return act(session, by, session.merge(material), *more)

    def write(self, material: Material, content: Content) -> Edition:
        edition: Edition = self.do(writing.save, self.writer, material, content)
        return edition

    def now(self, material: Material) -> Material:
        return self.build.fresh(Material, material.id)

    def waiting(self, kind: str = waiting.CHECK) -> list[Duty]:
        with self.build.database.reader() as reading:
            found = select(Duty).where(Duty.kind == kind, Duty.closed_at.is_(None))
            return list(reading.scalars(found))

    def steps(self) -> list[str]:
        with self.build.database.reader() as reading:
            moved = select(AuditEntry.facts).where(AuditEntry.action == "material.moved")
            return [str(facts["step"]) for facts in reading.scalars(moved.order_by(AuditEntry.seq))]


@pytest.fixture
def office(build: Builder) -> Office:
    """Return a social worker and a coordinator."""
    people = (build.user(Role.SOCIAL_WORKER), build.user(Role.COORDINATOR))
    return Office(build, *(build.actor(each) for each in people))


def article(title: str = "Teman baik", body: Words | None = None) -> Content:
    return Content(Words(title, "A good friend"), words("Short"), body or words("Long"))


def begun(office: Office, content: Content | None = None) -> Material:
    about = About("teman-baik", Strategy.PREVENTIVE, (Audience.PUPIL,))
    with transaction(office.build.session) as session:
        said = content or article()
        return writing.begin(session, office.writer, MaterialKind.ARTICLE, about, said)


def test_a_draft_is_handed_in_published_changed_and_published_again(office: Office) -> None:
    made = begun(office)
    office.do(publishing.ask, office.writer, made)
    (asked,) = office.waiting()
    assert (asked.role, asked.link) == (Role.COORDINATOR, "/materi/teman-baik/terbitan")
    assert asked.facts == {}
    # Whoever changes it again asks again.
    office.write(made, article(body=words("Longer")))
    assert office.waiting() == []
    office.do(publishing.ask, office.writer, made)
    office.do(publishing.ask, office.writer, made)
    assert len(office.waiting()) == 1
    office.do(publishing.publish, office.chief, made, "First")
    assert office.waiting() == []
    now = office.now(made)
    assert (now.state, now.reviewed_on, now.reviewed_by) == (
        MaterialState.PUBLISHED,
        clock.today(),
        office.chief.user_id,
    )
    with office.build.database.reader() as reading:
        entry = select(SearchEntry).where(SearchEntry.material_id == made.id)
        assert reading.scalars(entry).one().weights
        purposes = [f"share:{made.id}", f"poster:{made.id}"]
        assert sorted(codes_for(reading, purposes)) == sorted(purposes)
    office.write(made, article("Teman yang baik"))
    # Readers go on seeing the edition before.
    assert office.now(made).title_id == "Teman baik"
    office.do(publishing.publish, office.chief, made, "New title")
    shown = library.published(office.build.session, "teman-baik")
    assert shown is not None
    assert (shown.content.title.id, shown.edition.number) == ("Teman yang baik", 2)
    assert (shown.material.title_id, shown.material.published_at) == (
        "Teman yang baik",
        now.published_at,
    )
    assert office.steps() == [
        "drafted",
        "asked",
        "asked",
        "asked",
        "published",
        "edited",
        "published",
    ]


def test_a_material_goes_off_the_shelf_and_back(shelf: Shelf, office: Office) -> None:
    made = shelf.material(title="Kata baik")
    office.do(publishing.withdraw, office.chief, made, "The number changed")
    assert library.published(office.build.session, made.slug) is None
    with pytest.raises(Rejected, match="state_changed"):
        office.do(publishing.review, office.chief, made)
    office.do(publishing.restore, office.chief, made)
    office.do(publishing.withdraw, office.chief, made, "Once more")
    edition = office.build.session.scalars(select(Edition)).one()
    assert edition.note == "\nOnce more\nThe number changed"
    office.do(publishing.restore, office.chief, made)
    assert library.published(office.build.session, made.slug) is not None
    assert office.build.session.scalars(select(SearchTerm)).first() is not None


@on_sqlite
def test_those_who_write_do_not_publish(shelf: Shelf, office: Office) -> None:
    draft = shelf.material(state=MaterialState.DRAFT)
    seen, off = shelf.material(), shelf.material(state=MaterialState.WITHDRAWN)
    for act, material, more in (
        (publishing.publish, draft, ()),
        (publishing.withdraw, seen, ("why",)),
        (publishing.restore, off, ()),
        (publishing.review, seen, ()),
    ):
        with pytest.raises(Rejected, match="not_allowed"):
            office.do(act, office.writer, material, *more)
    reader = office.build.actor(office.build.user(Role.TEACHER, office.build.school()))
    for step in (publishing.ask, publishing.discard_draft, writing.draft_of):
        with pytest.raises(Rejected, match="not_allowed"):
            office.do(step, reader, draft)
    with pytest.raises(Rejected, match="not_allowed"):
        office.do(publishing.take_up, reader, draft, 1)
    # A coordinator publishes the own draft as well.
    own = writing.save
    office.do(own, office.chief, draft, article())
    office.do(publishing.publish, office.chief, draft)


@on_sqlite
def test_nothing_incomplete_is_published(shelf: Shelf, office: Office) -> None:
    empty = shelf.material(state=MaterialState.DRAFT, content={})
    for act, by in ((publishing.ask, office.writer), (publishing.publish, office.chief)):
        with pytest.raises(Rejected, match="material_faults"):
            office.do(act, by, empty)
    assert office.now(empty).state == MaterialState.DRAFT
    seen = shelf.material()
    for act, by in ((publishing.ask, office.writer), (publishing.publish, office.chief)):
        with pytest.raises(Rejected, match="nothing_to_publish"):
            office.do(act, by, seen)


def test_an_earlier_edition_begins_a_draft(shelf: Shelf, office: Office) -> None:
    made = shelf.material(title="Pertama")
    office.write(made, article("Kedua"))
    with pytest.raises(Rejected, match="draft_in_hand"):
        office.do(publishing.take_up, office.writer, made, 1)
    office.do(publishing.publish, office.chief, made)
    with pytest.raises(Rejected, match="state_changed"):
        office.do(publishing.take_up, office.writer, made, 7)
    office.do(publishing.take_up, office.writer, made, 1)
    newest = library.newest(office.build.session, office.writer, made.slug)
    assert newest is not None
    assert (newest.edition.number, newest.content.title.id) == (3, "Pertama (id)")
    office.do(publishing.discard_draft, office.writer, made)
    with pytest.raises(Rejected, match="nothing_to_publish"):
        office.do(publishing.discard_draft, office.writer, made)
    assert library.published(office.build.session, made.slug).edition.number == 2  # type: ignore[union-attr]


@on_postgresql
def test_two_who_begin_a_draft_at_the_same_moment(shelf: Shelf, office: Office) -> None:
    made = shelf.material()

    def first(session: Session) -> None:
        writing.save(session, office.writer, session.merge(made), article("Pertama"))

    def second(session: Session) -> None:
        writing.save(session, office.chief, session.merge(made), article("Kedua"))

    assert refused_after(office.build, first, second) == ["state_changed"]
    newest = library.newest(office.build.session, office.writer, made.slug)
    assert newest is not None
    assert newest.content.title.id == "Pertama"


@on_postgresql
def test_two_who_begin_materials_of_one_title_at_the_same_moment(office: Office) -> None:
    about = About("teman-baik", Strategy.PREVENTIVE, (Audience.PUPIL,))

    def begin(session: Session) -> None:
        writing.begin_near(session, office.writer, MaterialKind.ARTICLE, about, article())

    assert refused_after(office.build, begin, begin) == []
    with office.build.database.reader() as reading:
        assert sorted(reading.scalars(select(Material.slug))) == ["teman-baik", "teman-baik-2"]


@on_sqlite
def test_what_is_saved_as_it_stands_goes_on_waiting(office: Office) -> None:
    made = begun(office)
    office.do(publishing.ask, office.writer, made)
    office.do(writing.save, office.chief, made, article())
    assert len(office.waiting()) == 1
    assert office.steps() == ["drafted", "asked"]
    # What is taken up is a draft, even where it says what everybody sees.
    office.do(publishing.publish, office.chief, made)
    edition = office.do(writing.save, office.writer, made, article())
    assert (edition.number, edition.published_at is None) == (1, False)
    office.do(publishing.take_up, office.writer, made, 1)
    newest = library.newest(office.build.session, office.writer, made.slug)
    assert newest is not None
    assert (newest.edition.number, newest.edition.published_at) == (2, None)


@on_sqlite
def test_why_it_was_taken_off_stays_known(shelf: Shelf, office: Office) -> None:
    made = shelf.material()
    for reason in ("First", "The video is gone", "x" * 140, "y" * 140):
        office.do(publishing.withdraw, office.chief, made, reason)
        office.do(publishing.restore, office.chief, made)
    (line,) = editions(office.build.session, made.id)
    assert line.changed == ""
    # The last one is always there, those before as far as there is room.
    assert line.taken_off == ["y" * 140, "x" * 140, "The video is gone"]
    office.do(publishing.withdraw, office.chief, made, "The number\n is older")
    (line,) = editions(office.build.session, made.id)
    assert line.taken_off == ["The number is older", "y" * 140]


@on_sqlite
def test_what_never_was_published_has_nothing_but_its_draft(shelf: Shelf, office: Office) -> None:
    draft = shelf.material(state=MaterialState.DRAFT)
    with pytest.raises(Rejected, match="nothing_to_publish"):
        office.do(publishing.discard_draft, office.writer, draft)


@on_sqlite
def test_an_address_is_changed_until_it_is_on_paper(shelf: Shelf, office: Office) -> None:
    made, other = begun(office), shelf.material()
    office.do(publishing.ask, office.writer, made)
    about = About("teman-sejati", Strategy.PROMOTIVE, (Audience.PARENT,), minutes=5)
    office.do(describing.describe, office.writer, made, about)
    assert office.now(made).slug == "teman-sejati"
    (asked,) = office.waiting()
    assert asked.link == "/materi/teman-sejati/terbitan"
    for taken in (other.slug, "kelola"):
        with pytest.raises(Rejected, match="slug_taken"):
            office.do(describing.describe, office.writer, made, replace(about, slug=taken))
    office.do(publishing.publish, office.chief, made)
    # From now on all of it shows at once, so it is the coordinators' to change.
    with pytest.raises(Rejected, match="not_allowed"):
        office.do(describing.describe, office.writer, made, about)
    with pytest.raises(Rejected, match="slug_stays"):
        office.do(describing.describe, office.chief, made, replace(about, slug="lain"))
    office.do(describing.describe, office.chief, made, replace(about, minutes=9))
    assert office.now(made).minutes == 9


def test_reviews_wait_as_one_to_do(shelf: Shelf, office: Office) -> None:
    def look() -> int:
        with transaction(office.build.session) as session:
            return waiting.look_at_reviews(session)

    assert (look(), office.waiting(waiting.REVIEW)) == (0, [])
    year = clock.today() - timedelta(days=400)
    fresh, old, never = (shelf.material(reviewed_on=day) for day in (clock.today(), year, None))
    shelf.material(state=MaterialState.DRAFT)
    office.build.setting("material_review_working_days", 3)
    assert look() == 2
    office.do(publishing.review, office.chief, old)
    assert look() == 1
    (asked,) = office.waiting(waiting.REVIEW)
    assert (asked.facts, asked.role) == ({"count": 1}, Role.COORDINATOR)
    due_on = clock.add_working_days(clock.today(), 3)
    assert asked.due_at == clock.at_wib(due_on, clock.OFFICE_CLOSES)
    office.do(publishing.review, office.chief, never)
    assert office.waiting(waiting.REVIEW) == []
    office.build.setting("material_review_months", 60)
    assert office.now(fresh).reviewed_on == clock.today()
    assert not duties.is_open(office.build.session, waiting.REVIEW_ID, waiting.REVIEW)


@on_sqlite
def test_what_is_taken_off_waits_for_no_review(shelf: Shelf, office: Office) -> None:
    made = shelf.material()
    with transaction(office.build.session) as session:
        waiting.look_at_reviews(session)
    office.do(publishing.withdraw, office.chief, made, "Old")
    assert office.waiting(waiting.REVIEW) == []


def test_the_size_counts_each_picture_once() -> None:
    def story(*pictures: str) -> Content:
        nodes = {f"p{n}": Node(words("x"), picture=each) for n, each in enumerate(pictures)}
        return Content(scenario=Scenario("p0", nodes))

    bare, one = size_of(story("", ""), {}), size_of(story("kelas", "kelas"), {})
    assert DRAWING_BYTES < one - bare < DRAWING_BYTES + 100
    kept = size_of(story("abc", "abc"), {"abc": 5_000, "other": 9_000})
    assert 5_000 < kept - bare < 5_100
