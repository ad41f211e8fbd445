"""What both sides of an MoU promise beside the sessions of each year, and whether they kept it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.actions import agreement
from portal.schools.events import (
    ObligationAdded,
    ObligationChanged,
    ObligationMet,
    ObligationOpenAgain,
    ObligationRemoved,
)
from portal.schools.models import Mou, MouObligation, Side


@dataclass(frozen=True)
class Promise:
    """What one side promises, and (if there is one) the day by which."""

    side: Side
    text: str
    due_on: date | None = None


def write_down(session: Session, mou: Mou, promises: Iterable[Promise]) -> None:
    """Write down the promises of a new MoU, in their order."""
    session.add_all(
        MouObligation(id=new_id(), mou_id=mou.id, position=position, **asdict(promise))
        for position, promise in enumerate(promises)
    )


def add_obligation(session: Session, actor: Actor, mou: Mou, promise: Promise) -> MouObligation:
    """Add a promise to an MoU, which the division head is then asked to agree to again.

    Raises Rejected("not_allowed").
    """
    _check(actor, mou)
    last = select(func.max(MouObligation.position)).where(MouObligation.mou_id == mou.id)
    position = (session.scalar(last) or 0) + 1
    obligation = MouObligation(id=new_id(), mou_id=mou.id, position=position, **asdict(promise))
    session.add(obligation)
    session.flush()
    agreement.ask_again(session, mou)
    emit(session, actor, ObligationAdded(obligation.id, mou.id, promise.side))
    return obligation


def change_obligation(
    session: Session, actor: Actor, mou: Mou, obligation: MouObligation, promise: Promise
) -> None:
    """Correct a promise; raises Rejected("not_allowed")."""
    _check(actor, mou)
    values = asdict(promise)
    changed = sorted(name for name, value in values.items() if value != getattr(obligation, name))
    if not changed:
        return
    for name in changed:
        setattr(obligation, name, values[name])
    session.flush()
    agreement.ask_again(session, mou)
    emit(session, actor, ObligationChanged(obligation.id, mou.id, ",".join(changed)))


def remove_obligation(session: Session, actor: Actor, mou: Mou, obligation: MouObligation) -> None:
    """Take a promise out.

    Raises Rejected("not_allowed"), or Rejected("obligation_kept") for one that was kept.
    """
    _check(actor, mou)
    if obligation.met_on is not None:
        raise Rejected("obligation_kept")
    session.delete(obligation)
    session.flush()
    agreement.ask_again(session, mou)
    emit(session, actor, ObligationRemoved(obligation.id, mou.id))


def meet_obligation(
    session: Session, actor: Actor, mou: Mou, obligation: MouObligation, met_on: date, note: str
) -> None:
    """Note that a promise was kept, on which day, and what shows it.

    Raises Rejected("not_allowed"), or Rejected("obligation_day_ahead").
    """
    _check(actor, mou)
    if met_on > clock.today():
        raise Rejected("obligation_day_ahead", "met_on")
    obligation.met_on, obligation.met_by, obligation.note = met_on, actor.user_id, note
    session.flush()
    emit(session, actor, ObligationMet(obligation.id, mou.id, met_on))


def open_again(session: Session, actor: Actor, mou: Mou, obligation: MouObligation) -> None:
    """Take back that a promise was kept; raises Rejected("not_allowed")."""
    _check(actor, mou)
    if obligation.met_on is None:
        return
    obligation.met_on, obligation.met_by = None, None
    session.flush()
    emit(session, actor, ObligationOpenAgain(obligation.id, mou.id))


def _check(actor: Actor, mou: Mou) -> None:
    if not actor.may(Permission.MOU_WRITE, mou.school_id):
        raise Rejected("not_allowed")
