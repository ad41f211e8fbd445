"""How anything is tried on a walk: through the door of its page, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.cases.actions.deciding import Reasons
from portal.cases.models import Case
from portal.cases.queries import files
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import Base, Database, transaction
from portal.core.errors import Rejected
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from tests.cases.stateful.book import HEAD, Book, Word
from tests.cases.stateful.ledger import Ledger

METRO = ZoneInfo("Asia/Jakarta")
REASONS = Reasons("Sebab", "Tetap bersekolah", "Mau ditemani")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

COUNTS = ", ".join(
    f'(SELECT count(*) FROM "{table.name}")'  # noqa: S608 - names of our own tables
    for table in Base.metadata.sorted_tables
)
TRACE = text(f"SELECT {COUNTS}, (SELECT seal FROM audit_head)")  # noqa: S608 - as above

Act = Callable[[Session, Actor, Case], Any]


@dataclass(frozen=True)
class By:
    """Who tries something."""

    name: str
    # Their page stood open from before: nothing but the step itself asks whether they still may.
    late: bool = False


@dataclass
class Doing:
    """An office at work, and the account of what it did."""

    database: Database
    ledger: Ledger
    clock: Traveller
    # The day of the last step: by now the next one may have begun.
    acted_on: date = date.min
    # Whether anything was done, or time passed, since the last comparison.
    stirred: bool = True
    _actors: dict[str, Actor] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[UUID, str]:
        """Return everybody's name."""
        return {user_id: name for name, user_id in self.ledger.ids.items()}

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return clock.now()

    @property
    def today(self) -> date:
        """Return the present day in Metro."""
        return self.now.astimezone(METRO).date()

    def actor(self, session: Session, name: str) -> Actor:
        """Return somebody with the roles they really hold now."""
        if name not in self._actors:
            user = session.get_one(User, self.ledger.ids[name])
            self._actors[name] = actor_for(session, user)
        return self._actors[name]

    def look_again_at(self, name: str) -> None:
        """Ask anew which roles somebody holds."""
        self._actors.pop(name, None)

    def rows(self, model: type[Any], *conditions: Any) -> list[Any]:
        """Read records, the oldest first."""
        with self.database.reader() as session:
            return list(session.scalars(select(model).where(*conditions).order_by(model.id)))

    def trace(self) -> tuple[Any, ...]:
        """Return how many rows each table has, and where the trail ends."""
        with self.database.reader() as session:
            return tuple(session.execute(TRACE).one())

    def attempt(self, may: bool, act: Callable[[Session], Any]) -> Any:
        """Try something: it must go if it may, and otherwise be refused without a trace."""
        before = None if may else self.trace()
        result, refusal = None, ""
        try:
            with self.database.writer() as session, transaction(session):
                result = act(session)
        except Rejected as problem:
            refusal = problem.code
        assert bool(refusal) is not may, refusal or "nothing stood in the way"
        assert may or self.trace() == before
        self.stirred = self.stirred or may
        self.acted_on = self.today
        # No two steps happen at the same moment.
        self.clock.shift(SECOND)
        return result

    def on_page(self, by: By, book: Book, may: bool, act: Act) -> bool:
        """Try something on a page of a case; say whether it was done."""
        may = may and (by.late or self.ledger.opens(by.name, book, self.now))
        self._at_door(by, book, may, act, files.get_file)
        return may

    def by_number(self, by: By, book: Book, may: bool, act: Act) -> bool:
        """Try something for which one need not have opened the case."""
        may = may and (by.late or self.ledger.lists(by.name, book) or self._reads(by, book))
        self._at_door(by, book, may, act, files.get_listed)
        return may

    def _reads(self, by: By, book: Book) -> bool:
        return self.ledger.opens(by.name, book, self.now)

    def _at_door(self, by: By, book: Book, may: bool, act: Act, door: Callable[..., Any]) -> None:
        def enter(session: Session) -> None:
            actor = self.actor(session, by.name)
            case = door(session, actor, book.public_id)
            if case is None and not by.late:
                raise Rejected("not_found")
            act(session, actor, case or session.get_one(Case, book.id))

        self.attempt(may, enter)

    def hand(self, book: Book) -> By:
        """Return somebody who works on a case, or else a coordinator who may only look on."""
        hands = [book.manager, *sorted(book.colleagues)]
        watching = [
            name
            for name, role in self.ledger.roles.items()
            if role == "coordinator" and name not in book.kept_away
        ]
        return By(next((name for name in [*hands, *watching] if name), "admin"))

    def decider(self, book: Book, word: Word) -> By:
        """Return somebody who may give their word, or else anybody."""
        able = [name for name in self.ledger.roles if self.ledger.decides(name, book, word)]
        return By(able[0] if able else "admin")

    def heads(self, book: Book) -> list[str]:
        """Return the division heads who may hear of a case."""
        return [name for name in self.ledger.holders(HEAD) if name not in book.kept_away]
