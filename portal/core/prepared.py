"""Statements built once per process and asked again for whoever comes (ADR 0013).

Building a statement costs more than the database takes to answer it, and the conditions of the
policies are the same for everybody of the same roles: only ids and the moment differ. So they are
built for a stand-in, and each request fills in who asks and when.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from sqlalchemy import BindParameter, Date, Select, Uuid, bindparam

from portal.core import clock
from portal.core.access import Actor, Appointment, Permission, Role
from portal.core.types import UtcDateTime

# How many shapes of one statement are kept: combinations of roles, tabs and the like.
SHAPES = 256
# What belongs to one person or one moment, and must not stay in a statement that is kept.
FLEETING = (date, timedelta, UUID, bytes)

P = ParamSpec("P")
S = TypeVar("S", bound=Select[*tuple[Any, ...]])

# The present, told anew each time a statement runs, kept or not.
NOW: BindParameter[datetime] = bindparam("present_moment", callable_=clock.now, type_=UtcDateTime())
TODAY: BindParameter[date] = bindparam("present_day", callable_=clock.today, type_=Date())


def told(moment: Callable[[], datetime]) -> BindParameter[datetime]:
    """Return a moment that is reckoned when a statement runs, not when it is built."""
    return bindparam("told_moment", callable_=moment, type_=UtcDateTime(), unique=True)


@dataclass(frozen=True)
class _Shape:
    """What decides which conditions hold for an actor: roles, and whether each is at a school."""

    roles: tuple[tuple[Role, bool], ...]


@dataclass(frozen=True)
class _StandIn(Actor):
    """Stands for every actor of the same shape; its ids are parameters of the statement."""

    def may(
        self, permission: Permission, school_id: UUID | None = None, *, assigned: bool = False
    ) -> bool:
        """Answer as for any actor, but not about one school: that no shape can tell."""
        if school_id is not None:
            raise TypeError("a kept statement cannot depend on one school")
        return super().may(permission, assigned=assigned)


def prepared(build: Callable[P, S]) -> Callable[P, tuple[S, dict[str, Any]]]:
    """Keep what a function builds; its calls return a statement and the parameters to run it with.

    An actor becomes a stand-in, arguments by name become parameters of the statement (never None),
    and for each combination of the other arguments another statement is kept. What the function
    reads elsewhere (settings, language) must come as such an argument.
    """

    @lru_cache(maxsize=SHAPES)
    def kept(shapes: tuple[Any, ...], names: tuple[str, ...]) -> S:
        stands_for = [_stand_in(each) if isinstance(each, _Shape) else each for each in shapes]
        values: dict[str, Any] = {name: bindparam(f"value_{name}") for name in names}
        statement = cast(Callable[..., S], build)(*stands_for, **values)
        _refuse_fleeting(statement)
        return statement

    @wraps(build)
    def ask(*args: P.args, **values: P.kwargs) -> tuple[S, dict[str, Any]]:
        if None in values.values():
            raise TypeError("a parameter is never None: in SQL, nothing equals it")
        parameters = {f"value_{name}": value for name, value in values.items()}
        shapes: list[Any] = []
        for each in args:
            if isinstance(each, Actor):
                parameters |= _parameters(each)
                shapes.append(
                    _Shape(tuple((a.role, a.school_id is not None) for a in each.appointments))
                )
            else:
                shapes.append(each)
        return kept(tuple(shapes), tuple(values)), parameters

    return ask


def _stand_in(shape: _Shape) -> _StandIn:
    schools = (
        bindparam(f"actor_school_{number}", type_=Uuid()) if at_school else None
        for number, (_role, at_school) in enumerate(shape.roles)
    )
    return _StandIn(
        user_id=cast(UUID, bindparam("actor_id", type_=Uuid())),
        name="",
        appointments=tuple(
            Appointment(role, cast(UUID | None, school))
            for (role, _at_school), school in zip(shape.roles, schools, strict=True)
        ),
    )


def _parameters(actor: Actor) -> dict[str, Any]:
    schools = {
        f"actor_school_{number}": each.school_id
        for number, each in enumerate(actor.appointments)
        if each.school_id is not None
    }
    return {"actor_id": actor.user_id, **schools}


def _is_fleeting(value: Any) -> bool:
    # The last of all days stands for "never" where rows are sorted.
    return isinstance(value, FLEETING) and value != date.max


def _refuse_fleeting(statement: Select[*tuple[Any, ...]]) -> None:
    """Refuse to keep what holds for one person or one moment only, and would be asked for all."""
    for bound in statement.compile().binds.values():
        held = bound.value if isinstance(bound.value, list | tuple) else [bound.value]
        if bound.callable is None and any(map(_is_fleeting, held)):
            raise TypeError(f"{bound.key}: give it by name, or as NOW or TODAY")
