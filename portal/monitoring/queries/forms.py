"""The forms a teacher is asked for, and what was answered."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.monitoring.models import FormAnswers, MonitoringForm
from portal.monitoring.policy import access


def get_fillable(session: Session, actor: Actor, public_id: str) -> MonitoringForm | None:
    """Return a form the actor is asked for now, or has sent."""
    return session.scalar(
        select(MonitoringForm).where(MonitoringForm.public_id == public_id, access.filled_by(actor))
    )


def get_asked(session: Session, actor: Actor, public_id: str) -> MonitoringForm | None:
    """Return a form about a child the actor is asked for now, also one a colleague sent."""
    return session.scalar(
        select(MonitoringForm).where(
            MonitoringForm.public_id == public_id,
            MonitoringForm.follow_up_id.in_(access.watched_by(actor)),
        )
    )


def asked_among(
    session: Session, actor: Actor, public_ids: Collection[str]
) -> list[MonitoringForm]:
    """Return those of the named forms whose child the actor is asked for now."""
    return list(
        session.scalars(
            select(MonitoringForm).where(
                MonitoringForm.public_id.in_(public_ids),
                MonitoringForm.follow_up_id.in_(access.watched_by(actor)),
            )
        )
    )


def answers_of(session: Session, form_id: UUID) -> list[FormAnswers]:
    """Return what was sent for a form, the newest version last."""
    return list(
        session.scalars(
            select(FormAnswers).where(FormAnswers.form_id == form_id).order_by(FormAnswers.number)
        )
    )


def latest_answers(session: Session, form_ids: Collection[UUID]) -> dict[UUID, FormAnswers]:
    """Return the answers that count, by form; forms that were not sent are left out."""
    newest = (
        select(FormAnswers.form_id, func.max(FormAnswers.number).label("number"))
        .where(FormAnswers.form_id.in_(form_ids))
        .group_by(FormAnswers.form_id)
        .subquery()
    )
    counting = and_(FormAnswers.form_id == newest.c.form_id, FormAnswers.number == newest.c.number)
    found = session.scalars(select(FormAnswers).join(newest, counting))
    return {each.form_id: each for each in found}
