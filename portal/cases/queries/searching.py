"""Finding a case, and finding a word inside one.

Names and stories are encrypted, so they are opened one by one: only those of the cases in
somebody's own hands, and never more of them than the bounds below.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, literal, or_, select
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseEntry, Child
from portal.cases.states import EntryKind
from portal.core import crypto
from portal.core.access import Actor
from portal.core.crypto import place_of
from portal.core.prepared import prepared
from portal.schools import queries as schools
from portal.schools.models import School

MOST_NAMES = 500
MOST_ENTRIES = 2000
NISN = re.compile(r"\d{8,10}")
# What shows that text was typed: an apostrophe, a dot or a hyphen of a name finds as well.
WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Return a text as it is searched: without capitals, accents and double spaces."""
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def fits(wanted: str, *texts: str) -> bool:
    """Say whether every word that is looked for stands somewhere in these texts."""
    words = folded(wanted).split()
    everything = folded(" ".join(texts))
    return bool(words) and all(word in everything for word in words)


def found_by(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Return the condition for the cases somebody looks for, besides `policy.listed_to`.

    By number; by school where the file is open to them; by the child's name or NISN only where they
    work on the case themselves.
    """
    number = text.upper().replace(" ", "-")
    ways = [Case.number.contains(number, autoescape=True)]
    words = schools.words(text)
    if words:
        named = select(School.id).where(*(schools.mentions(word) for word in words))
        ways.append(and_(Case.school_id.in_(named), policy.open_to(actor)))
    if NISN.fullmatch(text):
        same = select(Child.id).where(Child.nisn_index == crypto.blind_index("nisn", text))
        ways.append(and_(Case.child_id.in_(same), policy.worked_on_by(actor)))
    elif WORD.search(text) and not text.isdigit():
        ways.append(Case.id.in_(_of_children_called(session, actor, text)))
    return or_(*ways)


def _of_children_called(session: Session, actor: Actor, text: str) -> list[UUID]:
    """Return the newest cases in somebody's hands whose child's name fits."""
    rows = session.execute(*_children(actor))
    return [row.id for row in rows if fits(text, *_names_of(row))]


@prepared
def _children(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(Case.id, Child.id.label("child_id"), Child.full_name, Child.called)
        .join(Child, Child.id == Case.child_id)
        .where(policy.worked_on_by(actor))
        .order_by(Case.id.desc())
        .limit(MOST_NAMES)
    )


def _names_of(row: Row[*tuple[Any, ...]]) -> tuple[str, str]:
    table, key = Child.__tablename__, row.child_id
    return (
        row.full_name.open(place_of(table, "full_name", key)),
        row.called.open(place_of(table, "called", key)),
    )


def entries_with(
    session: Session,
    case_id: UUID,
    kinds: frozenset[EntryKind],
    text: str,
    after: tuple[Any, ...] | None,
    most: int,
) -> list[UUID]:
    """Return the newest lines of a case whose words fit, at most `most`.

    `after` is the key (moment, id) of the line before. At most MOST_ENTRIES lines are opened.
    """
    query = select(CaseEntry.id, CaseEntry.text).where(
        CaseEntry.case_id == case_id, CaseEntry.kind.in_(sorted(kinds))
    )
    if after is not None:
        query = query.where(older_than(after))
    newest = CaseEntry.at.desc(), CaseEntry.id.desc()
    rows = session.execute(query.order_by(*newest).limit(MOST_ENTRIES))
    return list(islice((row.id for row in rows if fits(text, _words_of(row))), most))


def _words_of(row: Row[*tuple[Any, ...]]) -> str:
    words: str = row.text.open(place_of(CaseEntry.__tablename__, "text", row.id))
    return words


def older_than(key: tuple[Any, ...]) -> ColumnElement[bool]:
    """Return the condition for the lines of a timeline that come after a key (moment, id)."""
    columns = (CaseEntry.at, CaseEntry.id)
    bound = row_of(*map(literal, key, (column.type for column in columns)))
    return row_of(*columns) < bound
