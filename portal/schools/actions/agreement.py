"""The division head's word on an MoU: asked for when it is recorded, and again when it changes.

The signed paper is in force without it.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import MouAgreed
from portal.schools.models import Mou, School

APPROVE_MOU = "approve_mou"


def ask(session: Session, mou: Mou) -> None:
    """Ask the division head to agree, unless that waits already."""
    if duties.is_open(session, mou.id, APPROVE_MOU):
        return
    school = session.get_one(School, mou.school_id)
    days = settings.read(session)["approval_working_days"]
    duties.open_duty(
        session,
        Due(
            kind=APPROVE_MOU,
            subject_id=mou.id,
            role=Role.DIVISION_HEAD,
            link=f"/sekolah/{school.public_id}/mou/{mou.public_id}",
            due_at=clock.at_wib(clock.add_working_days(clock.today(), days), clock.OFFICE_CLOSES),
            facts={"school": school.name},
        ),
    )


def ask_again(session: Session, mou: Mou) -> None:
    """Take back the word on an MoU that says something else now."""
    # Whoever reads it at this moment does not agree to what they did not see.
    mou.recorded_at = clock.now()
    if mou.approved_at is None:
        return
    mou.approved_at, mou.approved_by = None, None
    session.flush()
    ask(session, mou)


def agree(session: Session, actor: Actor, mou: Mou) -> None:
    """Agree to an MoU as it stands; pressed twice, the first time counts.

    Raises Rejected("not_allowed"), or Rejected("mou_own") for whoever recorded it.
    """
    if not actor.may(Permission.MOU_APPROVE, mou.school_id):
        raise Rejected("not_allowed")
    if mou.recorded_by == actor.user_id:
        raise Rejected("mou_own")
    if mou.approved_at is not None:
        return
    mou.approved_at, mou.approved_by = clock.now(), actor.user_id
    session.flush()
    duties.close_duties(session, mou.id, APPROVE_MOU)
    emit(session, actor, MouAgreed(mou.id, mou.school_id))
