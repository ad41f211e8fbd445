"""The forms a teacher is asked for, and what was answered."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.core.access import Actor
from portal.core.prepared import prepared
from portal.monitoring.models import FormAnswers, MonitoringForm
from portal.monitoring.policy import access
from portal.monitoring.states import FormState


def get_fillable(session: Session, actor: Actor, public_id: str) -> MonitoringForm | None:
    """Return a form the actor is asked for now, or has sent."""
    return session.scalar(
        select(MonitoringForm).where(MonitoringForm.public_id == public_id, access.filled_by(actor))
    )


def get_asked(session: Session, actor: Actor, public_id: str) -> MonitoringForm | None:
    """Return a form about a child the actor is asked for now, also one a colleague sent, or one
    they have sent.
    """
    return session.scalars(*_asked(actor, public_id=public_id)).one_or_none()


@prepared
def _asked(actor: Actor, *, public_id: str) -> Select[MonitoringForm]:
    return select(MonitoringForm).where(
        MonitoringForm.public_id == public_id, access.shown_to(actor)
    )


def asked_among(
    session: Session, actor: Actor, public_ids: Collection[str]
) -> list[MonitoringForm]:
    """Return those of the named forms that the actor is asked for now, or has sent."""
    return list(
        session.scalars(
            select(MonitoringForm).where(
                MonitoringForm.public_id.in_(public_ids), access.shown_to(actor)
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


def answers_up_to(session: Session, form: MonitoringForm, most: int) -> list[FormAnswers]:
    """Return the answers that count of a sent form and of those before it, the newest form first.

    They are about the same child at the same school, `most` at most.
    """
    asked = _answers_up_to(most, follow_up_id=form.follow_up_id, number=form.number)
    return list(session.scalars(*asked))


@prepared
def _answers_up_to(most: int, *, follow_up_id: UUID, number: int) -> Select[FormAnswers]:
    newer = aliased(FormAnswers)
    corrected = exists().where(
        newer.form_id == FormAnswers.form_id, newer.number > FormAnswers.number
    )
    return (
        select(FormAnswers)
        .join(MonitoringForm, MonitoringForm.id == FormAnswers.form_id)
        .where(
            MonitoringForm.follow_up_id == follow_up_id,
            MonitoringForm.number <= number,
            MonitoringForm.state == FormState.SENT,
            ~corrected,
        )
        .order_by(MonitoringForm.number.desc())
        .limit(most)
    )
