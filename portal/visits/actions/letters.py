"""Making out letters, taking their signed scans, and wording the next ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock, files, settings
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store, StoredFile
from portal.core.numbering import MOST_TRIES
from portal.schools.models import School
from portal.visits.actions.deciding import read_anew
from portal.visits.events import LetterMade, LetterReturned
from portal.visits.models import Letter, LetterKind, Visit
from portal.visits.policy import letters as policy

# The office's own register; a school's is called by its public id.
OFFICE_BOOK = "office"
# People photograph paper more often than they scan it.
SIGNED = files.IMAGES | {files.PDF}


@dataclass(frozen=True)
class Order:
    """Which letter is wanted; `own_number` is from a school's own register of letters."""

    kind: LetterKind
    language: str
    own_number: str = ""


def make_out(
    session: Session,
    actor: Actor,
    visit: Visit,
    school: School,
    order: Order,
    code: str,
    printed: Mapping[str, Any],
) -> Letter:
    """Make out a letter under the next number of its register, as `printed`.

    Raises Rejected("letter_not_possible") where the session is not in the right state for it, or
    somebody else makes it out.
    """
    read_anew(session, visit)
    if order.kind not in policy.possible_for(actor, visit):
        raise Rejected("letter_not_possible")
    letter = Letter(
        visit_id=visit.id,
        kind=order.kind,
        language=order.language,
        book=school.public_id if order.kind in policy.OF_SCHOOL else OFFICE_BOOK,
        year=clock.today().year,
        content=json.dumps(printed, ensure_ascii=False),
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    _enter(session, letter, school, code, order.own_number)
    emit(session, actor, LetterMade(letter.id, visit_id=visit.id, kind=order.kind))
    return letter


def _enter(session: Session, letter: Letter, school: School, code: str, own_number: str) -> None:
    """Write a letter under the next number, also when two are made out at once.

    As in `core.numbering`: the second transaction waits for the first and looks again, and a
    rollback leaves no gap.
    """
    for tries_left in reversed(range(MOST_TRIES)):
        letter.sequence = _next(session, letter.book, letter.year)
        letter.number = own_number or _number(session, letter, school, code)
        try:
            with session.begin_nested():
                session.add(letter)
        except IntegrityError:
            if not tries_left:
                raise
        else:
            return


def _next(session: Session, book: str, year: int) -> int:
    last = select(func.max(Letter.sequence)).where(Letter.book == book, Letter.year == year)
    return (session.scalar(last) or 0) + 1


def _number(session: Session, letter: Letter, school: School, code: str) -> str:
    office = settings.read(session)
    of_office = letter.book == OFFICE_BOOK
    parts = {
        "number": f"{letter.sequence:03d}",
        "code": code,
        "month_roman": policy.ROMAN[clock.today().month - 1],
        "year": str(letter.year),
        "office": office["letter_office_code"] if of_office else school.npsn,
    }
    return policy.number_of(office["letter_number_pattern"], parts)


def take_back_signed(
    session: Session, actor: Actor, store: Store, visit: Visit, letter: Letter, scan: files.Checked
) -> None:
    """Keep the signed scan of a letter; it takes the place of an earlier one.

    Raises Rejected("not_allowed") and what `core.files.keep` raises.
    """
    if letter.kind not in policy.letters_of(actor, visit):
        raise Rejected("not_allowed")
    replaced = session.get(StoredFile, letter.signed_file_id) if letter.signed_file_id else None
    name = letter.number.replace("/", "-")
    kept = files.keep(session, store, name, scan, SIGNED, actor.user_id)
    letter.signed_file_id = kept.id
    letter.signed_at = clock.now()
    letter.signed_by = actor.user_id
    session.flush()
    if replaced is not None:
        files.discard(session, store, replaced)
        session.flush()
    emit(session, actor, LetterReturned(letter.id, visit_id=visit.id, kind=letter.kind))
