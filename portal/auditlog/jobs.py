"""How long the registers of trust know whom they are about, and whom the portal asks next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.auditlog.actions.breaches import KEEPERS, REPORT
from portal.auditlog.actions.requests import ANSWER
from portal.auditlog.events import RequestEmptied
from portal.auditlog.models import DataRequest
from portal.core import i18n, ladders, retention, schedule
from portal.core.access import Role
from portal.core.events import emit
from portal.core.ladders import Ladder
from portal.core.retention import Rule, register
from portal.core.schedule import Job, Outcome, Workshop

_ = i18n.lazy

# Nobody's index; the mark of a request that no longer knows whom it is about.
NOBODY = b""


def _old_requests(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(DataRequest.id, DataRequest.closed_at).where(
        DataRequest.closed_at < before, DataRequest.subject_index != NOBODY
    )


def _empty(session: Session, keys: Sequence[UUID]) -> int:
    """Forget the people; number, kind and dates stay for the office's statistics."""
    # Through the records: texts are encrypted for their row.
    found = session.scalars(select(DataRequest).where(DataRequest.id.in_(keys))).all()
    for request in found:
        request.requester = request.contact = request.data_subject = request.wish = ""
        request.identity_note = request.answer = ""
        request.subject_index, request.account_id = NOBODY, None
        emit(session, None, RequestEmptied(request.id))
    return len(found)


register(
    Rule(
        "data_requests",
        _("The people in closed data requests"),
        "keep_requests_years",
        _old_requests,
        _empty,
        (DataRequest.id, DataRequest.account_id),
    )
)
ladders.register(
    Ladder(ANSWER, then=(Role.DIVISION_HEAD,)),
    Ladder(REPORT, then=(Role.OFFICE_HEAD,), rings=KEEPERS),
)


def _let_go(shop: Workshop) -> Outcome:
    """Let everything go whose time is over, in all features."""
    return {"gone": sum(done.count for done in retention.run(shop.database, None))}


schedule.register(
    Job(
        "retention",
        _("Letting go what was kept long enough"),
        _let_go,
        at=time(1, 30),
        figures={"gone": _("records gone")},
    )
)
