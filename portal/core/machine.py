"""State tables: which moves a record knows, from where to where, and who may make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from portal.core.access import Actor, Permission
from portal.core.errors import Rejected


@dataclass(frozen=True)
class Move:
    """One named step between states and the permission it asks for."""

    name: str
    sources: frozenset[StrEnum]
    target: StrEnum
    permission: Permission


class Machine:
    """A table of moves, looked up by name."""

    def __init__(self, moves: Iterable[Move]) -> None:
        self.moves = {move.name: move for move in moves}


class Stateful:
    """A record whose `state` changes only by a move of its machine."""

    machine: ClassVar[Machine]
    state: StrEnum

    def place(self) -> UUID | None:
        """Return the school the record belongs to."""
        raise NotImplementedError

    def assigned_to(self, actor: Actor) -> bool:
        """Say whether the record is this actor's own assignment."""
        return False

    def can(self, actor: Actor, name: str) -> bool:
        """Say whether this actor may make this move now."""
        move = self.machine.moves[name]
        return self.state in move.sources and self._permitted(actor, move)

    def open_to(self, actor: Actor) -> list[str]:
        """Return the names of the moves this actor may make now, in table order."""
        return [name for name in self.machine.moves if self.can(actor, name)]

    def move(self, actor: Actor, name: str) -> None:
        """Make a move.

        Raises Rejected("not_allowed") without the permission, Rejected("state_changed") when the
        record has meanwhile gone on to another state.
        """
        move = self.machine.moves[name]
        if not self._permitted(actor, move):
            raise Rejected("not_allowed")
        self.follow(move.sources, move.target)

    def follow(self, sources: frozenset[Any], target: StrEnum) -> None:
        """Go on because of what happened elsewhere, for which nobody's permission is asked.

        Raises Rejected("state_changed") when the record has meanwhile gone on to another state.
        """
        if self.state not in sources:
            raise Rejected("state_changed")
        self.state = target

    def _permitted(self, actor: Actor, move: Move) -> bool:
        return actor.may(move.permission, self.place(), assigned=self.assigned_to(actor))


class OfWorkers(Stateful):
    """A record of those who work on what it hangs on, whatever school it is about.

    That they do is asked before any move of it: cases by `cases.actions.file.begin`, a teacher's
    form by the policy of monitoring.
    """

    def place(self) -> UUID | None:
        """Return None: it is not moved on in the name of a school."""
        return None

    def assigned_to(self, actor: Actor) -> bool:
        """Return True."""
        return True
