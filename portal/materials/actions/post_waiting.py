"""What waits about posts: to be approved, and on their day to be posted."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Role
from portal.core.duties import Due
from portal.materials.models import CampaignPost

APPROVE = "approve_post"
POST = "post_due"


def ask_to_approve(session: Session, post: CampaignPost) -> None:
    """Let a post wait for a coordinator until it is planned for, but a working day at least."""
    due_at = max(post.planned_at, _end_of_next_working_day())
    if duties.is_open(session, post.id, APPROVE):
        duties.move(session, post.id, APPROVE, due_at=due_at)
        return
    duties.open_duty(
        session,
        Due(
            kind=APPROVE,
            subject_id=post.id,
            link=_page(post),
            due_at=due_at,
            # What leaves the portal holds no words that somebody typed.
            facts={},
            role=Role.COORDINATOR,
        ),
    )


def ask_to_post(session: Session, post: CampaignPost) -> None:
    """Let an approved post wait, from its day on, for whoever wrote it."""
    nothing_more(session, post)
    # Approved too late for its moment, it is not late through whoever posts it.
    to_come = post.planned_at > clock.now()
    day = clock.day_of(post.planned_at)
    duties.open_duty(
        session,
        Due(
            kind=POST,
            subject_id=post.id,
            link=_page(post),
            due_at=post.planned_at if to_come else _end_of_next_working_day(),
            facts={},
            person_id=post.written_by,
            visible_from=clock.at_wib(day, time.min),
        ),
    )


def nothing_more(session: Session, post: CampaignPost) -> None:
    """Let nobody be asked about a post any more."""
    duties.close_duties(session, post.id)


def _end_of_next_working_day() -> datetime:
    return clock.at_wib(clock.add_working_days(clock.today(), 1), clock.OFFICE_CLOSES)


def _page(post: CampaignPost) -> str:
    return f"/kampanye/kiriman/{post.public_id}"
