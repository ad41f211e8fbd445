"""What the invented office offers: programmes, one with a crew, and days without sessions."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.visits.actions import blackouts, programmes
from portal.visits.actions.blackouts import DaysOff
from portal.visits.actions.programmes import Terms
from portal.visits.models import Programme
from portal.visits.queries import visits

FAMILIES = "tepak"
PEOPLE_PER_WORKER, NOTICE_WORKING_DAYS = 30, 5
WEEKS_AHEAD, DAYS_OFF = 9, 2


def by_code(session: Session) -> dict[str, Programme]:
    """Return the programmes on offer by their codes."""
    return {each.code: each for each in visits.list_programmes(session)}


def add_programmes(session: Session, coordinator: Actor) -> None:
    """Let another social worker come along to large family sessions, and close two days."""
    families = by_code(session)[FAMILIES]
    terms = Terms(**{each.name: getattr(families, each.name) for each in fields(Terms)})
    programmes.change(
        session,
        coordinator,
        families,
        replace(
            terms,
            people_per_worker=PEOPLE_PER_WORKER,
            notice_working_days=NOTICE_WORKING_DAYS,
            summary_id="Bincang santai tentang pengasuhan; ke pertemuan besar datang dua peksos.",
            summary_en="A relaxed talk for parents; two social workers come to large ones.",
        ),
        topics=(),
    )
    first = clock.monday_of(clock.today()) + timedelta(weeks=WEEKS_AHEAD)
    blackouts.add(
        session,
        coordinator,
        DaysOff(
            first,
            first + timedelta(days=DAYS_OFF - 1),
            "Rapat kerja Dinas Sosial (contoh)",
            "Workshop of the office (invented)",
        ),
    )
