"""Invented people, schools, sessions, reports and cases to look around in.

They are never mixed with real data. No name of a real school of Metro is used.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import settings
from portal.core.access import Role
from portal.core.files import Store
from portal.demo.cases import add_cases
from portal.demo.held import add_feedback, add_held
from portal.demo.materials import add_materials
from portal.demo.offers import add_offers
from portal.demo.partners import add_partners
from portal.demo.people import (
    PASSWORD,
    PEOPLE,
    Account,
    accounts,
    accounts_as_json,
    add_people,
    add_time,
)
from portal.demo.plans import add_plans
from portal.demo.programmes import add_programmes
from portal.demo.reports import add_reports
from portal.demo.school_classes import add_school_classes
from portal.demo.schools import SCHOOLS, add_schools
from portal.demo.sessions import add_history, add_open_work
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School

__all__ = [
    "PASSWORD",
    "SCHOOLS",
    "Account",
    "NotEmptyError",
    "accounts",
    "accounts_as_json",
    "fill",
    "is_demo",
    "is_empty",
]


class NotEmptyError(Exception):
    """The database holds data that no demonstration made."""


def is_demo(session: Session) -> bool:
    """Say whether this database is a demonstration."""
    return settings.read(session).demo


def is_empty(session: Session) -> bool:
    """Say whether a database holds neither people nor schools."""
    return not any(
        session.scalar(select(func.count()).select_from(table)) for table in (User, School)
    )


def fill(session: Session, store: Store) -> None:
    """Fill an empty database and its store; raises NotEmptyError when it holds anything."""
    if not is_empty(session):
        raise NotEmptyError
    settings.write(session, None, settings.DEMO, value=True)
    settings.write(session, None, "office_phone", "+62725000000")
    schools = add_schools(session)
    users = add_people(session, schools)
    workers = [users[name] for role, name, *_ in PEOPLE if role is Role.SOCIAL_WORKER]
    coordinator = actor_for(session, users["Yuni Astuti"])
    add_time(session, workers, coordinator)
    add_programmes(session, coordinator)
    add_school_classes(session, schools, users)
    add_partners(session, schools, users, store)
    add_history(session, schools, workers, users)
    held = add_held(session, schools, users, store)
    add_open_work(session, schools, users)
    add_offers(session, schools, users)
    reports = add_reports(session, schools, users)
    add_cases(session, schools, users, reports)
    add_materials(session, schools, users)
    add_feedback(session, held)
    add_plans(session, schools, users)
