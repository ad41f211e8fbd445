"""What every step of a random walk needs: a town of its own, and whoever takes the step."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeVar

import hypothesis.strategies as st
import time_machine
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)

from tests.cases.stateful.book import Book
from tests.cases.stateful.checks import check, check_history
from tests.cases.stateful.doing import By
from tests.cases.stateful.office import Office
from tests.cases.stateful.town import USUAL, Town
from tests.conftest import LENT

T = TypeVar("T")
PEOPLE = tuple(USUAL)
WORKERS = tuple(name for name in PEOPLE if name.startswith(("worker", "coordinator")))
MOST_BOOKS = 6
# Somebody proper mostly does it; others try, some of them on a page that stood open from before,
# above all whoever was kept away meanwhile.
PROPER, KEPT_AWAY = "proper", "kept-away"
who = st.one_of(
    st.just(By(PROPER)),
    st.just(By(PROPER)),
    st.just(By(KEPT_AWAY)),
    st.builds(By, st.sampled_from(PEOPLE), st.booleans()),
)
anybody = st.sampled_from(PEOPLE)
somebody_fit = st.sampled_from((*WORKERS * 4, *PEOPLE))
pick = st.integers(0, 30)
mostly = st.sampled_from((True,) * 7 + (False,))


class Machine(RuleBasedStateMachine):
    """One walk from the same beginning."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        url = self.open.enter_context(self.town.copy())
        database = self.open.enter_context(LENT["test"].lend(url))
        clock = self.open.enter_context(time_machine.travel(self.town.now, tick=False))
        self.office = Office(database, self.town.account(), clock)
        self.ledger = self.office.ledger

    def teardown(self) -> None:
        try:
            check_history(self.office)
        finally:
            self.open.close()

    @invariant()
    def everything_is_as_it_ought_to_be(self) -> None:
        # What was refused left no trace: nothing to compare.
        if self.office.stirred:
            check(self.office)
            self.office.stirred = False

    def book(self, number: int, state: str | None = None) -> Book:
        """Return one of the cases, if possible one in a state."""
        fitting = [each for each in self.ledger.books if state in {None, each.state}]
        return self.one(fitting or self.ledger.books, number)

    @staticmethod
    def one(rows: Sequence[T], number: int) -> T:
        """Return one of some things."""
        return rows[number % len(rows)]

    def worker(self, by: By, book: Book) -> By:
        """Return who writes into a case."""
        if by.name == KEPT_AWAY and book.kept_away:
            return By(min(book.kept_away), late=True)
        return self.office.hand(book) if by.name in {PROPER, KEPT_AWAY} else by

    def watcher(self, by: By, book: Book) -> By:
        """Return who watches over a case."""
        if by.name == KEPT_AWAY and book.kept_away:
            return By(min(book.kept_away), late=True)
        if by.name not in {PROPER, KEPT_AWAY}:
            return by
        able = [each for each in self.ledger.holders("coordinator") if each not in book.kept_away]
        return By(able[-1] if able else "coordinator-0")
