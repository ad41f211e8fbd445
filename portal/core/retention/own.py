"""The rules for what the core itself keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.core import audit, clock, i18n, limits
from portal.core.audit import AuditEntry
from portal.core.drafts import Draft
from portal.core.duties import Duty
from portal.core.limits import DailySalt, RateCounter
from portal.core.links import LinkDay
from portal.core.receipts import Receipt
from portal.core.retention.holds import held
from portal.core.retention.keeping import Rule, deleting, register

_ = i18n.lazy
# The trail goes only from its beginning on; each step leaves a mark, so steps are large.
TRAIL_BATCH = 20_000


def _old_drafts(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(Draft.id, Draft.saved_at).where(Draft.saved_at < before)


def _old_receipts(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(Receipt.digest, Receipt.done_at).where(Receipt.done_at < before)


def _old_duties(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(Duty.id, Duty.closed_at).where(Duty.closed_at < before)


def _old_openings(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(LinkDay.day, LinkDay.day).where(LinkDay.day < before.date())


def _spent_counters(moment: datetime) -> Select[*tuple[Any, ...]]:
    return select(RateCounter.key, RateCounter.expires_at).where(RateCounter.expires_at <= moment)


def _forget_counters(session: Session, _keys: Sequence[Any]) -> int:
    # Looks again at the time: a counter may have begun anew since it was listed.
    return limits.forget_expired(session)


def _spent_salts(_moment: datetime) -> Select[*tuple[Any, ...]]:
    return select(DailySalt.day, DailySalt.day).where(DailySalt.day < clock.today())


def _forget_salts(session: Session, _keys: Sequence[Any]) -> int:
    return limits.forget_old_salts(session)


def _old_entries(before: datetime) -> Select[*tuple[Any, ...]]:
    """Select from the beginning of the trail up to the first entry that must stay."""
    later = aliased(AuditEntry)
    newest = select(func.max(AuditEntry.seq)).scalar_subquery()
    first_kept = select(func.min(later.seq)).where(
        or_(later.at >= before, later.seq == newest, held(later.subject_id, later.actor_id))
    )
    return select(AuditEntry.seq, AuditEntry.at).where(
        AuditEntry.seq < first_kept.scalar_subquery()
    )


def _purge(session: Session, keys: Sequence[int]) -> int:
    first_kept = select(AuditEntry.at).where(AuditEntry.seq == max(keys) + 1)
    return audit.purge(session, session.scalars(first_kept).one())


register(
    Rule(
        "drafts",
        _("What was typed and not sent"),
        "keep_drafts_days",
        _old_drafts,
        deleting(Draft, Draft.id),
        (Draft.user_id,),
    )
)
register(
    Rule(
        "receipts",
        _("Marks that a form was sent"),
        "keep_receipts_days",
        _old_receipts,
        deleting(Receipt, Receipt.digest),
    )
)
register(
    Rule(
        "duties",
        _("To-dos that are done"),
        "keep_duties_days",
        _old_duties,
        deleting(Duty, Duty.id),
        (Duty.subject_id, Duty.person_id),
    )
)
register(
    Rule(
        "link_openings",
        _("How often short links were opened, day by day"),
        "keep_openings_years",
        _old_openings,
        deleting(LinkDay, LinkDay.day),
    )
)
register(Rule("counters", _("Counters of tries"), None, _spent_counters, _forget_counters))
register(Rule("salts", _("Daily secrets of those counters"), None, _spent_salts, _forget_salts))
register(
    Rule(
        "trail",
        _("The trail itself"),
        "keep_audit_years",
        _old_entries,
        _purge,
        batch=TRAIL_BATCH,
    )
)
