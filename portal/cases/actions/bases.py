"""The regulations decisions rest on: dated records that the office keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.cases.events import LegalBasisChanged
from portal.cases.models import LegalBasis
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


@dataclass(frozen=True)
class BasisFacts:
    """What is known of a regulation."""

    citation: str
    title: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = ""
    checked_on: date | None = None
    note: str = ""


def add_basis(session: Session, actor: Actor, facts: BasisFacts) -> LegalBasis:
    """Write a regulation down; raises what `change_basis` raises."""
    basis = LegalBasis(id=new_id())
    session.add(basis)
    change_basis(session, actor, basis, facts)
    return basis


def change_basis(session: Session, actor: Actor, basis: LegalBasis, facts: BasisFacts) -> None:
    """Change what is known of a regulation.

    Decisions of former days keep naming it. Raises Rejected("not_allowed"), or
    Rejected("days_order") when it would end before it begins.
    """
    if not actor.may(Permission.SOP_WRITE):
        raise Rejected("not_allowed")
    if facts.valid_from and facts.valid_until and facts.valid_until < facts.valid_from:
        raise Rejected("days_order", "valid_until")
    for name, value in vars(facts).items():
        setattr(basis, name, value)
    basis.changed_by = actor.user_id
    emit(session, actor, LegalBasisChanged(basis.id))
