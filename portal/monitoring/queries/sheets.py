"""One form as the page of its teacher shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.cases.models import Case
from portal.core import i18n
from portal.core.access import Actor
from portal.core.drafts import Draft
from portal.core.prepared import prepared
from portal.monitoring.models import (
    FollowUp,
    Instrument,
    MonitoringForm,
    Reply,
    ReturnPlan,
)
from portal.monitoring.policy import access
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.queries.instruments import answer_text, items_of, text_of
from portal.monitoring.states import FormKind, FormState
from portal.people.models import User


@dataclass(frozen=True)
class Sheet:
    """A form with what stands around it."""

    form: MonitoringForm
    follow_up: FollowUp
    edition: Instrument
    # Who manages the case, and who sent the form, as far as there is somebody.
    manager: User | None
    sender: User | None
    # The shared plan, where this teacher may read it.
    plan_id: str | None
    # Which regular form this is, and how many are planned as things stand.
    place: int
    planned: int
    # What was typed on its page and not sent yet, and what the office answered to this teacher's
    # forms and they did not see yet.
    kept: Draft | None
    replies: tuple[Reply, ...]

    @property
    def regular(self) -> bool:
        """Say whether it is one of the planned row."""
        return self.form.kind == FormKind.REGULAR


@dataclass(frozen=True)
class Said:
    """One answer in words."""

    question: str
    answer: str


def get_sheet(session: Session, actor: Actor, public_id: str, page: str) -> Sheet | None:
    """Return a form whose page the actor may open: asked for, or sent by them or a colleague.

    With one statement; `page` is the address under which its draft is kept.
    """
    rows = session.execute(*_sheet(actor, public_id=public_id, page=page)).all()
    if not rows:
        return None
    form, follow_up, edition, managing, sending, kept, _reply, plan_id, number = rows[0]
    rhythm = sum(times for _weeks, times in edition.rhythm)
    # One that waits is not among the steps yet.
    done = number - (form.state == FormState.WAITING)
    return Sheet(
        form,
        follow_up,
        edition,
        managing,
        sending,
        plan_id,
        place=number,
        # After a red flag the row begins anew: what was done before comes on top.
        planned=max(done + rhythm - follow_up.step, number),
        kept=kept,
        replies=tuple(dict.fromkeys(row.Reply for row in rows if row.Reply is not None)),
    )


@prepared
def _sheet(actor: Actor, *, public_id: str, page: str) -> Select[*tuple[Any, ...]]:
    """Select a form with what stands around it, once for each answer its teacher did not see."""
    row, answered = aliased(MonitoringForm), aliased(MonitoringForm)
    place = (
        select(func.count())
        .where(
            row.follow_up_id == MonitoringForm.follow_up_id,
            row.kind == FormKind.REGULAR,
            row.number <= MonitoringForm.number,
        )
        .scalar_subquery()
    )
    plan = (
        select(func.max(ReturnPlan.public_id))
        .where(ReturnPlan.case_id == FollowUp.case_id, access.plans_read_by(actor))
        .scalar_subquery()
    )
    manager, sender = aliased(User), aliased(User)
    unseen = and_(Reply.form_id == answered.id, Reply.seen_at.is_(None))
    theirs = and_(
        answered.follow_up_id == MonitoringForm.follow_up_id,
        answered.sent_by == actor.user_id,
        # Not a row for each form that was ever sent.
        exists().where(unseen).correlate(answered),
    )
    return (
        select(MonitoringForm, FollowUp, Instrument, manager, sender, Draft, Reply, plan, place)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .join(Instrument, Instrument.id == MonitoringForm.instrument_id)
        .join(Case, Case.id == FollowUp.case_id)
        .outerjoin(manager, manager.id == Case.manager_id)
        .outerjoin(sender, sender.id == MonitoringForm.sent_by)
        .outerjoin(Draft, and_(Draft.user_id == actor.user_id, Draft.page == page))
        .outerjoin(answered, theirs)
        .outerjoin(Reply, unseen)
        .where(
            MonitoringForm.public_id == public_id,
            access.shown_to(actor),
        )
        .order_by(Draft.saved_at.desc(), Reply.written_at)
    )


def unseen_replies(session: Session, actor: Actor, follow_up_id: UUID) -> list[Reply]:
    """Return what the office answered to this teacher's forms and they did not see yet."""
    return list(
        session.scalars(
            select(Reply)
            .join(MonitoringForm, MonitoringForm.id == Reply.form_id)
            .where(
                MonitoringForm.follow_up_id == follow_up_id,
                MonitoringForm.sent_by == actor.user_id,
                Reply.seen_at.is_(None),
            )
            .order_by(Reply.written_at)
        )
    )


def replies_to(session: Session, form_id: UUID) -> list[Reply]:
    """Return what the office answered to a form, the newest last."""
    return list(
        session.scalars(select(Reply).where(Reply.form_id == form_id).order_by(Reply.written_at))
    )


def in_words(edition: Instrument, filled: Filled, *, flags_answered: bool = True) -> list[Said]:
    """Return answers question by question, in the reader's language; what is open is left out."""
    content: dict[str, Any] = edition.content
    flags = [text_of(flag["text"]) for flag in content["flags"] if flag["code"] in filled.flags]
    if flags_answered and not flags:
        flags = [i18n.gettext("None of these")]
    rows = [
        Said(text_of(item["text"]), answer_text(edition, filled.items[item["code"]]))
        for item in items_of(content)
        if item["code"] in filled.items
    ]
    return [*(Said(i18n.gettext("Red flags"), flag) for flag in flags), *rows]
