"""What waits for the coordinators: drafts to look over, and materials not reviewed for long."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Role
from portal.core.duties import Due, Duty
from portal.materials.models import Material
from portal.materials.queries import reviews

CHECK = "check_material"
REVIEW = "review_material"
# All that waits for a review is one to-do, which belongs to no record.
REVIEW_ID = UUID("5d3f0c5e-8f4b-4f0e-9d3a-0b8a53a1c7d2")
REVIEW_LINK = "/materi/kelola?tampil=tinjau"


def ask_for_check(session: Session, material: Material) -> None:
    """Let a draft wait for a coordinator; asked anew, it waits as long as the first time."""
    if not duties.is_open(session, material.id, CHECK):
        duties.open_duty(
            session,
            Due(
                kind=CHECK,
                subject_id=material.id,
                link=f"/materi/{material.slug}/terbitan",
                due_at=_office_closes(session, "material_check_working_days"),
                facts={},
                role=Role.COORDINATOR,
            ),
        )


def no_longer_asked(session: Session, material: Material) -> None:
    """Let nobody be asked to look over a draft any more."""
    duties.close_duties(session, material.id, CHECK)


def look_at_reviews(session: Session) -> int:
    """Let the materials whose review is due wait as one to-do; return how many there are."""
    count = reviews.count_due(session)
    if not count:
        duties.close_duties(session, REVIEW_ID, REVIEW)
        return 0
    asked = select(Duty).where(Duty.subject_id == REVIEW_ID, Duty.closed_at.is_(None))
    waiting = session.scalars(asked).all()
    for duty in waiting:
        duty.facts = {"count": count}
    if not waiting:
        duties.open_duty(
            session,
            Due(
                kind=REVIEW,
                subject_id=REVIEW_ID,
                link=REVIEW_LINK,
                due_at=_office_closes(session, "material_review_working_days"),
                facts={"count": count},
                role=Role.COORDINATOR,
            ),
        )
    return count


def reviewed(session: Session) -> None:
    """Let nobody be asked for reviews any more once none is due."""
    if not reviews.count_due(session):
        duties.close_duties(session, REVIEW_ID, REVIEW)


def _office_closes(session: Session, setting: str) -> datetime:
    """Return when the office closes on the last of the working days a setting gives."""
    day = clock.add_working_days(clock.today(), settings.read(session)[setting])
    return clock.at_wib(day, clock.OFFICE_CLOSES)
