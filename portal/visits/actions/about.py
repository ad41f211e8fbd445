"""What is due about a visit: one shape for every kind, whoever it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import duties
from portal.core.access import Role
from portal.core.clock import Week
from portal.core.duties import Due
from portal.schools.models import School
from portal.visits.models import Visit


@dataclass(frozen=True)
class Whom:
    """One person, or whoever holds a role (at a school)."""

    person_id: UUID | None = None
    role: Role | None = None
    school_id: UUID | None = None


def open_duty(
    session: Session,
    visit: Visit,
    school: School,
    kind: str,
    whom: Whom,
    *,
    due_at: datetime,
    visible_from: datetime | None = None,
    link: str | None = None,
) -> None:
    """Write down something that is due about a visit, by default on the visit's page."""
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=visit.id,
            person_id=whom.person_id,
            role=whom.role,
            school_id=whom.school_id,
            link=link or f"/sesi/{visit.public_id}",
            due_at=due_at,
            visible_from=visible_from,
            week=school.week if whom.school_id else Week.OFFICE,
            facts={
                "school": school.name,
                "starts_at": visit.starts_at.isoformat(),
                "ends_at": visit.ends_at.isoformat(),
            },
        ),
    )


def open_answer_duty(session: Session, visit: Visit, school: School) -> None:
    """Let the coordinators know that a request waits."""
    open_duty(
        session,
        visit,
        school,
        "answer_request",
        Whom(role=Role.COORDINATOR),
        due_at=visit.answer_by,
        link=f"/permintaan/{visit.public_id}/periksa",
    )
