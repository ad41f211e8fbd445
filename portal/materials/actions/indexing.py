"""Keeping the rows that the search looks in as what people see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Set
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.core.db import Base
from portal.core.tallies import count, insert
from portal.materials.models import (
    Edition,
    Material,
    SearchEntry,
    SearchTerm,
    SearchTrigram,
    SearchTurn,
)
from portal.materials.policy import postings
from portal.materials.policy.access import PUBLISHED
from portal.materials.policy.content import Content
from portal.materials.policy.facets import facets, is_facet
from portal.materials.policy.stemming import terms, trigrams, words
from portal.materials.policy.texts import texts

# By the place of a text.
WEIGHTS = {"title": 8, "summary": 4}
# In all other texts a word weighs one each time, but no more than this.
MOST_IN_TEXT = 3


def index(session: Session, material: Material, content: Content) -> None:
    """Let a material be found by what it says now, and by nothing it said before."""
    _take_turn(session)
    said = _words(content)
    weights = _weights(said) | dict.fromkeys(facets(material), 1)
    _change(session, material.id, weights, frozenset().union(*said.values()))


def narrow(session: Session, material: Material) -> None:
    """Let a material that is found be narrowed down by what is about it now."""
    _take_turn(session)
    _place, held = _entry(session, material.id)
    if held:
        said = {term: weight for term, weight in held.items() if not is_facet(term)}
        _change(session, material.id, said | dict.fromkeys(facets(material), 1))


def forget(session: Session, material_id: UUID) -> None:
    """Let a material no longer be found."""
    _take_turn(session)
    _change(session, material_id, {})


def rebuild(session: Session) -> None:
    """Make all rows anew from the editions people see."""
    _take_turn(session)
    for table in (SearchEntry, SearchTerm, SearchTrigram):
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
        .order_by(Material.published_at, Material.id)
    )


def _take_turn(session: Session) -> None:
    """Let others who would change the search wait until this transaction ends."""
    count(session, SearchTurn, {"id": 1}, turns=1)


def _entry(session: Session, material_id: UUID) -> tuple[int | None, dict[str, int]]:
    """Return the place of a material and what it is found by, if it ever was."""
    held = select(SearchEntry.place, SearchEntry.weights)
    found = session.execute(held.where(SearchEntry.material_id == material_id)).one_or_none()
    return (found.place, found.weights) if found else (None, {})


def _change(
    session: Session,
    material_id: UUID,
    weights: dict[str, int],
    used: frozenset[str] = frozenset(),
) -> None:
    """Let a material be found by these terms alone; those used are words as they stand there."""
    place, before = _entry(session, material_id)
    if place is None and not weights:
        return
    if place is None:
        last = session.scalar(select(func.max(SearchEntry.place)))
        place = 0 if last is None else last + 1
    _keep(session, SearchEntry, [{"place": place, "material_id": material_id, "weights": weights}])
    changed = {
        term: weights.get(term, 0)
        for term in before.keys() | weights.keys()
        if before.get(term) != weights.get(term)
    }
    _change_terms(session, place, changed, used)


def _change_terms(
    session: Session, place: int, changed: dict[str, int], used: frozenset[str]
) -> None:
    columns = select(SearchTerm.term, SearchTerm.places, SearchTerm.is_word)
    held = session.execute(columns.where(SearchTerm.term.in_(changed.keys() | used))).all()
    known = {row.term for row in held if row.is_word}
    standing = {row.term: postings.read(row.places) for row in held}
    for term, weight in changed.items():
        postings.put(standing.setdefault(term, [*postings.NOWHERE]), place, weight)
    gone = {term for term, where in standing.items() if not postings.places(where)}
    rows = [
        {"term": term, "places": postings.write(standing[term]), "is_word": term in known | used}
        for term in sorted(changed.keys() | used - known)
        if term not in gone
    ]
    _keep(session, SearchTerm, rows)
    _drop(session, SearchTerm.term, gone)
    _change_words(session, used - known, gone & known)


def _change_words(session: Session, new: Set[str], gone: Set[str]) -> None:
    """Remember words by three letters, and forget those that nobody can mean any more."""
    letters = frozenset().union(*map(trigrams, new | gone))
    columns = select(SearchTrigram.trigram, SearchTrigram.words)
    held = session.execute(columns.where(SearchTrigram.trigram.in_(letters))).all()
    lists = defaultdict(set, {row.trigram: set(row.words.split()) for row in held})
    for word in new:
        for each in trigrams(word):
            lists[each].add(word)
    for word in gone:
        for each in trigrams(word):
            lists[each].discard(word)
    rows = [
        {"trigram": trigram, "words": " ".join(sorted(listed))}
        for trigram, listed in lists.items()
        if listed
    ]
    _keep(session, SearchTrigram, rows)
    _drop(session, SearchTrigram.trigram, {each for each, listed in lists.items() if not listed})


def _keep(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Write rows in place of those with the same key, which is their first column."""
    if rows:
        key, *others = rows[0]
        new = insert(session, table)
        written = {name: new.excluded[name] for name in others}
        session.execute(new.on_conflict_do_update(index_elements=[key], set_=written), rows)


def _drop(session: Session, key: InstrumentedAttribute[str], gone: Set[str]) -> None:
    if gone:
        session.execute(delete(key.class_).where(key.in_(gone)))


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
