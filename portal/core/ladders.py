"""Who is asked next, kind by kind, when something that is due stays undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.core.access import Role


def _same(link: str) -> str:
    return link


@dataclass(frozen=True)
class Ladder:
    """The roles that are asked in turn after the first ones did nothing; none means it ends there.

    Each feature registers the ladders of its kinds of to-do in its `jobs`.
    """

    kind: str
    then: tuple[Role, ...] = ()
    # Who is asked first where this is an alarm: their screens listen for it.
    rings: tuple[Role, ...] = ()
    # Where those above see it, from the link of the first ones; that page may not be theirs.
    seen_at: Callable[[str], str] = _same

    def above(self, role: str | None) -> tuple[Role, ...]:
        """Return who comes after a role (None: after a person asked by name)."""
        roles = list(self.then)
        return self.then[roles.index(Role(role)) + 1 :] if role in roles else self.then


_ladders: dict[str, Ladder] = {}
_news: set[str] = set()


def register(*ladders: Ladder) -> None:
    """Let to-dos of these kinds remind and be handed on."""
    _ladders.update({ladder.kind: ladder for ladder in ladders})


def register_news(*kinds: str) -> None:
    """Name kinds that only want to be read: nobody is reminded of them."""
    _news.update(kinds)


def ladder_of(kind: str) -> Ladder | None:
    """Return the ladder of a kind; None for mere news."""
    return _ladders.get(kind)


def known_kinds() -> frozenset[str]:
    """Return every kind of to-do that is registered, news as well."""
    return frozenset(_ladders) | _news


def listening_roles() -> frozenset[Role]:
    """Return the roles whom an alarm may be addressed to; an admin stands in where nobody is."""
    rungs = [{*each.rings, *each.then} for each in _ladders.values() if each.rings]
    return frozenset({Role.ADMIN}.union(*rungs))
