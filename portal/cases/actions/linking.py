"""Cases that belong together: siblings, the same event, one child opened twice."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, write_entry
from portal.cases.events import CasesLinked
from portal.cases.models import Case, CaseLink
from portal.cases.queries import identity
from portal.cases.states import CaseRelation, EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


def link(session: Session, actor: Actor, case: Case, typed: str, relation: CaseRelation) -> None:
    """Note that another case, named by its number, belongs to this one.

    Raises what `begin` raises, and Rejected at "case_number": "case_unknown", "same_case" or
    "cases_linked".
    """
    begin(session, actor, case)
    other = identity.find_number(session, actor, typed)
    if other is None:
        raise Rejected("case_unknown", "case_number")
    if other.id == case.id:
        raise Rejected("same_case", "case_number")
    if identity.link_between(session, case.id, other.id) is not None:
        raise Rejected("cases_linked", "case_number")
    join(session, actor, case, other, relation)


def join(session: Session, actor: Actor, case: Case, other: Case, relation: CaseRelation) -> None:
    """Write down that two cases belong together; their callers know that they may."""
    first, second = sorted((case.id, other.id))
    session.add(
        CaseLink(
            id=new_id(),
            case_id=first,
            other_id=second,
            relation=relation,
            linked_by=actor.user_id,
            linked_at=clock.now(),
        )
    )
    facts = {"what": "linked", "relation": str(relation)}
    write_entry(session, actor, case, EntryKind.IDENTITY, facts=facts, record_id=other.id)
    emit(session, actor, CasesLinked(case.id, other.id, relation))


def unlink(session: Session, actor: Actor, case: Case, other: Case) -> None:
    """Take back that two cases belong together; raises what `begin` raises."""
    begin(session, actor, case)
    found = identity.link_between(session, case.id, other.id)
    if found is not None:
        session.delete(found)
        facts = {"what": "unlinked"}
        write_entry(session, actor, case, EntryKind.IDENTITY, facts=facts, record_id=other.id)
