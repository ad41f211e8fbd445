"""What schools do by themselves: classes move up each July, and what is old is forgotten."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, select

from portal.core import clock, i18n, ladders, schedule
from portal.core.access import Role
from portal.core.clock import SchoolYear
from portal.core.db import transaction
from portal.core.ladders import Ladder
from portal.core.retention import Rule, deleting, register
from portal.core.schedule import Job, Outcome, Workshop
from portal.schools.actions.agreement import APPROVE_MOU
from portal.schools.actions.classes import NAME_HOMEROOMS
from portal.schools.actions.contact_log import CONTACT_SCHOOL
from portal.schools.actions.moving_up import move_up, schools_to_move
from portal.schools.actions.partnership import ANSWER_PARTNERSHIP
from portal.schools.models import ContactAttempt, PartnershipRequest, SchoolContact
from portal.schools.states import OPEN

_ = i18n.lazy

ladders.register(
    # Only the school itself knows.
    Ladder(NAME_HOMEROOMS),
    # Nobody above the division head may agree.
    Ladder(APPROVE_MOU),
    Ladder(CONTACT_SCHOOL, then=(Role.COORDINATOR,)),
    Ladder(ANSWER_PARTNERSHIP, then=(Role.DIVISION_HEAD,)),
)


def _old_contacts(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(SchoolContact.id, SchoolContact.ended_on).where(
        SchoolContact.ended_on < clock.day_of(before)
    )


register(
    Rule(
        "school_contacts",
        _("Contacts of schools that ended, with name, number and address"),
        "keep_contacts_years",
        _old_contacts,
        deleting(SchoolContact, SchoolContact.id),
        (SchoolContact.school_id,),
    )
)


def _old_attempts(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(ContactAttempt.id, ContactAttempt.made_on).where(
        ContactAttempt.made_on < clock.day_of(before)
    )


def _old_wishes(before: datetime) -> Select[*tuple[Any, ...]]:
    # Whoever still waits for an answer is not forgotten.
    over = PartnershipRequest.state.not_in(sorted(OPEN))
    return select(PartnershipRequest.id, PartnershipRequest.asked_at).where(
        over, PartnershipRequest.asked_at < before
    )


register(
    Rule(
        "contact_attempts",
        _("Tries to reach schools, with whom somebody spoke and notes"),
        "keep_contact_log_years",
        _old_attempts,
        deleting(ContactAttempt, ContactAttempt.id),
        (ContactAttempt.school_id,),
    )
)
register(
    Rule(
        "partnership_requests",
        _("Answered wishes to become a partner, with name, number and message"),
        "keep_partnership_years",
        _old_wishes,
        deleting(PartnershipRequest, PartnershipRequest.id),
        (PartnershipRequest.school_id, PartnershipRequest.mou_id),
    )
)


def _move_classes_up(shop: Workshop) -> Outcome:
    """Move the classes of each school up in a transaction of its own; broken off, it goes on."""
    year = SchoolYear.of(clock.today())
    with shop.database.reader() as session:
        waiting = schools_to_move(session, year)
    moved = 0
    for school_id in waiting:
        with shop.database.writer() as session, transaction(session):
            moved += move_up(session, None, school_id, year)
    return {"schools": moved}


schedule.register(
    Job(
        "school_year",
        _("Moving classes up into the new school year"),
        _move_classes_up,
        at=time(0, 20),
        figures={"schools": _("schools whose classes moved up")},
    )
)
