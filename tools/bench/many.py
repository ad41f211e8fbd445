"""An archive of invented cases, written in bulk: thousands of them in seconds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert, inspect

from portal.cases.actions.opening import ChildFacts, indexes_of
from portal.cases.models import Case, CaseAssignment, CaseEntry, CaseTask, Child
from portal.cases.queries import files
from portal.cases.states import CaseOutcome, CaseState, EntryKind, Origin, Part, Stage
from portal.core import clock
from portal.core.crypto import place_of
from portal.core.db import Base, Database, encrypted_columns, new_id, transaction
from portal.core.types import Placed
from portal.incidents.states import Urgency

FIRST = ("Adi", "Bunga", "Citra", "Dwi", "Eka", "Fitri", "Gilang", "Hana", "Intan", "Joko")
LAST = ("Lestari", "Nugraha", "Permata", "Saputra", "Wijaya", "Yulianti", "Anggraini", "Kusuma")
WORDS = (
    "Bertemu ibu di rumah; anak sudah mau sekolah lagi, tidur lebih nyenyak, dan bercerita "
    "tentang teman barunya. Wali kelas memantau saat istirahat. Bertemu lagi pekan depan."
)
KINDS = (EntryKind.NOTE, EntryKind.FAMILY_CONTACT, EntryKind.SERVICE, EntryKind.ASSESSMENT)
# Of ten cases of an archive one goes on; nobody manages more than the office lets them.
OPEN_EVERY = 10
CASELOAD = 15
BATCH = 2000

Row = dict[str, Any]


@dataclass(frozen=True)
class Archive:
    """What is written: so many cases, each with so many lines, shared out among managers."""

    cases: int
    entries_each: int
    managers: Sequence[UUID]
    schools: Sequence[UUID]

    @staticmethod
    def managers_for(cases: int) -> int:
        """Return how many managers an archive of this size needs."""
        return max(1, -(-cases // OPEN_EVERY // CASELOAD))


def fill(database: Database, archive: Archive, seed: int = 7) -> None:
    """Write the archive, a few thousand rows in each transaction."""
    with database.reader() as reading:
        procedure = files.current_procedure(reading).id
    dice = random.Random(seed)  # noqa: S311 - invented data, the same each time
    numbers = iter(range(archive.cases))
    while batch := list(islice(numbers, BATCH)):
        cases = [_case(dice, archive, number, procedure) for number in batch]
        with database.writer() as session, transaction(session):
            for model in (Child, Case, CaseAssignment, CaseTask):
                rows = [row for each in cases for row in each[model]]
                session.connection().execute(insert(model.__table__), rows)
        lines = (line for each in cases for line in _entries(dice, archive, each[Case][0]))
        while rows := list(islice(lines, 10 * BATCH)):
            with database.writer() as session, transaction(session):
                session.connection().execute(insert(CaseEntry.__table__), rows)


@cache
def _texts_of(model: type[Base]) -> tuple[str, ...]:
    return tuple(column.key for column in encrypted_columns(inspect(model)))


def row(model: type[Base], **values: Any) -> Row:
    """Return a row with the texts that are encrypted, each bound to its place."""
    key, table = new_id(), model.__tablename__
    texts = {
        name: Placed.at(place_of(table, name, key), values.pop(name, ""))
        for name in _texts_of(model)
    }
    return {"id": key, **values, **texts}


def _case(
    dice: random.Random, archive: Archive, number: int, procedure: UUID
) -> dict[type[Base], list[Row]]:
    today, moment = clock.today(), clock.now()
    goes_on = number % OPEN_EVERY == 0
    manager = archive.managers[number // OPEN_EVERY % len(archive.managers)]
    facts = ChildFacts(f"{dice.choice(FIRST)} {dice.choice(LAST)} {number}", born="2014")
    child = row(
        Child,
        **facts.__dict__,
        **indexes_of(facts),
        recorded_by=manager,
        recorded_at=moment,
    )
    age = dice.randrange(200, 1500)
    clock_ends = today + timedelta(days=dice.randrange(-10, 60))
    task_on = today + timedelta(days=dice.randrange(-3, 30))
    case = row(
        Case,
        number=f"KS-{2000 + number // 1000}-{number % 1000:03d}",
        child_id=child["id"],
        school_id=dice.choice(archive.schools),
        state=CaseState.OPEN if goes_on else CaseState.CLOSED,
        origin=Origin.REFERRAL_IN,
        kinds=["verbal"],
        urgency=dice.choices(list(Urgency), (1, 4, 30, 65))[0],
        summary=WORDS,
        stage=dice.choice(list(Stage)) if goes_on else Stage.TERMINATION,
        stage_due_on=clock_ends if goes_on else None,
        due_on=min(clock_ends, task_on) if goes_on else None,
        sop_version_id=procedure,
        manager_id=manager,
        opened_by=manager,
        opened_on=today - timedelta(days=age),
        last_entry_at=moment - timedelta(days=dice.randrange(30)),
        closed_on=None if goes_on else today - timedelta(days=dice.randrange(age)),
        outcome=None if goes_on else CaseOutcome.GOALS_REACHED,
        times_reopened=0,
    )
    held = {"case_id": case["id"], "user_id": manager, "part": Part.MANAGER}
    task = row(
        CaseTask,
        case_id=case["id"],
        text="Hubungi wali kelas",
        due_on=task_on,
        person_id=manager,
        set_at=moment,
        done_at=None if goes_on else moment,
    )
    assignment = row(CaseAssignment, **held, since=moment)
    return {Child: [child], Case: [case], CaseAssignment: [assignment], CaseTask: [task]}


def _entries(dice: random.Random, archive: Archive, case: Row) -> Iterator[Row]:
    for number in range(archive.entries_each):
        at = case["last_entry_at"] - timedelta(days=number, minutes=dice.randrange(600))
        kind = KINDS[number % len(KINDS)]
        yield row(
            CaseEntry,
            case_id=case["id"],
            kind=kind,
            stage=case["stage"],
            at=at,
            written_at=at,
            written_by=case["manager_id"],
            facts={"reached": True} if kind is EntryKind.FAMILY_CONTACT else {},
            text=f"{WORDS} {number}",
        )
