"""Finding materials: other forms of words, synonyms, words begun and typed wrongly, filters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.materials.actions import describing, indexing
from portal.materials.models import Material, SearchTerm, SearchTrigram
from portal.materials.policy.about import About
from portal.materials.policy.content import Card, Content, Words
from portal.materials.queries import library, search
from portal.materials.queries.search import Key, Page, Wanted
from portal.materials.states import Audience, MaterialKind, MaterialState
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf
from tests.statements import all_statements

# Title in both languages, summary, body; the last is the newest.
SHELF = (
    ("Perundungan di kelas", "Bullying in class", "Apa itu", "Kata-kata yang menyakiti"),
    ("Guru yang mendengar", "A teacher who listens", "Lima langkah", "Jika anak dirundung"),
    ("Berani bicara", "Brave enough to speak", "Melawan perundungan siber", "Simpan buktinya"),
    ("Makan siang bersama", "Lunch together", "Tentang pertemanan", "Duduk dengan yang sendiri"),
    ("Orang tua mendampingi", "Parents at home", "Gawai di rumah", "Dengarkan dulu, lalu tanya"),
)


class Library:
    """A shelf whose materials are found by their titles."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.session = shelf.build.session
        self.titles: dict[Any, str] = {}

    def add(self, title: str | Words, summary: str = "", body: str = "", **about: Any) -> Material:
        """Lay in a material as publishing would, newer than those before."""
        said = Words(title) if isinstance(title, str) else title
        at = clock.now() - timedelta(days=30) + timedelta(minutes=len(self.titles))
        made = self.shelf.material(title=said, published_at=at, **about)
        content = Content(title=said, summary=Words(summary), body=Words(body))
        with transaction(self.session) as writing:
            indexing.index(writing, made, content)
        self.titles[made.id] = said.id
        return made

    def page(self, typed: str, after: Key | None = None, **wanted: str) -> Page:
        """Search."""
        found = search.find(self.session, typed, Wanted(**wanted), after, limit=3)
        self.session.rollback()
        return found

    def finds(self, typed: str, **wanted: str) -> list[str]:
        """Return the titles found, the best first."""
        return [self.titles[row.id] for row in self.page(typed, **wanted).rows]


@pytest.fixture
def found(shelf: Shelf) -> Library:
    """Return an empty library."""
    return Library(shelf)


@pytest.fixture
def full(found: Library) -> Library:
    """Return a library of five."""
    for title, english, summary, body in SHELF:
        found.add(Words(title, english), summary, body)
    return found


TYPED = ("guru", "perundngan", "bully", "mak", "orang", "tua", *"\x00%_\\'éİßﬁ")
ABOUT_BULLYING = ["Perundungan di kelas", "Berani bicara", "Guru yang mendengar"]


def test_a_word_finds_its_forms_and_what_means_the_same(full: Library) -> None:
    for typed in (
        "perundungan",
        "dirundung",
        "merundung",
        "bully",
        "Bullying",
        "dibully",
        "pembulian",
        "BULLIED",
        "bulying",
        "perundungan!!!",
        "apa itu perundungan?",
    ):
        assert full.finds(typed)[:3] == ABOUT_BULLYING, typed
    assert full.finds("keberanian") == full.finds("courage") == ["Berani bicara"]
    assert full.finds("teachers") == full.finds("pengajar") == ["Guru yang mendengar"]
    assert full.finds("teman-teman") == full.finds("friends") == ["Makan siang bersama"]
    assert full.finds("orangtua") == full.finds("parent") == ["Orang tua mendampingi"]
    assert full.finds("cyberbullying") == ["Berani bicara"]


def test_every_word_must_stand_there(full: Library) -> None:
    assert full.finds("guru dirundung") == ["Guru yang mendengar"]
    assert full.finds("listen bully") == ["Guru yang mendengar"]
    assert full.finds("perundungan di kelas") == ["Perundungan di kelas"]
    assert not full.page("guru dirundung").partly


def test_where_no_material_has_all_words_some_are_enough(full: Library) -> None:
    page = full.page("guru makan perundungan")
    assert page.partly
    assert page.corrected is None
    # The one with two of the words first.
    in_order = ["Guru yang mendengar", "Makan siang bersama", "Perundungan di kelas"]
    assert [full.titles[row.id] for row in page.rows] == in_order
    more = full.page("guru makan perundungan", page.next)
    assert more.partly
    assert [full.titles[row.id] for row in more.rows] == ["Berani bicara"]


def test_a_word_begun_finds_what_it_may_become(full: Library) -> None:
    assert full.finds("mak") == full.finds("maka siang") == ["Makan siang bersama"]
    assert full.finds("guru mend") == ["Guru yang mendengar"]
    # Not in the middle of what was typed, and not where the word is finished.
    assert full.page("mend guru").partly
    assert full.page("mak ").rows == []
    # Two letters are too few.
    assert full.page("ma").rows == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("perundngan", "perundungan"),
        ("perudnungan", "perundungan"),
        ("prundungan", "perundungan"),
        ("Guru yang mendengr", "guru yang mendengar"),
        ("teachr", "teacher"),
        ("lisstens", "listens"),
        ("gurru", "guru"),
        ("mkan siang", "makan siang"),
    ],
)
def test_a_word_typed_wrongly_is_taken_for_the_nearest(
    full: Library, typed: str, meant: str
) -> None:
    page = full.page(typed)
    assert page.corrected == meant
    assert [row.id for row in page.rows] == [row.id for row in full.page(meant).rows]
    assert page.rows
    assert not page.partly


@on_sqlite
def test_what_is_far_from_every_word_finds_nothing(full: Library) -> None:
    for typed in ("xyzzy", "gxrx", "gu", "perdagangan", "2026", "qqqqqqqqqqqqqqqqqqqqqqqqqqq" * 5):
        page = full.page(typed)
        assert (list(page.rows), page.corrected, page.partly) == ([], None, False), typed
    for typed in ("", "   ", "yang di dan", "?!", "%", "_", "a", "\x00", "\ud800"):
        assert full.page(typed) == Page(), typed


@on_sqlite
def test_signs_of_sql_are_letters_like_others(full: Library) -> None:
    for typed in ("per%", "%run%", "p_rundungan", "gu\\", "'; DROP TABLE material; --", "gur*"):
        assert {row.id for row in full.page(typed).rows} <= set(full.titles), typed
    assert full.finds("m%k") == []
    assert full.finds("perundungan' OR 1=1") != []


@on_sqlite
def test_any_text_can_be_typed(full: Library) -> None:
    words = st.sampled_from(TYPED)
    texts = st.one_of(st.text(max_size=60), st.lists(words, max_size=12).map(" ".join))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(texts)
    def type_in(typed: str) -> None:
        page = full.page(typed)
        assert {row.id for row in page.rows} <= set(full.titles)

    type_in()


def test_what_stands_in_the_title_comes_first_then_the_newest(found: Library) -> None:
    for title, summary, body in (
        ("Satu", "", "ejekan"),
        ("Dua", "ejekan", ""),
        ("Ejekan lama", "", ""),
        ("Tiga", "", "ejekan ejekan ejekan ejekan ejekan"),
        ("Ejekan baru", "", ""),
        ("Empat", "ejekan", "ejekan"),
    ):
        found.add(title, summary, body)
    in_order = ["Ejekan baru", "Ejekan lama", "Empat", "Dua", "Tiga", "Satu"]
    page = found.page("ejekan")
    assert [found.titles[row.id] for row in page.rows] == in_order[:3]
    more = found.page("ejekan", page.next)
    assert [found.titles[row.id] for row in more.rows] == in_order[3:]
    assert more.next is None


def test_pages_of_a_corrected_search_follow_each_other(found: Library) -> None:
    for number in range(7):
        found.add(f"Perundungan {number}")
    seen: list[str] = []
    page = found.page("perundngan")
    while True:
        assert page.corrected == "perundungan"
        seen += [found.titles[row.id] for row in page.rows]
        if page.next is None:
            break
        page = found.page("perundngan", page.next)
    assert seen == [f"Perundungan {number}" for number in reversed(range(7))]


def test_the_three_filters(found: Library) -> None:
    kinds = MaterialKind
    found.add("Guru satu", kind=kinds.QUIZ, audiences=[Audience.PUPIL], levels=["SD/MI"])
    found.add("Guru dua", audiences=[Audience.TEACHER, Audience.PARENT], levels=["SMP/MTs", "SMK"])
    found.add("Guru tiga", kind=kinds.POSTER, audiences=[Audience.PARENT])
    assert found.finds("guru") == ["Guru tiga", "Guru dua", "Guru satu"]
    assert found.finds("guru", audience="parent") == ["Guru tiga", "Guru dua"]
    assert found.finds("guru", audience="pupil") == ["Guru satu"]
    # For all levels, or for this one.
    assert found.finds("guru", level="SMK") == ["Guru tiga", "Guru dua"]
    assert found.finds("guru", level="SD/MI") == ["Guru tiga", "Guru satu"]
    assert found.finds("guru", level="SMA/MA") == ["Guru tiga"]
    assert found.finds("guru", kind="quiz") == ["Guru satu"]
    assert found.finds("guru", kind="video") == []
    assert found.finds("guru", audience="parent", level="SMK", kind="article") == ["Guru dua"]
    assert found.finds("guru", audience="%", level='"', kind="'") == []


def test_filters_follow_what_is_changed_about_a_material(found: Library, build: Builder) -> None:
    made = found.add("Guru satu", audiences=[Audience.PUPIL], levels=["SD/MI"])
    about = replace(About.of(made), audiences=(Audience.PARENT,), levels=())
    chief = build.actor(build.user(Role.COORDINATOR))
    with transaction(build.session) as writing:
        describing.describe(writing, chief, writing.merge(made), about)
    assert found.finds("guru", audience="parent", level="SMK") == ["Guru satu"]
    assert found.finds("guru", audience="pupil") == []
    assert found.finds("gurru") == ["Guru satu"]


def test_what_comes_back_stands_where_it_stood(found: Library, build: Builder) -> None:
    first = found.add("Guru satu")
    found.add("Guru dua")
    with transaction(build.session) as writing:
        indexing.forget(writing, first.id)
    assert found.finds("guru") == ["Guru dua"]
    with transaction(build.session) as writing:
        indexing.index(writing, first, Content(title=Words("Guru satu")))
    assert found.finds("guru") == ["Guru dua", "Guru satu"]


def test_a_word_one_takes_out_stays_where_another_puts_it_in(
    found: Library, database: Database
) -> None:
    old, new = found.add("Layangan biru"), found.add("Benang")

    def withdraw() -> None:
        with database.writer() as session, transaction(session):
            indexing.forget(session, old.id)

    with ThreadPoolExecutor(1) as other:
        with database.writer() as session, transaction(session):
            indexing.index(session, session.merge(new), Content(title=Words("Layangan merah")))
            session.flush()
            meanwhile = other.submit(withdraw)
            # It waits for its turn.
            with pytest.raises(TimeoutError):
                meanwhile.result(0.2)
        meanwhile.result(10)
    assert found.finds("layangan") == found.finds("layangn") == ["Benang"]
    assert found.finds("biru") == []


def test_a_page_nobody_was_given_is_empty_or_the_last(found: Library) -> None:
    for number in range(5):
        found.add(f"Guru {number}")
    for key in (Key(0, 10**150), Key(136, 0), Key(5, 3)):
        assert found.page("guru", key) == Page([]), key
    everything = found.page("guru", Key(search.MOST_RANK, 10**150))
    assert [found.titles[row.id] for row in everything.rows] == ["Guru 4", "Guru 3", "Guru 2"]
    assert found.page("guru", Key(136, 10**150)) == everything
    for text in ("-1", "x", ""):
        with pytest.raises(ValueError):  # noqa: PT011 - as any text that is no number
            search.place(text)


def test_what_is_not_published_is_never_found(found: Library, build: Builder) -> None:
    found.add("Guru draf", state=MaterialState.DRAFT)
    withdrawn = found.add("Guru ditarik")
    shown = found.add("Guru tampil")
    with transaction(build.session):
        build.session.get_one(Material, withdrawn.id).state = MaterialState.WITHDRAWN
    for typed in ("guru", "gur", "gurru", "guru xyzzy"):
        assert found.finds(typed) == ["Guru tampil"], typed
    assert [row.id for row in search.best_for(build.session, "guru", None)] == [shown.id]


def test_a_material_is_found_by_what_it_says_now(found: Library, build: Builder) -> None:
    made = found.add("Layangan biru", "angin", "benang")
    other = found.add("Benang merah")
    assert found.finds("layangan") == ["Layangan biru"]
    with transaction(build.session) as writing:
        said = Content(title=Words("Kapal"), cards=(Card(Words("Jangkar"), Words("", "Anchor")),))
        indexing.index(writing, made, said)
    for typed in ("layangan", "angin", "laya", "layangn"):
        assert found.finds(typed) == [], typed
    assert found.finds("kapal") == found.finds("jangkar") == found.finds("anchors") != []
    assert found.finds("benang") == ["Benang merah"]
    with transaction(build.session) as writing:
        indexing.forget(writing, made.id)
        indexing.forget(writing, other.id)
    assert found.finds("kapal") == []
    for table in (SearchTerm, SearchTrigram):
        assert build.session.query(table).count() == 0


def test_rows_made_anew_are_the_same(shelf: Shelf, build: Builder) -> None:
    for kind in MaterialKind:
        shelf.material(kind)
    shelf.material(title="Hidden draft", state=MaterialState.DRAFT)
    session = build.session
    with transaction(session):
        for row in session.query(Material).filter_by(state=MaterialState.PUBLISHED).all():
            shown = library.published(session, row.slug)
            assert shown
            indexing.index(session, row, shown.content)

    def rows() -> list[Any]:
        session.expire_all()
        terms = session.query(SearchTerm.term, SearchTerm.places, SearchTerm.is_word)
        letters = session.query(SearchTrigram.trigram, SearchTrigram.words)
        return [sorted(map(tuple, terms)), sorted(map(tuple, letters))]

    before = rows()
    assert all(before)
    with transaction(session):
        indexing.rebuild(session)
    assert rows() == before
    # What pictures, feedback and endings say is found too.
    assert len(search.find(session, "tell somebody", Wanted()).rows) == 1


def test_what_fits_the_topic_of_a_visit(full: Library) -> None:
    rows = search.best_for(full.session, "Mencegah perundungan siber di kelas", "SMP/MTs", limit=2)
    assert [full.titles[row.id] for row in rows] == ["Perundungan di kelas", "Berani bicara"]
    assert search.best_for(full.session, "yang", None) == ()
    assert list(search.best_for(full.session, "xyzzy", None)) == []


def test_statements_do_not_grow_with_materials(found: Library, database: Database) -> None:
    def counted(typed: str) -> int:
        with all_statements(database) as asked, database.reader() as reading:
            search.find(reading, typed, Wanted("pupil", "SMK", "article"))
        return len([each for each in asked if "search_" in each])

    found.add("Guru dan perundungan")
    # Whoever asks first reads the synonyms before knowing what to look for.
    counted("guru")
    first = [counted(typed) for typed in ("guru", "guru perundungan", "perundngan guru", "yang")]
    for number in range(12):
        found.add(f"Guru {number} dan perundungan")
    assert first == [2, 2, 4, 0]
    assert [
        counted(typed) for typed in ("guru", "guru perundungan", "perundngan guru", "yang")
    ] == first
