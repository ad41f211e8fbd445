"""Importing a list of schools: what it would change, and changing it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import MOST_BYTES
from portal.schools import queries
from portal.schools.actions.naming import keep_name
from portal.schools.actions.register import with_alias
from portal.schools.actions.rows import Parsed, Problem, Row, parse, shown
from portal.schools.actions.tables import read_lines
from portal.schools.actions.vocabulary import AUTHORITY_OF_LEVEL, TITLES, fold
from portal.schools.events import SchoolAdded, SchoolChanged, SchoolsImported
from portal.schools.models import District, School
from portal.schools.queries.naming import names_borne


@dataclass(frozen=True)
class FieldChange:
    """One value that the file would change."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ChangedSchool:
    """A school of the register that the file would change."""

    npsn: str
    name: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class MissingSchool:
    """A school of the register that the file does not mention; it stays as it is."""

    npsn: str
    name: str
    active: bool


@dataclass(frozen=True)
class ImportPlan:
    """What a file would do to the register; `bad` holds the problems of lines it leaves out."""

    name: str
    new: tuple[Row, ...]
    changed: tuple[ChangedSchool, ...]
    unchanged: int
    missing: tuple[MissingSchool, ...]
    bad: tuple[Problem, ...]
    # Codes to names, for whoever shows the plan.
    district_names: Mapping[str, str]

    @property
    def bad_lines(self) -> int:
        """Return how many lines of the file have a problem."""
        return len({problem.line for problem in self.bad})

    @property
    def is_empty(self) -> bool:
        """Say whether the good lines of the file change nothing."""
        return not self.new and not self.changed

    @property
    def fingerprint(self) -> str:
        """Return a mark that changes with the plan: what was shown is what is done."""
        told = repr((self.new, self.changed, self.bad))
        return hashlib.sha256(told.encode()).hexdigest()


def plan_file(session: Session, source: Path | str | bytes, name: str = "") -> ImportPlan:
    """Compare a CSV or XLSX file, by its path or its bytes, with the register.

    Raises Rejected, with a `file_...` code, for a file that cannot be read as a whole.
    """
    if isinstance(source, bytes):
        content = source
    else:
        name = name or Path(source).name
        content = _bytes_of(Path(source))
    districts = queries.districts(session)
    parsed = parse(read_lines(content), _district_codes(districts))
    return _compare(parsed, queries.register(session), names_borne(session), districts, name)


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        # One byte more than allowed is enough to know, however large the file is.
        return file.read(MOST_BYTES + 1)


def _district_codes(districts: Sequence[District]) -> dict[str, str]:
    return {
        fold(word): district.code
        for district in districts
        for word in (district.name, district.short_name, district.code)
    }


def _compare(
    parsed: Parsed,
    register: Mapping[str, School],
    borne: Mapping[UUID, Collection[str]],
    districts: Sequence[District],
    name: str,
) -> ImportPlan:
    new: list[Row] = []
    changed: list[ChangedSchool] = []
    bad = list(parsed.problems)
    unchanged = 0
    for row in parsed.rows:
        school = register.get(row.npsn)
        if school is None:
            new.append(row)
            continue
        try:
            changes = _changes(school, row, borne.get(school.id, ()))
        except Rejected as problem:
            bad.append(
                Problem(row.line, TITLES["former_name"], shown(row.former_name), problem.code)
            )
            continue
        if changes:
            changed.append(ChangedSchool(school.npsn, school.name, changes))
        else:
            unchanged += 1
    missing = (
        MissingSchool(school.npsn, school.name, school.active)
        for school in sorted(register.values(), key=lambda school: (school.name, school.npsn))
        if school.npsn not in parsed.mentioned
    )
    bad.sort(key=lambda problem: problem.line)
    return ImportPlan(
        name=name,
        new=tuple(new),
        changed=tuple(changed),
        unchanged=unchanged,
        missing=tuple(missing),
        bad=tuple(bad),
        district_names={district.code: district.name for district in districts},
    )


def _changes(school: School, row: Row, borne: Collection[str]) -> tuple[FieldChange, ...]:
    """Return what a row changes; a value that the file leaves blank changes nothing.

    `borne` are the names the school had before, as the register keeps them.
    """
    # The name a school bears now is kept when another one is brought in (`_keep_name_before`).
    former = "" if row.former_name in {school.name, *borne} else row.former_name
    aliases = with_alias(school.aliases, former, row.name)
    told: dict[str, Any] = {
        "name": row.name,
        "aliases": aliases,
        "level": row.level,
        "ownership": row.ownership,
        "authority": row.authority,
        "district_code": row.district_code,
        "subdistrict": row.subdistrict,
        "address": row.address,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "source": row.source,
        "active": False if row.inactive else None,
    }
    if fold(row.subdistrict) == fold(school.subdistrict):
        # "Iring Mulyo" and "Iringmulyo" are one place.
        del told["subdistrict"]
    return tuple(
        FieldChange(field, getattr(school, field), value)
        for field, value in told.items()
        if value not in (None, "") and value != getattr(school, field)
    )


def apply(
    session: Session,
    actor: Actor | None,
    plan: ImportPlan,
    *,
    skip_bad_rows: bool = False,
    import_id: UUID | None = None,
) -> None:
    """Bring the good lines of a plan into the register.

    The command line has no actor and no waiting import. Raises Rejected("bad_rows") unless bad ones
    may be left out, Rejected("register_changed") when the register is no longer as the plan found
    it, and on the command line Rejected("aliases_full") where a name that goes finds no room.
    """
    if plan.bad and not skip_bad_rows:
        raise Rejected("bad_rows", "skip_bad_rows", lines=plan.bad_lines)
    register = queries.register(session)
    moment = clock.now()
    for changed in plan.changed:
        school = register.get(changed.npsn)
        if school is None or any(
            getattr(school, change.field) != change.old for change in changed.changes
        ):
            raise Rejected("register_changed")
        borne = school.name
        for change in changed.changes:
            setattr(school, change.field, change.new)
        if school.name != borne:
            _keep_name_before(session, actor, school, borne)
        school.changed_at = moment
    if any(row.npsn in register for row in plan.new):
        raise Rejected("register_changed")
    added = [_new_school(row, plan.name, moment) for row in plan.new]
    session.add_all(added)
    try:
        session.flush()
    except IntegrityError as problem:
        # Somebody else brought in one of these schools since we looked.
        raise Rejected("register_changed") from problem
    for changed in plan.changed:
        fields = ",".join(sorted(change.field for change in changed.changes))
        emit(session, actor, SchoolChanged(register[changed.npsn].id, fields))
    for school in added:
        emit(session, actor, SchoolAdded(school.id))
    emit(session, actor, _imported(plan, import_id))


def _keep_name_before(session: Session, actor: Actor | None, school: School, name: str) -> None:
    """Let people find a school under the name it had; the command line has nobody to say so."""
    if actor is None:
        school.aliases = with_alias(school.aliases, name, school.name)
    else:
        keep_name(session, school, clock.today(), actor.user_id, name=name)


def _imported(plan: ImportPlan, import_id: UUID | None) -> SchoolsImported:
    return SchoolsImported(
        import_id,
        added=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        left_out=plan.bad_lines,
    )


def _new_school(row: Row, file_name: str, moment: datetime) -> School:
    return School(
        npsn=row.npsn,
        name=row.name,
        aliases=with_alias("", row.former_name, row.name),
        level=row.level,
        ownership=row.likely_ownership,
        authority=row.authority or AUTHORITY_OF_LEVEL[row.level],
        district_code=row.district_code,
        subdistrict=row.subdistrict,
        address=row.address,
        latitude=row.latitude,
        longitude=row.longitude,
        active=not row.inactive,
        source=row.source or file_name[: School.source.type.length],
        changed_at=moment,
    )
