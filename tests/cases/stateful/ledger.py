"""Who may do what, written down a second time from the product's description."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tests.cases.stateful.book import (
    APPROVERS,
    COORDINATOR,
    HEAD,
    MOST_CASES,
    OFFICE_HEAD,
    WORKER,
    WORKING,
    Book,
    Word,
)


@dataclass
class Ledger:
    """Who holds which role today, and every case."""

    # Everybody, with the role they hold now (None: none) and the one they are appointed to.
    roles: dict[str, str | None]
    usual: dict[str, str]
    ids: dict[str, UUID]
    memberships: dict[str, UUID] = field(default_factory=dict)
    books: list[Book] = field(default_factory=list)
    children: dict[str, UUID] = field(default_factory=dict)

    def holders(self, role: str) -> list[str]:
        """Return whoever holds a role now."""
        return [name for name, held in self.roles.items() if held == role]

    def held(self, name: str) -> int:
        """Return how many open cases somebody manages."""
        return sum(each.manager == name and each.state == "open" for each in self.books)

    def can_work(self, name: str, book: Book) -> bool:
        """Say whether somebody could be asked to work on a case."""
        return self.roles[name] in WORKING and name not in book.kept_away

    def can_manage(self, name: str, book: Book) -> bool:
        """Say whether somebody could be given a case."""
        return self.can_work(name, book) and self.held(name) < MOST_CASES

    def decides(self, name: str, book: Book, word: Word) -> bool:
        """Say whether a decision waits for somebody's word.

        It does for the first role of which anybody is fit, and for whom it was handed on to.
        """
        role = self.roles[name]
        if role not in APPROVERS[word.kind] or not self.fit(name, book, word):
            return False
        first = next(
            each
            for each in APPROVERS[word.kind]
            if any(self.fit(holder, book, word) for holder in self.holders(each))
        )
        return role == first or (role == HEAD and word.kind in book.handed_on)

    def fit(self, name: str, book: Book, word: Word) -> bool:
        """Say whether somebody is apart enough from a case to decide about it."""
        return (
            word.state == "proposed"
            and word.by != name
            and name not in book.involved
            and name not in book.kept_away
        )

    def of_child(self, child: str) -> list[Book]:
        """Return all cases of a child."""
        return [each for each in self.books if each.child == child]

    def awaited(self, name: str, book: Book) -> bool:
        """Say whether something about a case waits for somebody's word."""
        return any(self.decides(name, book, word) for word in book.words)

    def lists(self, name: str, book: Book) -> bool:
        """Say whether somebody may know of a case by its number."""
        watches = self.roles[name] in (COORDINATOR, HEAD, OFFICE_HEAD)
        theirs = self.roles[name] == WORKER and name in book.hands
        return (watches or theirs) and name not in book.kept_away

    def _opened(self, name: str, book: Book, now: datetime) -> bool:
        revealed = self.roles[name] in (COORDINATOR, HEAD) and (
            name in book.reveals and now < book.reveals[name]
        )
        return revealed or (
            self.roles[name] == HEAD
            and any(who == name and now < until for who, until in book.emergencies.values())
        )

    def opens(self, name: str, book: Book, now: datetime) -> bool:
        """Say whether somebody may open a case's pages now."""
        reads = self.roles[name] == COORDINATOR or (
            self.roles[name] == WORKER and name in book.hands
        )
        here = reads and book.state != "transferred"
        return (here or self._opened(name, book, now)) and name not in book.kept_away

    def works(self, name: str, book: Book) -> bool:
        """Say whether somebody may change a case."""
        return self.can_work(name, book) and name in book.hands

    def names(self, name: str, book: Book, now: datetime) -> bool:
        """Say whether somebody may know who the child is now."""
        theirs = self.roles[name] in WORKING and name in book.hands
        return (theirs or self._opened(name, book, now)) and name not in book.kept_away

    def goes_on(self, name: str, book: Book) -> bool:
        """Say whether somebody may write into a case."""
        return self.works(name, book) and book.state == "open"
