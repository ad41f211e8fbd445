"""What the search keeps about words: where they stand, and which begin or look like them."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import ClassVar

from sqlalchemy import (
    CompoundSelect,
    LargeBinary,
    Select,
    String,
    bindparam,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from portal.materials.models import SearchTerm, SearchTrigram, SynonymGroup
from portal.materials.policy import postings
from portal.materials.policy.postings import Digits

# A key, words, and where a term stands: each row tells one of three.
Read = tuple[str, str, bytes | None]
NO_TEXT, NO_PLACES = literal_column("''", String), literal_column("NULL", LargeBinary)

# Bare tables: rows of records would cost twice as much.
_term, _trigram = SearchTerm.__table__.c, SearchTrigram.__table__.c
_standing: Select[*Read] = select(_term.term, NO_TEXT, _term.places).where(
    _term.term.in_(bindparam("terms", expanding=True))
)
_looking: Select[*Read] = select(_trigram.trigram, _trigram.words, NO_PLACES).where(
    _trigram.trigram.in_(bindparam("trigrams", expanding=True))
)
_meaning: Select[*Read] = select(NO_TEXT, SynonymGroup.__table__.c.words, NO_PLACES)
SOME = union_all(_standing, _looking)
ALL = union_all(_standing, _looking, _meaning)


class Index:
    """The rows of the search, read as they are asked for, and none of them twice."""

    # The synonyms as this process saw them last: good to guess what will be asked for, no more.
    seen_last: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session, terms: Set[str], trigrams: Set[str]) -> None:
        """Read all synonyms, where terms stand, and words by three letters, in one statement."""
        self._session = session
        self._asked: set[str] = set()
        self._terms: dict[str, Digits] = {}
        self._words: dict[str, list[str]] = {}
        self._means: list[str] = []
        self._read(ALL, terms, trigrams)
        self.synonyms = Index.seen_last = tuple(sorted(self._means))

    def look_up(self, terms: Set[str], trigrams: Set[str] = frozenset()) -> None:
        """Read more of both, in one statement if anything of it was not read before."""
        if trigrams or not terms <= self._asked:
            self._read(SOME, terms - self._asked, trigrams)

    def standing(self, terms: Iterable[str]) -> list[Digits]:
        """Return where terms stand that were looked up, as far as they do."""
        return [self._terms[each] for each in terms if each in self._terms]

    def words(self, trigrams: Iterable[str]) -> set[str]:
        """Return the words that have any of the trigrams, as far as those were looked up."""
        return set().union(*(self._words.get(each, ()) for each in trigrams))

    def beginning(self, begun: str) -> list[str]:
        """Return the words that begin like this, the shortest first.

        Their first three letters must have been looked up.
        """
        found = [each for each in self._words.get(begun[:3], ()) if each.startswith(begun)]
        return sorted(found, key=lambda each: (len(each), each))

    def _read(self, statement: CompoundSelect[*Read], terms: Set[str], trigrams: Set[str]) -> None:
        self._asked |= terms
        asked = {"terms": sorted(terms), "trigrams": sorted(trigrams)}
        for key, words, places in self._session.execute(statement, asked).all():
            if places is not None:
                self._terms[key] = postings.read(places)
            elif key:
                self._words[key] = words.split()
            else:
                self._means.append(words)
