"""What is locked, and read as it stands, before the schedule of a follow-up goes on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from portal.cases.models import Case
from portal.core.prepared import prepared
from portal.monitoring.models import FollowUp, Instrument, MonitoringForm
from portal.monitoring.queries.instruments import newest_id
from portal.schools.models import School


@prepared
def case_of(*, follow_up_id: UUID) -> Select[Case]:
    """Select and lock the case of a follow-up."""
    return (
        select(Case)
        .join(FollowUp, FollowUp.case_id == Case.id)
        .where(FollowUp.id == follow_up_id)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )


@prepared
def follow_up(*, follow_up_id: UUID) -> Select[*tuple[Any, ...]]:
    """Select and lock a follow-up, with its school and the edition of the forms to come."""
    return (
        select(FollowUp, School, Instrument)
        .join(School, School.id == FollowUp.school_id)
        .join(Instrument, Instrument.id == newest_id())
        .where(FollowUp.id == follow_up_id)
        .with_for_update(of=FollowUp)
        .execution_options(populate_existing=True)
    )


@prepared
def forms(*, follow_up_id: UUID) -> Select[MonitoringForm]:
    """Select and lock the forms of a follow-up, the first first."""
    return (
        select(MonitoringForm)
        .where(MonitoringForm.follow_up_id == follow_up_id)
        .order_by(MonitoringForm.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
