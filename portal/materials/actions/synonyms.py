"""Which words mean the same to whoever searches: added, changed, taken out by the office."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.materials.events import SynonymsChanged
from portal.materials.models import SynonymGroup
from portal.materials.policy.stemming import words

# Every search reads all of them.
MOST_GROUPS, MOST_WORDS = 100, 30


def add(session: Session, actor: Actor, typed: str) -> SynonymGroup:
    """Add a group of words; raises Rejected("not_allowed") or "synonyms_..." (see `change`)."""
    _check(actor)
    kept = _kept(typed)
    if (session.scalar(select(func.count()).select_from(SynonymGroup)) or 0) >= MOST_GROUPS:
        raise Rejected("synonyms_full", most=MOST_GROUPS)
    made = SynonymGroup(id=new_id(), words=kept)
    session.add(made)
    emit(session, actor, SynonymsChanged(made.id))
    return made


def change(session: Session, actor: Actor, group: SynonymGroup, typed: str) -> None:
    """Change the words of a group.

    Raises Rejected("not_allowed"), "synonyms_too_few", "synonyms_too_many" or "synonyms_too_long".
    """
    _check(actor)
    group.words = _kept(typed)
    emit(session, actor, SynonymsChanged(group.id))


def remove(session: Session, actor: Actor, group: SynonymGroup) -> None:
    """Take a group out; raises Rejected("not_allowed")."""
    _check(actor)
    session.delete(group)
    emit(session, actor, SynonymsChanged(group.id))


def _kept(typed: str) -> str:
    """Return words as they are kept: small letters, each once, as the search reads them."""
    found = list(dict.fromkeys(words(typed)))
    if len(found) < 2:
        raise Rejected("synonyms_too_few", "words")
    if len(found) > MOST_WORDS:
        raise Rejected("synonyms_too_many", "words", most=MOST_WORDS)
    kept = " ".join(found)
    if len(kept) > SynonymGroup.words.type.length:
        raise Rejected("synonyms_too_long", "words")
    return kept


def _check(actor: Actor) -> None:
    if not actor.may(Permission.MATERIAL_WRITE):
        raise Rejected("not_allowed")
