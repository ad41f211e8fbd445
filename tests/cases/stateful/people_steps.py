"""Steps of a walk: who works on cases, who must not see them, who looks in, who comes and goes."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.cases.stateful.doing import By
from tests.cases.stateful.machine import (
    PEOPLE,
    PROPER,
    WORKERS,
    Machine,
    anybody,
    mostly,
    pick,
    somebody_fit,
    who,
)
from tests.cases.stateful.town import CHILDREN

MOST_BOOKS = 6


class PeopleSteps(Machine):
    """What happens around cases."""

    @precondition(lambda self: len(self.ledger.books) < MOST_BOOKS)
    @rule(by=who, child=st.sampled_from(CHILDREN), manager=st.sampled_from((None, *WORKERS)))
    def a_case_is_opened(self, by: By, child: str, manager: str | None) -> None:
        name = by.name if by.name in PEOPLE else "coordinator-0"
        free = [
            each
            for each in CHILDREN
            if not any(book.child == each and book.state == "open" for book in self.ledger.books)
        ]
        if free and by.name == PROPER:
            child = self.one(free, CHILDREN.index(child))
        self.office.open(By(name), child, manager, self.town.school_id)

    @rule(by=who, which=pick, to=somebody_fit, fresh=mostly)
    def a_case_is_given(self, by: By, which: int, to: str, fresh: bool) -> None:
        book = self.book(which, "open")
        before = book.manager if fresh else None
        self.office.give(self.watcher(by, book), book, to, before)

    @rule(by=who, which=pick, colleague=somebody_fit)
    def a_colleague_is_asked_along(self, by: By, which: int, colleague: str) -> None:
        book = self.book(which, "open")
        self.office.ask_along(self.worker(by, book), book, colleague)

    @precondition(lambda self: any(each.colleagues for each in self.ledger.books))
    @rule(by=who, which=pick, colleague=anybody)
    def help_ends(self, by: By, which: int, colleague: str) -> None:
        helped = [each for each in self.ledger.books if each.colleagues]
        book = self.one(helped if by.name == PROPER else self.ledger.books, which)
        helping = sorted(book.colleagues) or [colleague]
        self.office.end_help(self.worker(by, book), book, self.one(helping, which))

    @rule(by=who, which=pick, person=anybody, lifts=st.booleans())
    def the_conflict_list_changes(self, by: By, which: int, person: str, lifts: bool) -> None:
        book = self.book(which)
        if lifts and book.kept_away:
            by = self.watcher(by, book)
            self.office.lift(by, book, self.one(sorted(book.kept_away), which))
        else:
            self.office.keep_away(self.watcher(by, book), book, person)

    @rule(person=anybody, successor=st.sampled_from((None, *PEOPLE)), fits=mostly)
    def somebody_leaves(self, person: str, successor: str | None, fits: bool) -> None:
        if fits and successor:
            role = self.ledger.roles[person]
            others = self.ledger.holders(role) if role else []
            successor = next((each for each in others if each != person), None)
        self.office.retire(person, successor)

    @rule(person=anybody)
    def somebody_comes(self, person: str) -> None:
        absent = [each for each in PEOPLE if self.ledger.roles[each] is None]
        self.office.appoint(self.one(absent, PEOPLE.index(person)) if absent else person)

    @rule(by=anybody, late=st.booleans(), which=pick, emergency=st.booleans())
    def somebody_looks_in(self, by: str, late: bool, which: int, emergency: bool) -> None:
        book = self.book(which)
        looks_in = self.office.open_in_emergency if emergency else self.office.reveal
        looks_in(By(by, late), book)

    @rule(by=st.sampled_from((PROPER, PROPER, *PEOPLE)), which=pick, justified=st.booleans())
    def an_emergency_is_reviewed(self, by: str, which: int, justified: bool) -> None:
        book = self.book(which)
        if not book.emergencies:
            head = next(iter(self.office.heads(book)), "admin")
            self.office.open_in_emergency(By(head), book)
        name = "office-head" if by == PROPER else by
        self.office.review_emergency(By(name), book, justified=justified)
