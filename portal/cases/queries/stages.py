"""Where a case stands in the procedure: its steps, and what the present one still needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, CaseStage, CaseTick, SopVersion
from portal.cases.queries import evidence, files
from portal.cases.queries.passages import Passage, of_case, working_days
from portal.cases.states import NEVER_SKIPPED, CaseState, Stage
from portal.core import clock, i18n
from portal.core.prepared import prepared
from portal.people.models import User, short_name


class Standing(StrEnum):
    """How far a case is with a stage."""

    DONE = "done"
    SKIPPED = "skipped"
    # Never gone through, or left without being finished.
    LEFT = "left"
    NOW = "now"
    COMING = "coming"


@dataclass(frozen=True)
class Item:
    """One line of the present checklist."""

    code: str
    text: str
    required: bool
    # Shown by the file itself; the others are ticked by hand.
    shown_by_file: bool
    met: bool
    # The part of the file where it is done; empty for what is ticked.
    tab: str = ""
    ticked_by: str = ""
    ticked_at: datetime | None = None


@dataclass(frozen=True)
class Walk:
    """One passage through a stage, and who signed it."""

    passage: Passage
    signer: str


@dataclass(frozen=True)
class Step:
    """One of the seven stages, as far as this case is with it."""

    stage: Stage
    standing: Standing
    # Working days the procedure allows.
    days: int
    walks: tuple[Walk, ...]


@dataclass(frozen=True)
class StageView:
    """The procedure of a case: its edition, its steps, the present stage."""

    edition: SopVersion
    steps: tuple[Step, ...]
    stage: Stage
    # Whether a stage is being gone through; not in a closed case.
    going_on: bool
    # The how many-eth passage this is; forms carry it, so that an old page signs nothing new.
    shown: int
    prompt: str
    items: tuple[Item, ...]
    due_on: date | None

    @property
    def missing(self) -> list[Item]:
        """Return what must be there before the stage can be signed."""
        return [each for each in self.items if each.required and not each.met]

    @property
    def met(self) -> int:
        """Return how many items are there."""
        return sum(each.met for each in self.items)

    @property
    def ends_by_closure(self) -> bool:
        """Say whether only the closure of the case ends this stage."""
        return self.stage is Stage.TERMINATION

    @property
    def may_be_skipped(self) -> bool:
        """Say whether the present stage may be skipped with a reason."""
        return self.stage not in NEVER_SKIPPED

    @property
    def earlier(self) -> list[Stage]:
        """Return the stages a case may go back to."""
        return [each for each in Stage if each.rank < self.stage.rank]

    @property
    def overdue(self) -> bool:
        """Say whether the present stage should be over by now."""
        return self.due_on is not None and self.due_on < clock.today()

    @property
    def days_left(self) -> int:
        """Return the working days until the present stage should be over; below nought after."""
        return working_days(clock.today(), self.due_on) if self.due_on else 0


def text_of(words: dict[str, Any]) -> str:
    """Return what an edition says, in the reader's language."""
    other = "id" if i18n.language() == "en" else "en"
    return str(words.get(i18n.language()) or words.get(other) or "")


def present(session: Session, case: Case) -> CaseStage | None:
    """Return the passage a case is in; None once it is closed."""
    return session.scalars(
        select(CaseStage)
        .where(CaseStage.case_id == case.id, CaseStage.ended_at.is_(None))
        .order_by(CaseStage.began_at.desc(), CaseStage.id.desc())
    ).first()


def view(session: Session, case: Case) -> StageView:
    """Return a case's way through the procedure, with what its present stage still needs."""
    walked = of_case(session, case.id)
    edition = files.procedure_of(session, case)
    now = next((each for each in reversed(walked) if each.ended_on is None), None)
    going_on = case.state == CaseState.OPEN and now is not None
    ticks = _ticks(session, now.id) if now and going_on else {}
    signers = [each.signed_by for each in walked if each.signed_by]
    names = _names(session, {*signers, *(each.ticked_by for each in ticks.values())})
    stage = Stage(case.stage)
    definition = edition.stages[stage.rank - 1]
    return StageView(
        edition=edition,
        steps=tuple(_step(each, edition, walked, names, stage) for each in Stage),
        stage=stage,
        going_on=going_on,
        shown=len(walked),
        prompt=text_of(definition["prompt"]),
        items=_items(session, case, definition, ticks, names) if going_on else (),
        due_on=now.due_on if now else None,
    )


def missing(session: Session, case: Case, besides: str = "") -> list[str]:
    """Return what the present stage still needs before it can be signed, in words.

    `besides` is the code of an item that comes later anyway.
    """
    passage = present(session, case)
    if passage is None:
        return []
    definition = files.procedure_of(session, case).stages[Stage(passage.stage).rank - 1]
    items = _items(session, case, definition, _ticks(session, passage.id), {})
    return [each.text for each in items if each.required and not each.met and each.code != besides]


def _items(
    session: Session,
    case: Case,
    definition: dict[str, Any],
    ticks: dict[str, CaseTick],
    names: dict[UUID, str],
) -> tuple[Item, ...]:
    shown = evidence.of(session, case)
    return tuple(
        _shown_item(each, shown.get(each["code"]))
        if each["evidence"]
        else _ticked_item(each, ticks.get(each["code"]), names)
        for each in definition["items"]
    )


def _shown_item(item: dict[str, Any], shown: evidence.Evidence | None) -> Item:
    return Item(
        item["code"],
        text_of(item),
        item["required"],
        shown_by_file=True,
        met=shown is not None and shown.met,
        tab=shown.tab if shown else "",
    )


def _ticked_item(item: dict[str, Any], tick: CaseTick | None, names: dict[UUID, str]) -> Item:
    return Item(
        item["code"],
        text_of(item),
        item["required"],
        shown_by_file=False,
        met=tick is not None,
        ticked_by=names.get(tick.ticked_by, "") if tick else "",
        ticked_at=tick.ticked_at if tick else None,
    )


def _step(
    stage: Stage, edition: SopVersion, walked: list[Passage], names: dict[UUID, str], now: Stage
) -> Step:
    walks = tuple(
        Walk(each, names.get(each.signed_by, "") if each.signed_by else "")
        for each in walked
        if each.stage is stage
    )
    last = walks[-1].passage if walks else None
    return Step(stage, _standing(stage, last, now), edition.stages[stage.rank - 1]["days"], walks)


def _standing(stage: Stage, last: Passage | None, now: Stage) -> Standing:
    # Whoever goes back goes through the later ones again.
    if stage.rank > now.rank:
        return Standing.COMING
    if last is None or last.broken_off:
        return Standing.LEFT
    if last.ended_on is None:
        return Standing.NOW
    return Standing.SKIPPED if last.skipped else Standing.DONE


def _ticks(session: Session, passage_id: UUID) -> dict[str, CaseTick]:
    rows = session.scalars(select(CaseTick).where(CaseTick.case_stage_id == passage_id))
    return {each.code: each for each in rows}


def _names(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = list(set(user_ids))
    rows = session.execute(*_people(user_ids=wanted)) if wanted else ()
    return {row.id: short_name(row.called, row.full_name) for row in rows}


@prepared
def _people(*, user_ids: list[UUID]) -> Select[UUID, str, str]:
    return select(User.id, User.called, User.full_name).where(User.id.in_(user_ids))
