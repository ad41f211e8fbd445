"""Classes that are asked before and after a session: one of them, and lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.core.access import Actor
from portal.core.links import codes_for
from portal.materials.models import Edition, Material, QuizPhase, QuizRound, QuizTally
from portal.materials.policy.access import rounds_of
from portal.materials.policy.class_results import Standing, Sums
from portal.materials.policy.content import Content, Question, Words
from portal.materials.states import Phase
from portal.schools.models import School

LIST_LIMIT = 30
Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class ClassRound:
    """A class asked with one edition of a quiz, and how far it is."""

    round: QuizRound
    material: Material
    school_name: str
    questions: tuple[Question, ...]
    phases: dict[Phase, QuizPhase]
    standing: Standing


@dataclass(frozen=True)
class Listed:
    """What a list shows of a class that is or was asked."""

    row: Row[*tuple[Any, ...]]
    standing: Standing

    def title(self, language: str) -> str:
        """Return the title of the quiz in a language."""
        return Words.of(self.row, "title").shown(language)[0]


@dataclass(frozen=True)
class Page:
    """A stretch of a list, and the key (opened, id) from which it goes on."""

    rows: list[Listed]
    after: Key | None


def get(session: Session, actor: Actor, public_id: str) -> ClassRound | None:
    """Return a class whose figures an actor may see."""
    return _found(session, QuizRound.public_id == public_id, rounds_of(actor))


def asked(session: Session, public_id: str) -> ClassRound | None:
    """Return a class for whoever has its address; its pupils have no account."""
    return _found(session, QuizRound.public_id == public_id)


def _found(session: Session, *conditions: ColumnElement[bool]) -> ClassRound | None:
    row = session.execute(
        select(QuizRound, Material, School.name, Edition.content)
        .join(Material, Material.id == QuizRound.material_id)
        .join(School, School.id == QuizRound.school_id)
        .join(Edition, Edition.id == QuizRound.edition_id)
        .where(*conditions)
    ).one_or_none()
    if row is None:
        return None
    phases = phases_of(session, row.QuizRound.id)
    return ClassRound(
        row.QuizRound,
        row.Material,
        row.name,
        Content.read(row.content).questions,
        phases,
        standing(row.QuizRound.closes_at, phases),
    )


def phases_of(session: Session, round_id: UUID) -> dict[Phase, QuizPhase]:
    """Return the phases a class was asked in so far, as they stand now."""
    found = select(QuizPhase).where(QuizPhase.round_id == round_id)
    return {
        Phase(each.phase): each
        for each in session.scalars(found, execution_options={"populate_existing": True})
    }


def standing(closes_at: datetime, phases: dict[Phase, QuizPhase]) -> Standing:
    """Return how far a class is."""
    after = phases.get(Phase.AFTER)
    return Standing(phases[Phase.BEFORE].sheets, None if after is None else after.sheets, closes_at)


def purpose(round_id: UUID, phase: Phase) -> str:
    """Return what the short link of a phase is made for."""
    return f"round:{round_id}:{phase}"


def codes(session: Session, round_id: UUID) -> dict[Phase, str]:
    """Return the codes of the short links of both phases."""
    wanted = {purpose(round_id, phase): phase for phase in Phase}
    return {wanted[each]: code for each, code in codes_for(session, list(wanted)).items()}


def sums(session: Session, found: ClassRound) -> dict[Phase, Sums]:
    """Return what the sheets of each phase say together; who may see it is the policy's."""
    tallies = session.scalars(select(QuizTally).where(QuizTally.round_id == found.round.id)).all()
    return {
        phase: Sums(
            row.sheets,
            row.right,
            {(each.question, each.option): each.count for each in tallies if each.phase == phase},
        )
        for phase, row in found.phases.items()
    }


def _listed() -> Select[*tuple[Any, ...]]:
    before, after = aliased(QuizPhase), aliased(QuizPhase)
    return (
        select(
            QuizRound.id,
            QuizRound.public_id,
            QuizRound.class_name,
            QuizRound.opened_at,
            QuizRound.closes_at,
            Material.title_id,
            Material.title_en,
            School.name.label("school_name"),
            before.sheets.label("before"),
            after.sheets.label("after"),
        )
        .join(Material, Material.id == QuizRound.material_id)
        .join(School, School.id == QuizRound.school_id)
        .join(before, (before.round_id == QuizRound.id) & (before.phase == Phase.BEFORE))
        .outerjoin(after, (after.round_id == QuizRound.id) & (after.phase == Phase.AFTER))
        .order_by(QuizRound.opened_at.desc(), QuizRound.id.desc())
    )


def _read(session: Session, found: Select[*tuple[Any, ...]]) -> list[Listed]:
    return [
        Listed(row, Standing(row.before, row.after, row.closes_at))
        for row in session.execute(found)
    ]


def list_rounds(
    session: Session, actor: Actor, after: Key | None = None, limit: int = LIST_LIMIT
) -> Page:
    """Return the classes asked at one's own school, or all, those opened last first."""
    found = _listed().where(rounds_of(actor))
    if after is not None:
        found = found.where(tuple_(QuizRound.opened_at, QuizRound.id) < tuple_(*after))
    rows = _read(session, found.limit(limit + 1))
    more = rows[limit - 1].row if len(rows) > limit else None
    return Page(rows[:limit], (more.opened_at, more.id) if more else None)


def rounds_of_visit(session: Session, visit_id: UUID) -> list[Listed]:
    """Return the classes asked around a visit, for whoever may see it."""
    return _read(session, _listed().where(QuizRound.visit_id == visit_id))
