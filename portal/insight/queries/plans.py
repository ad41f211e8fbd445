"""Reading semester plans: the list, one plan week by week and school by school, its changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from portal.core import clock
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.states import PlanState
from portal.people.models import User
from portal.schools.models import District, School
from portal.visits.models import Programme, Visit

LISTED = 30


@dataclass(frozen=True)
class Listed:
    """A plan in the list."""

    plan: SemesterPlan
    programme: Programme
    placed: int
    wanted: int
    offered: int


@dataclass(frozen=True)
class Row:
    """One session of a plan, with the names a page shows."""

    item: PlanItem
    school: School
    district: str
    # The leader first.
    people: tuple[str, ...]
    visit_id: str | None = None
    visit_state: str | None = None
    # Where the plan before had it; None for nowhere.
    before: Row | None = None

    @property
    def starts_at(self) -> datetime | None:
        """Return when it begins."""
        return self.item.starts_at

    @property
    def week(self) -> date | None:
        """Return the Monday of its week."""
        if self.item.starts_at is None:
            return None
        return clock.monday_of(clock.day_of(self.item.starts_at))

    @property
    def place(self) -> tuple[datetime | None, frozenset[str]]:
        """Return what makes it the same session as before: when, and who."""
        return self.item.starts_at, frozenset(self.item.worker_ids)


@dataclass(frozen=True)
class PlanFile:
    """A plan with its sessions, by time; those without one at the end."""

    plan: SemesterPlan
    programme: Programme
    made_by: str
    rows: Sequence[Row]
    # The plan this one changes, while nobody decided between the two.
    follows: SemesterPlan | None = None

    @property
    def placed(self) -> list[Row]:
        """Return the sessions that have a time."""
        return [row for row in self.rows if row.starts_at is not None]

    @property
    def unplaced(self) -> list[Row]:
        """Return the sessions without a time."""
        return [row for row in self.rows if row.starts_at is None]

    @property
    def waiting(self) -> list[Row]:
        """Return the sessions to come that are not offered yet."""
        return [
            row
            for row in self.placed
            if row.item.visit_id is None and row.starts_at and row.starts_at > clock.now()
        ]

    @property
    def partners(self) -> int:
        """Return how many partner schools there were."""
        return int(self.plan.wanted.get("partners", 0))

    @property
    def reached(self) -> int:
        """Return how many of them the plan reaches, or have what they should already."""
        settled = int(self.plan.wanted.get("settled", 0))
        return settled + len({row.school.id for row in self.placed})

    @property
    def missing_minutes(self) -> int:
        """Return the minutes that would be needed for what has no time for want of hours."""
        return sum(
            int(row.item.facts.get("missing", 0))
            for row in self.unplaced
            if row.item.facts.get("why") == "hours"
        )

    @property
    def broken_off(self) -> bool:
        """Say whether there is no plan for another reason than locks that cannot hold."""
        return any("code" in each for each in self.plan.problems)

    @property
    def weeks(self) -> list[tuple[date, list[Row]]]:
        """Return the sessions week by week."""
        return [
            (monday, list(rows))
            for monday, rows in groupby(self.placed, lambda row: row.week)
            if monday is not None
        ]

    def by_school(self, text: str) -> list[Row]:
        """Return the sessions by the names of their schools, of those that hold a text."""
        wanted = text.casefold()
        found = [row for row in self.rows if wanted in row.school.name.casefold()]
        return sorted(found, key=lambda row: (row.school.name, row.item.ordinal))

    @property
    def changes(self) -> list[Row]:
        """Return the sessions that are elsewhere than in the plan before."""
        if self.follows is None:
            return []
        return [
            row
            for row in self.rows
            if row.item.visit_id is None
            and row.place != (row.before.place if row.before else (None, frozenset()))
        ]

    @property
    def gap(self) -> float | None:
        """Return by which share the plan costs more than any plan must; None where nobody knows."""
        if not self.plan.bound or self.plan.cost is None:
            return None
        return (self.plan.cost - self.plan.bound) / self.plan.bound


def listed(session: Session) -> list[Listed]:
    """Return the newest plans, each with how many of its sessions have a time or are offered."""
    counts = (
        select(
            PlanItem.plan_id,
            func.count(PlanItem.starts_at).label("placed"),
            func.count().label("wanted"),
            func.count(PlanItem.visit_id).label("offered"),
        )
        .group_by(PlanItem.plan_id)
        .subquery()
    )
    rows = session.execute(
        select(
            SemesterPlan,
            Programme,
            func.coalesce(counts.c.placed, 0),
            func.coalesce(counts.c.wanted, 0),
            func.coalesce(counts.c.offered, 0),
        )
        .join(Programme, Programme.id == SemesterPlan.programme_id)
        .outerjoin(counts, counts.c.plan_id == SemesterPlan.id)
        .order_by(SemesterPlan.made_at.desc(), SemesterPlan.id.desc())
        .limit(LISTED)
    )
    return [Listed(*row) for row in rows]


def get(session: Session, public_id: str) -> SemesterPlan | None:
    """Return a plan."""
    return session.scalar(select(SemesterPlan).where(SemesterPlan.public_id == public_id))


def get_item(session: Session, plan: SemesterPlan, public_id: str) -> PlanItem | None:
    """Return a session of a plan."""
    return session.scalar(
        select(PlanItem).where(PlanItem.public_id == public_id, PlanItem.plan_id == plan.id)
    )


def items_of(session: Session, plan: SemesterPlan) -> list[PlanItem]:
    """Return the sessions of a plan, school by school."""
    return list(
        session.scalars(
            select(PlanItem)
            .where(PlanItem.plan_id == plan.id)
            .order_by(PlanItem.school_id, PlanItem.ordinal)
        )
    )


def file_of(session: Session, plan: SemesterPlan) -> PlanFile:
    """Return a plan with all a page shows of it."""
    follows = session.get(SemesterPlan, plan.follows_id) if plan.follows_id else None
    if follows is not None and follows.state == PlanState.DROPPED:
        follows = None
    was = {row.item.id: row for row in _rows(session, follows)} if follows else {}
    anew = counted_anew(row.item for row in was.values())
    before = {(item.school_id, number): was[item.id] for number, item in anew}
    return PlanFile(
        plan=plan,
        programme=session.get_one(Programme, plan.programme_id),
        made_by=session.get_one(User, plan.made_by).full_name,
        rows=_rows(session, plan, before),
        follows=follows,
    )


def _rows(
    session: Session,
    plan: SemesterPlan,
    before: Mapping[tuple[UUID, int], Row] | None = None,
    only: UUID | None = None,
) -> list[Row]:
    found = session.execute(
        select(PlanItem, School, District.name, Visit.public_id, Visit.state)
        .join(School, School.id == PlanItem.school_id)
        .join(District, District.code == School.district_code)
        .outerjoin(Visit, Visit.id == PlanItem.visit_id)
        .where(PlanItem.plan_id == plan.id, PlanItem.id == only if only else true())
        .order_by(PlanItem.starts_at.nulls_last(), School.name, PlanItem.ordinal)
    ).all()
    people = short_names(session, {worker for row in found for worker in row[0].worker_ids})
    return [
        Row(
            item,
            school,
            district,
            tuple(people.get(worker, "?") for worker in item.worker_ids),
            visit_id,
            state,
            (before or {}).get((item.school_id, item.ordinal)),
        )
        for item, school, district, visit_id, state in found
    ]


def short_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return what people are called, by their ids as plans hold them."""
    wanted = [UUID(each) for each in ids]
    people = session.scalars(select(User).where(User.id.in_(wanted)))
    return {str(user.id): user.short_name for user in people}


def row_of(session: Session, item: PlanItem) -> Row:
    """Return one session of a plan with the names a page shows."""
    plan = session.get_one(SemesterPlan, item.plan_id)
    return _rows(session, plan, only=item.id)[0]


def counted_anew(items: Iterable[PlanItem]) -> Iterator[tuple[int, PlanItem]]:
    """Yield what was not offered yet, with its number: a school's next session is its first."""
    counted: Counter[UUID] = Counter()
    for item in sorted(items, key=lambda item: item.ordinal):
        if item.visit_id is None:
            counted[item.school_id] += 1
            yield counted[item.school_id], item
