"""Wording letters: what is written becomes a new edition, and the old ones stay."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.visits.events import LetterReworded
from portal.visits.models import LetterKind, LetterTemplate
from portal.visits.policy.letters import check_wording


@dataclass(frozen=True)
class Words:
    """How a letter is worded, and where that comes from."""

    code: str
    subject: str
    body: str
    source: str


def reword(
    session: Session, actor: Actor, kind: LetterKind, language: str, words: Words
) -> LetterTemplate:
    """Write the next edition of a wording; letters made out before keep theirs.

    Raises Rejected("not_allowed"), Rejected("state_changed") when a colleague wrote one at the
    same moment, and what `policy.letters.check_wording` raises.
    """
    if not actor.may(Permission.LETTER_FORMAT_WRITE):
        raise Rejected("not_allowed")
    check_wording(kind, words.subject, words.body)
    newest = select(func.max(LetterTemplate.edition)).where(
        LetterTemplate.kind == kind, LetterTemplate.language == language
    )
    edition = LetterTemplate(
        kind=kind,
        language=language,
        edition=(session.scalar(newest) or 0) + 1,
        code=words.code,
        subject=words.subject,
        body=words.body,
        source=words.source,
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(edition)
    except IntegrityError as error:
        raise Rejected("state_changed") from error
    emit(
        session,
        actor,
        LetterReworded(edition.id, kind=kind, language=language, edition=edition.edition),
    )
    return edition
