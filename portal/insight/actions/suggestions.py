"""Suggestions in the office's hands: offering a session, deciding otherwise, letting that go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, i18n, settings
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.insight.actions.inviting import invitation
from portal.insight.events import SuggestionDecided, SuggestionFreed
from portal.insight.models import SuggestionChoice, Verdict
from portal.insight.queries import suggested_times, suggestions
from portal.insight.queries.plan_reasons import heads_of
from portal.schools.models import School
from portal.visits.actions import offering
from portal.visits.models import Visit

# A decision that holds longer than this is one nobody remembers.
MOST_MONTHS = 12


@dataclass(frozen=True)
class Decision:
    """What the office decides about a school, why, and until when it holds."""

    verdict: Verdict
    until: date
    reason: str


def latest_day() -> date:
    """Return until when a decision may hold."""
    return clock.months_before(clock.today(), -MOST_MONTHS)


def decide(session: Session, actor: Actor, school: School, decision: Decision) -> SuggestionChoice:
    """Put a school first, or put it off; what was decided before no longer holds.

    Raises Rejected("suggestion_day") for a day that is over or too far ahead, and
    Rejected("school_inactive").
    """
    _check_may_write(actor)
    if not school.active:
        raise Rejected("school_inactive")
    if not clock.today() < decision.until <= latest_day():
        raise Rejected("suggestion_day", "until", last=i18n.plain_date(latest_day()))
    # Two who decide at once do so one after the other.
    session.refresh(school, with_for_update=True)
    _end_all(session, actor, school.id)
    choice = SuggestionChoice(
        school_id=school.id,
        verdict=decision.verdict,
        reason=decision.reason,
        until=decision.until,
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    session.add(choice)
    session.flush()
    emit(
        session,
        actor,
        SuggestionDecided(choice.id, school.id, decision.verdict, decision.until),
    )
    return choice


def free(session: Session, actor: Actor, choice: SuggestionChoice) -> None:
    """Let a decision go; a second press changes nothing."""
    _check_may_write(actor)
    session.refresh(choice, with_for_update=True)
    _end(session, actor, choice)


def offer(session: Session, actor: Actor, school: School, starts_at: datetime) -> Visit:
    """Offer a suggested school the usual programme at a time.

    Raises Rejected("suggestion_programme") where the office offers none, and as
    `offering.invite` does.
    """
    _check_may_write(actor)
    programme = suggested_times.usual_programme(session)
    if programme is None:
        raise Rejected("suggestion_programme")
    heads = heads_of(school, programme, settings.read(session))
    return offering.invite(
        session, actor, school, invitation(session, school, programme, starts_at, heads)
    )


def _check_may_write(actor: Actor) -> None:
    if not actor.may(Permission.SUGGESTION_WRITE):
        raise Rejected("not_allowed")


def _end_all(session: Session, actor: Actor, school_id: UUID) -> None:
    for choice in suggestions.running_of(session, school_id):
        _end(session, actor, choice)


def _end(session: Session, actor: Actor, choice: SuggestionChoice) -> None:
    if choice.ended_at is None:
        choice.ended_at = clock.now()
        emit(session, actor, SuggestionFreed(choice.id, choice.school_id))
