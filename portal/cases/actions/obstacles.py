"""What stands in the way of helping, and how it was overcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, check_past, write_entry
from portal.cases.models import Case, Obstacle
from portal.cases.states import EntryKind, Nature, Side
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected


@dataclass(frozen=True)
class Hindrance:
    """What stands in the way, where it lies, and of what kind it is."""

    side: Side
    nature: Nature
    text: str


def note(session: Session, actor: Actor, case: Case, command: Hindrance) -> Obstacle:
    """Write an obstacle down, in the present stage; raises what `begin` raises."""
    begin(session, actor, case)
    obstacle = Obstacle(
        id=new_id(),
        case_id=case.id,
        stage=case.stage,
        side=command.side,
        nature=command.nature,
        text=command.text,
        noted_on=clock.today(),
        noted_by=actor.user_id,
    )
    session.add(obstacle)
    _tell(session, actor, case, obstacle, "noted", command.text)
    return obstacle


def overcome(
    session: Session, actor: Actor, case: Case, obstacle: Obstacle, day: date, how: str
) -> None:
    """Write down that an obstacle stands in the way no longer.

    Raises Rejected("state_changed") when somebody did already, Rejected("in_future"),
    Rejected("before_obstacle"), and what `begin` raises.
    """
    begin(session, actor, case)
    session.refresh(obstacle)
    if obstacle.overcome_on is not None:
        raise Rejected("state_changed")
    check_past(day, "day")
    if day < obstacle.noted_on:
        raise Rejected("before_obstacle", "day")
    obstacle.overcome_on, obstacle.overcome_how = day, how
    _tell(session, actor, case, obstacle, "overcome", how)


def _tell(
    session: Session, actor: Actor, case: Case, obstacle: Obstacle, state: str, text: str
) -> None:
    facts = {"side": str(obstacle.side), "nature": str(obstacle.nature), "state": state}
    write_entry(
        session, actor, case, EntryKind.OBSTACLE, text=text, facts=facts, record_id=obstacle.id
    )
