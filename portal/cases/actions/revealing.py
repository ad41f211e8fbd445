"""Opening who a child is, or a whole file, for a while and with a reason."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.events import CaseRevealed
from portal.cases.models import Case, CaseReveal
from portal.cases.queries import files
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people.queries.confidential import in_conflict


def reveal(session: Session, actor: Actor, case: Case, reason: str) -> CaseReveal:
    """Open a case for somebody until the time of the setting is over.

    Raises Rejected("not_allowed"), also for whoever stands on its conflict list, and for a division
    head whose word nothing in it waits for.
    """
    waits = files.something_waits_for(session, actor, case.id)
    allowed = policy.may_reveal(actor, decides_something=waits)
    if not allowed or in_conflict(session, actor, case.id):
        raise Rejected("not_allowed")
    moment = clock.now()
    opened = CaseReveal(
        id=new_id(),
        case_id=case.id,
        user_id=actor.user_id,
        reason=reason,
        opened_at=moment,
        expires_at=moment + timedelta(minutes=settings.read(session)["reveal_minutes"]),
    )
    session.add(opened)
    emit(session, actor, CaseRevealed(case.id))
    return opened
