"""Finding published materials by words: stems, synonyms, words begun, and words typed wrongly.

Every word typed must stand in a material, as itself, as another form of it or as a synonym. Only
where no material has them all, words that stand nowhere are taken for slips, and after that any
word is enough. Why it is made of plain rows: ADR 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from portal.core.prepared import prepared
from portal.materials.models import Material, SearchTerm, SearchTrigram, SynonymGroup
from portal.materials.policy.access import PUBLISHED
from portal.materials.policy.stemming import equals, is_searched, stems, tokens, trigrams

PAGE = 20
# What is read of what somebody typed.
MOST_LETTERS = 200
MOST_WORDS = 8
# From so many letters on a word may be one that is still being typed, or one typed wrongly.
LEAST_BEGUN, LEAST_SLIPPED = 3, 4
# Up to so many letters one slip is forgiven, beyond that two.
SHORT = 5
MOST_BEGUN, MOST_NEAR = 30, 200
# A material with one word more stands before all that have one less, whatever its words weigh.
EACH_WORD = 1000
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


class Step(StrEnum):
    """How a page was found: with every word, or after words were taken for slips."""

    ALL = "all"
    NEAR = "near"


class Key(NamedTuple):
    """Where a page ends; read back with `paging.position(Step, rank, moment, UUID)`."""

    step: Step
    rank: int
    published_at: datetime
    id: UUID


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


def find(
    session: Session, typed: str, wanted: Wanted, after: Key | None = None, *, limit: int = PAGE
) -> Page:
    """Return a page of the published materials that what was typed leads to, from `after` on.

    Two statements, with a word that seems to be typed wrongly four, however many materials there
    are. What holds no word to look for finds nothing.
    """
    asked = _Asked.read(session, typed)
    if not asked.words:
        return Page()
    if after is None or after.step is Step.ALL:
        rows = _rows(session, asked.groups, wanted, limit, after, least=len(asked.words))
        if rows or after is not None:
            return _page(rows, Step.ALL, limit)
    return _find_near(session, asked, wanted, after, limit)


def best_for(session: Session, words: str, level_group: str | None, limit: int = 3) -> Found:
    """Return rows of COLUMNS of what fits some words best, such as the topic of a visit.

    One word is enough, and the more the better; `level_group` is a name of LEVEL_GROUPS.
    """
    asked = _Asked.read(session, words)
    if not asked.words:
        return ()
    return _rows(session, asked.groups, Wanted(level=level_group or ""), limit)[:limit]


def _names(column: Any, code: str) -> Condition:
    """Return the condition that a list kept as JSON names a code."""
    return cast(column, String).contains(f'"{code}"', autoescape=True)


@dataclass(frozen=True)
class _Asked:
    """What somebody typed, and for each of its words all that it is looked for by."""

    typed: tuple[str, ...]
    words: tuple[str, ...]
    groups: tuple[frozenset[str], ...]
    synonyms: tuple[str, ...]

    @classmethod
    def read(cls, session: Session, text: str) -> _Asked:
        """Read what was typed, with the words that the last one may become."""
        typed = tokens(text[:MOST_LETTERS])
        words = tuple(dict.fromkeys(filter(is_searched, typed)))[:MOST_WORDS]
        last = typed[-1] if typed and text[:MOST_LETTERS][-1:].isalnum() else ""
        begun = last if last in words and len(last) >= LEAST_BEGUN else ""
        synonyms, becoming = _vocabulary(session, begun) if words else ((), ())
        groups = tuple(
            equals(word, synonyms).union(*map(stems, becoming if word == begun else ()))
            for word in words
        )
        return cls(tuple(typed), words, groups, synonyms)

    def instead(self, slips: dict[str, str]) -> _Asked:
        """Return the same with words put in place of those typed wrongly."""
        typed = tuple(slips.get(word, word) for word in self.typed)
        words = tuple(slips.get(word, word) for word in self.words)
        groups = tuple(
            equals(slips[word], self.synonyms) if word in slips else group
            for word, group in zip(self.words, self.groups, strict=True)
        )
        return _Asked(typed, words, groups, self.synonyms)


def _vocabulary(session: Session, begun: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the groups of synonyms, and the words in use that begin like this one."""
    groups = select(SynonymGroup.id.is_not(None).label("is_group"), SynonymGroup.words)
    if not begun:
        found = session.execute(groups).all()
    else:
        # The first three letters are a key; anywhere else in a word they do not help.
        beginning = select(SearchTrigram.word).where(
            SearchTrigram.trigram == begun[:3],
            SearchTrigram.word.startswith(begun, autoescape=True),
        )
        ordered = beginning.order_by(func.length(SearchTrigram.word), SearchTrigram.word)
        words = ordered.limit(MOST_BEGUN).subquery()
        found = session.execute(
            groups.union_all(select(words.c.word.is_(None), words.c.word))
        ).all()
    return (
        tuple(sorted(text for is_group, text in found if is_group)),
        tuple(text for is_group, text in found if not is_group),
    )


def _rows(
    session: Session,
    groups: Sequence[frozenset[str]],
    wanted: Wanted,
    limit: int,
    after: Key | None = None,
    *,
    least: int = 1,
) -> Found:
    """Return up to one row more than asked for, of materials with at least so many of the words."""
    values: dict[str, Any] = {f"word_{place}": sorted(held) for place, held in enumerate(groups)}
    if after is not None:
        values |= {"rank": after.rank, "published_at": after.published_at, "id": after.id}
    every = sorted(frozenset().union(*groups))
    statement, parameters = _ranked(wanted, least, limit, every=every, **values)
    return session.execute(statement, parameters).all()


@prepared
def _ranked(wanted: Wanted, least: int, limit: int, **values: Any) -> Select[*tuple[Any, ...]]:
    term, weight = SearchTerm.term, SearchTerm.weight
    groups = [held for name, held in values.items() if name.startswith("word_")]
    # With one word, every row is one of its own.
    own = [case((term.in_(held), weight)) for held in groups] if len(groups) > 1 else [weight]
    best = [func.max(each + EACH_WORD) for each in own]
    score = sum((func.coalesce(each, 0) for each in best[1:]), func.coalesce(best[0], 0))
    counted = (
        select(SearchTerm.material_id, score.label("rank"))
        .where(term.in_(values["every"]))
        .group_by(SearchTerm.material_id)
        .subquery()
    )
    order = (counted.c.rank, Material.published_at, Material.id)
    found = (
        select(*COLUMNS, counted.c.rank)
        .join(counted, counted.c.material_id == Material.id)
        # Out here: as HAVING, SQLite would reckon the rank twice.
        .where(counted.c.rank >= least * EACH_WORD, PUBLISHED, *wanted.conditions())
    )
    if "rank" in values:
        found = found.where(
            _beyond(order, [values[name] for name in ("rank", "published_at", "id")])
        )
    return found.order_by(*(each.desc() for each in order)).limit(limit + 1)


def _beyond(order: Sequence[Any], key: Sequence[Any]) -> Condition:
    ranked, published_at, material_id = order
    return or_(
        ranked < key[0],
        and_(ranked == key[0], published_at < key[1]),
        and_(ranked == key[0], published_at == key[1], material_id < key[2]),
    )


def _page(rows: Found, step: Step, limit: int, **more: Any) -> Page:
    shown = rows[:limit]
    if len(rows) <= limit:
        return Page(shown, **more)
    last = shown[-1]
    return Page(shown, next=Key(step, last.rank, last.published_at, last.id), **more)


def _find_near(
    session: Session, asked: _Asked, wanted: Wanted, after: Key | None, limit: int
) -> Page:
    """Look once more, with what was meant in place of words that stand nowhere."""
    slips = _slips(session, asked)
    meant = asked.instead(slips)
    rows = _rows(session, meant.groups, wanted, limit, after)
    whole = len(meant.words) * EACH_WORD
    best = after.rank if after else rows[0].rank if rows else 0
    partly = best < whole
    return _page(
        rows if partly else [row for row in rows if row.rank >= whole],
        Step.NEAR,
        limit,
        corrected=" ".join(meant.typed) if slips and rows else None,
        partly=partly and bool(rows),
    )


def _slips(session: Session, asked: _Asked) -> dict[str, str]:
    """Return for words that stand nowhere the nearest that do, if there are any near enough."""
    every = frozenset().union(*asked.groups)
    suspects = [word for word in asked.words if len(word) >= LEAST_SLIPPED and word.isalpha()]
    letters = frozenset().union(*map(trigrams, suspects))
    known = select(SearchTerm.term.is_(None).label("is_near"), SearchTerm.term.label("text"))
    shared = func.count().desc()
    near = (
        select(SearchTrigram.word)
        .where(SearchTrigram.trigram.in_(sorted(letters)))
        .group_by(SearchTrigram.word)
        .order_by(shared, SearchTrigram.word)
        .limit(MOST_NEAR)
        .subquery()
    )
    found = session.execute(
        known.where(SearchTerm.term.in_(sorted(every)))
        .distinct()
        .union_all(select(near.c.word.is_not(None), near.c.word))
    ).all()
    standing = {text for is_near, text in found if not is_near}
    words = [text for is_near, text in found if is_near]
    words += [word for group in asked.synonyms for word in group.split()]
    nearest = {
        word: _nearest(word, words)
        for word, group in zip(asked.words, asked.groups, strict=True)
        if word in suspects and standing.isdisjoint(group)
    }
    return {word: meant for word, meant in nearest.items() if meant is not None}


def _nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word with the fewest letters wrong, left out, added or changed about."""
    # Loaded on first use: most who search type no wrong word.
    from rapidfuzz.distance import OSA

    allowed = 1 if len(word) <= SHORT else 2
    near = [
        (OSA.distance(word, each, score_cutoff=allowed), each[0] != word[0], each) for each in words
    ]
    # Among equals the one with the most letters in common, as the list comes.
    # A word that is known and stands nowhere is no slip.
    best = min((each for each in near if each[0] <= allowed), key=lambda e: e[:2], default=None)
    return best[2] if best and best[0] else None
