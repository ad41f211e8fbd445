"""How long reporters can come back, and whom the portal asks next about reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, not_, or_, select, update
from sqlalchemy.orm import Session

from portal.core import i18n, ladders, schedule, settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.files import store_from
from portal.core.ladders import Ladder
from portal.core.retention import Rule, held, limit_of, register
from portal.core.schedule import Job, Workshop
from portal.incidents.actions.arriving import DECIDE, QUARANTINE, READ, REPLY, URGENT
from portal.incidents.actions.conversing import READ_REPLY
from portal.incidents.actions.forgetting import discard_evidence, forget_reports
from portal.incidents.models import Report, ReportEntry, ReportFile
from portal.incidents.queries.conversation import SPOKEN
from portal.incidents.states import Outcome, ReportState

_ = i18n.lazy

UPWARDS = (Role.COORDINATOR, Role.DIVISION_HEAD)


def _old_conversations(before: datetime) -> Select[*tuple[Any, ...]]:
    spoken = exists().where(ReportEntry.report_id == Report.id, ReportEntry.kind.in_(SPOKEN))
    return select(Report.id, Report.closed_at).where(
        Report.state == ReportState.CLOSED,
        Report.closed_at < before,
        or_(Report.secret_hash != "", spoken),
    )


def _forget_conversations(session: Session, keys: Sequence[UUID]) -> int:
    """Delete what was written to and fro, and let the codes open nothing; the reports stay."""
    of_these = ReportEntry.report_id.in_(keys), ReportEntry.kind.in_(SPOKEN)
    session.execute(delete(ReportEntry).where(*of_these))
    session.execute(
        update(Report).where(Report.id.in_(keys)).values(secret_hash="", version=Report.version + 1)
    )
    return len(keys)


register(
    Rule(
        "report_conversations",
        _("What reporters and the office wrote to each other, after the report is finished"),
        "keep_report_inbox_days",
        _old_conversations,
        _forget_conversations,
        (Report.id,),
    )
)
ladders.register(
    Ladder(READ_REPLY, then=UPWARDS, rings=(Role.SOCIAL_WORKER,)),
    Ladder(URGENT, then=UPWARDS, rings=(Role.SOCIAL_WORKER,)),
    Ladder(READ, then=UPWARDS),
    Ladder(REPLY, then=UPWARDS),
    Ladder(DECIDE, then=UPWARDS),
    Ladder(QUARANTINE),
)


def _old_spam(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(Report.id, Report.closed_at).where(
        Report.state == ReportState.CLOSED,
        Report.outcome == Outcome.SPAM,
        Report.closed_at < before,
    )


def _old_spam_without_evidence(before: datetime) -> Select[*tuple[Any, ...]]:
    # What was handed in with it goes a little earlier, in a job that knows where files lie.
    return _old_spam(before).where(~exists().where(ReportFile.report_id == Report.id))


SPAM = register(
    Rule(
        "report_spam",
        _("Reports that were none (spam)"),
        "keep_spam_days",
        _old_spam_without_evidence,
        forget_reports,
        (Report.id,),
    )
)


def _discard_evidence(shop: Workshop) -> schedule.Outcome:
    store = store_from(shop.settings.storage_url, shop.settings.data_dir)
    with shop.database.writer() as session, transaction(session):
        old = _old_spam(limit_of(SPAM, settings.read(session))).where(not_(held(Report.id)))
        keys = [row.id for row in session.execute(old)]
        return {"gone": discard_evidence(session, store, keys)}


schedule.register(
    Job(
        "report_evidence",
        _("Deleting what was handed in with spam"),
        _discard_evidence,
        at=time(1, 15),
        figures={"gone": _("records gone")},
    )
)
