"""Finding published materials by words: stems, synonyms, words begun, and words typed wrongly.

Every word typed must stand in a material, as itself, as another form of it or as a synonym. Words
that stand nowhere are taken for slips, and where no material has all words, any word is enough. Why
it is made of plain rows: ADR 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, String, bindparam, cast, false, or_, select
from sqlalchemy.orm import Session

from portal.materials.models import Material, SearchEntry
from portal.materials.policy import postings
from portal.materials.policy.facets import AUDIENCE, KIND, LEVEL
from portal.materials.policy.postings import EACH_WORD, Digits
from portal.materials.policy.stemming import equals, is_searched, stems, tokens, trigrams, words_of
from portal.materials.queries.index import Index
from portal.materials.states import MaterialState

PAGE = 20
# What is read of what somebody typed.
MOST_LETTERS = 200
MOST_WORDS = 8
# From so many letters on a word may be one that is still being typed, or one typed wrongly.
LEAST_BEGUN, LEAST_SLIPPED = 3, 4
# Up to so many letters one slip is forgiven, beyond that two.
SHORT = 5
MOST_BEGUN = 30
MOST_RANK = EACH_WORD * (MOST_WORDS + 1)

# What a list shows of a material.
COLUMNS = (
    Material.id,
    Material.public_id,
    Material.slug,
    Material.kind,
    Material.state,
    Material.strategy,
    Material.audiences,
    Material.levels,
    Material.age_from,
    Material.age_to,
    Material.minutes,
    Material.title_id,
    Material.title_en,
    Material.summary_id,
    Material.summary_en,
    Material.size,
    Material.published_at,
    Material.reviewed_on,
)

# The same as a bare table tells it, by the places of materials in the search.
_material, _entry = Material.__table__, SearchEntry.__table__
SHOWN = (
    select(*(_material.c[each.key] for each in COLUMNS), _entry.c.place)
    .join_from(_entry, _material, _material.c.id == _entry.c.material_id)
    .where(_entry.c.place.in_(bindparam("places", expanding=True)))
)

Condition = ColumnElement[bool]
Found = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True)
class Wanted:
    """The three filters: a code of `Audience`, a name of LEVEL_GROUPS, a code of `MaterialKind`."""

    audience: str = ""
    level: str = ""
    kind: str = ""

    def conditions(self) -> list[Condition]:
        """Return what a material must fulfil."""
        held = []
        if self.audience:
            held.append(_names(Material.audiences, self.audience))
        if self.level:
            levels = Material.levels
            held.append(or_(cast(levels, String) == "[]", _names(levels, self.level)))
        if self.kind:
            held.append(Material.kind == self.kind)
        return held

    def facets(self) -> list[list[str]]:
        """Return the terms of which a material must have one each."""
        held = []
        if self.audience:
            held.append([AUDIENCE + self.audience])
        if self.level:
            held.append([LEVEL, LEVEL + self.level])
        if self.kind:
            held.append([KIND + self.kind])
        return held


def for_any(audiences: Iterable[str]) -> Condition:
    """Return the condition for what is for any of these people (codes of `Audience`)."""
    return or_(false(), *(_names(Material.audiences, each) for each in audiences))


class Key(NamedTuple):
    """Where a page ends; read back with `paging.position(rank, place)`."""

    rank: int
    place: int


@dataclass(frozen=True)
class Page:
    """One page of what was found: rows of COLUMNS, the best first."""

    rows: Found = ()
    # What was looked for instead, where a word seemed to be typed wrongly.
    corrected: str | None = None
    # No material has all the words; these have some.
    partly: bool = False
    next: Key | None = None


def rank(text: str) -> int:
    """Read the rank in a list's position; raises ValueError for one nothing here can have."""
    found = int(text)
    if not 0 <= found <= MOST_RANK:
        raise ValueError(text)
    return found


def place(text: str) -> int:
    """Read the place in a list's position; raises ValueError for one nothing here can have."""
    found = int(text)
    if found < 0:
        raise ValueError(text)
    return found


def find(
    session: Session, typed: str, wanted: Wanted, after: Key | None = None, *, limit: int = PAGE
) -> Page:
    """Return a page of the published materials that what was typed leads to, from `after` on.

    At most three statements, with a word that seems to be typed wrongly four, however many
    materials there are. What holds no word to look for finds nothing.
    """
    asked = _Asked(session, typed, wanted)
    if not asked.words:
        return Page()
    slips = asked.correct()
    words, among = asked.places(), asked.among()
    with_all = postings.in_all(words) & among
    having = with_all or postings.in_any(words) & among
    ranks = postings.ranked(words)
    left = postings.below(ranks, *after) & having if after else having
    best = list(islice(postings.best_first(ranks, left), limit + 1))
    corrected = " ".join(slips.get(each, each) for each in asked.typed)
    return Page(
        _rows(session, [place for _rank, place in best[:limit]]),
        corrected=corrected if slips and having else None,
        partly=bool(having) and not with_all,
        next=Key(*best[limit - 1]) if len(best) > limit else None,
    )


def best_for(session: Session, words: str, level_group: str | None, limit: int = 3) -> Found:
    """Return rows of COLUMNS of what fits some words best, such as the topic of a visit.

    One word is enough, and the more the better; `level_group` is a name of LEVEL_GROUPS.
    """
    asked = _Asked(session, words, Wanted(level=level_group or ""))
    if not asked.words:
        return ()
    words_asked = asked.places()
    having = postings.in_any(words_asked) & asked.among()
    best = postings.best_first(postings.ranked(words_asked), having)
    return _rows(session, [place for _rank, place in islice(best, limit)])


def _names(column: Any, code: str) -> Condition:
    """Return the condition that a list kept as JSON names a code."""
    return cast(column, String).contains(f'"{code}"', autoescape=True)


class _Asked:
    """What somebody typed, and for each of its words all stems that it is looked for by."""

    def __init__(self, session: Session, text: str, wanted: Wanted) -> None:
        """Read what was typed, with the words that the last one may become."""
        text = text[:MOST_LETTERS]
        self.typed = tokens(text)
        self.words = list(dict.fromkeys(filter(is_searched, self.typed)))[:MOST_WORDS]
        self._facets = wanted.facets()
        self._groups: dict[str, frozenset[str]] = {}
        if self.words:
            last = self.typed[-1] if text[-1].isalnum() else ""
            self._look_up(session, last if last in self.words and len(last) >= LEAST_BEGUN else "")

    def _look_up(self, session: Session, begun: str) -> None:
        guessed = (equals(word, Index.seen_last) for word in self.words)
        first = frozenset(chain(*guessed, *self._facets))
        self._index = index = Index(session, first, {begun[:3]} if begun else frozenset())
        for word in self.words:
            becoming = index.beginning(word)[:MOST_BEGUN] if word == begun else ()
            self._groups[word] = equals(word, index.synonyms).union(*map(stems, becoming))
        self._slipped = [word for word in self.words if self._may_be_slip(word)]
        letters = frozenset().union(*map(trigrams, self._slipped))
        index.look_up(frozenset().union(*self._groups.values()), letters)

    def _may_be_slip(self, word: str) -> bool:
        """Say whether a word stands nowhere and means nothing that is known."""
        return (
            len(word) >= LEAST_SLIPPED
            and word.isalpha()
            and self._groups[word] == stems(word)
            and not self._index.standing(stems(word))
        )

    def correct(self) -> dict[str, str]:
        """Look for what was meant by words that stand nowhere, and return it, as far as it is."""
        nearest = {word: _nearest(word, self._index) for word in self._slipped}
        meant = {word: near for word, near in nearest.items() if near}
        for word, near in meant.items():
            self._groups[word] = equals(near, self._index.synonyms)
        self._index.look_up(frozenset().union(*(self._groups[word] for word in meant)))
        return meant

    def places(self) -> list[Digits]:
        """Return where each word stands, and the most it weighs there."""
        return [postings.strongest(self._index.standing(self._groups[word])) for word in self.words]

    def among(self) -> int:
        """Return the bits of the materials that the filters leave."""
        return postings.in_all(
            postings.strongest(self._index.standing(facet)) for facet in self._facets
        )


def _nearest(word: str, index: Index) -> str | None:
    """Return the word with the fewest letters wrong, left out, added or changed about."""
    # Loaded on first use: most who search type no wrong word.
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    letters = trigrams(word)
    known = index.words(letters) | words_of(index.synonyms)
    allowed = 1 if len(word) <= SHORT else 2
    near = extract(word, known, scorer=OSA.distance, score_cutoff=allowed, limit=None)
    # Among equals the one with the most letters in common.
    ordered = [
        (wrong, each[0] != word[0], -len(letters & trigrams(each)), each)
        for each, wrong, _key in near
    ]
    # A word that is known and stands nowhere is no slip.
    wrong, *_others, nearest = min(ordered, default=(0, ""))
    return nearest if wrong else None


def _rows(session: Session, places: Sequence[int]) -> Found:
    """Return rows of COLUMNS in the order of their places."""
    if not places:
        return []
    rows = {row.place: row for row in session.execute(SHOWN, {"places": places})}
    # What is taken off the shelf is taken out of the search; this holds all the same. As a
    # condition, SQLite would begin with all that is published.
    shown = (rows[place] for place in places if place in rows)
    return [row for row in shown if row.state == MaterialState.PUBLISHED]
