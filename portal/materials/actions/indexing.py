"""Keeping the rows that the search looks in as what people see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.core.tallies import insert
from portal.materials.models import Edition, Material, SearchTerm, SearchTrigram
from portal.materials.policy.access import PUBLISHED
from portal.materials.policy.content import Content
from portal.materials.policy.stemming import beginning, terms, trigrams, words
from portal.materials.policy.texts import texts

# By the place of a text.
WEIGHTS = {"title": 8, "summary": 4}
# In all other texts a word weighs one each time, but no more than this.
MOST_IN_TEXT = 3


def index(session: Session, material: Material, content: Content) -> None:
    """Let a material be found by what it says now, and by nothing it said before."""
    said = _words(content)
    weights = _weights(said)
    gone = _take_out(session, material.id)
    if weights:
        rows = [
            {"material_id": material.id, "term": term, "weight": weight}
            for term, weight in weights.items()
        ]
        session.execute(insert(session, SearchTerm), rows)
        _note_words(session, frozenset().union(*said.values()))
    _drop_words(session, gone - weights.keys())


def forget(session: Session, material_id: UUID) -> None:
    """Let a material no longer be found."""
    _drop_words(session, _take_out(session, material_id))


def rebuild(session: Session) -> None:
    """Make all rows anew from the editions people see."""
    for table in (SearchTerm, SearchTrigram):
        session.execute(delete(table))
    for material, edition in session.execute(_seen()).all():
        index(session, material, Content.read(edition.content))


def _seen() -> Select[Material, Edition]:
    each = aliased(Edition)
    newest = select(func.max(each.number)).where(
        each.material_id == Material.id, each.published_at.is_not(None)
    )
    return (
        select(Material, Edition)
        .join(Edition, Edition.material_id == Material.id)
        .where(PUBLISHED, Edition.number == newest.scalar_subquery())
        .order_by(Material.id)
    )


def _take_out(session: Session, material_id: UUID) -> set[str]:
    """Delete what a material was found by, and return it."""
    old = delete(SearchTerm).where(SearchTerm.material_id == material_id)
    return set(session.scalars(old.returning(SearchTerm.term)))


def _note_words(session: Session, used: frozenset[str]) -> None:
    """Remember words by three letters; most stand in another material already."""
    known = session.scalars(
        select(SearchTrigram.word).where(
            SearchTrigram.trigram.in_({beginning(word) for word in used}),
            SearchTrigram.word.in_(used),
        )
    )
    # In one order, so that two who publish at once do not wait for each other.
    pairs = sorted((each, word) for word in used - set(known) for each in trigrams(word))
    if pairs:
        rows = [{"trigram": trigram, "word": word} for trigram, word in pairs]
        session.execute(insert(session, SearchTrigram).on_conflict_do_nothing(), rows)


def _drop_words(session: Session, gone: Iterable[str]) -> None:
    """Forget words that stand in no material any more: nobody can have meant them."""
    unused = {word: trigrams(word) for word in gone}
    if not unused:
        return
    letters = frozenset().union(*unused.values())
    session.execute(
        delete(SearchTrigram).where(
            SearchTrigram.trigram.in_(sorted(letters)),
            SearchTrigram.word.in_(sorted(unused)),
            ~exists().where(SearchTerm.term == SearchTrigram.word),
        )
    )


def _words(content: Content) -> dict[str, list[str]]:
    """Return the words of every text, by its place, in both languages."""
    return {place: words(f"{text.id}\n{text.en}") for place, text in texts(content).items()}


def _weights(said: dict[str, list[str]]) -> dict[str, int]:
    """Return how much each term weighs: once in the title, once in the summary, and elsewhere."""
    elsewhere = Counter(
        word for place, found in said.items() if place not in WEIGHTS for word in found
    )
    weights = Counter({word: min(count, MOST_IN_TEXT) for word, count in elsewhere.items()})
    for place, weight in WEIGHTS.items():
        weights.update(dict.fromkeys(said.get(place, ()), weight))
    of_terms: dict[str, int] = {}
    for word, weight in weights.items():
        for term in terms(word):
            of_terms[term] = max(weight, of_terms.get(term, 0))
    return of_terms
