"""Who opens cases, works on them, must not see them, and looks in with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import access, revealing
from portal.cases.actions.file import record_of
from portal.cases.actions.opening import NewCase, open_case
from portal.cases.models import Case
from portal.cases.states import Origin
from portal.core.access import Role
from portal.people.actions import appointments, confidential
from portal.people.models import Conflict, EmergencyAccess, Membership
from tests.cases.casework import CHILD
from tests.cases.stateful.book import ADMIN, COORDINATOR, HEAD, OFFICE_HEAD, WORKING, Book
from tests.cases.stateful.doing import HOUR, By, Doing


class People(Doing):
    """Opening cases and giving them to people."""

    def open(self, by: By, child: str, manager: str | None, school_id: UUID | None) -> None:
        """Open a case of a child; whoever must not see its cases never gets as far as that."""
        earlier = self.ledger.of_child(child)
        kept = {name for each in earlier for name in each.kept_away}
        if by.name in kept:
            return
        ids, book = self.ledger.ids, Book(UUID(int=0), "", child, kept_away=kept)
        command = NewCase(
            child=replace(CHILD, full_name=child),
            child_id=self.ledger.children.get(child),
            origin=Origin.REFERRAL_IN,
            origin_words="Diantar bibinya",
            school_id=school_id,
            manager_id=ids[manager] if manager else None,
        )
        may = (
            self.ledger.roles[by.name] in WORKING
            and not any(each.state == "open" for each in earlier)
            and (manager is None or self.ledger.can_manage(manager, book))
        )

        def act(session: Session) -> Case:
            return open_case(session, self.actor(session, by.name), command)

        made = self.attempt(may, act)
        if may:
            book.id, book.public_id = made.id, made.public_id
            self.ledger.children[child] = made.child_id
            book.enter(1, self.acted_on)
            if manager:
                book.hand_to(manager)
            self.ledger.books.append(book)

    def give(self, by: By, book: Book, to: str, instead_of: str | None) -> None:
        """Give a case to another manager."""
        may = (
            self._watches(by, book)
            and book.state == "open"
            and book.manager == instead_of
            and self.ledger.can_work(to, book)
            and (to == book.manager or self.ledger.can_manage(to, book))
        )
        ids = self.ledger.ids
        before = ids[instead_of] if instead_of else None
        if self.on_page(
            by, book, may, lambda s, a, c: access.give(s, a, c, ids[to], instead_of=before)
        ):
            former = book.manager
            if former and former != to:
                book.release(former)
            book.hand_to(to)

    def ask_along(self, by: By, book: Book, who: str) -> None:
        """Ask a colleague to help."""
        may = (
            self._leads(by, book)
            and book.state == "open"
            and who not in book.hands
            and self.ledger.can_work(who, book)
        )
        who_id = self.ledger.ids[who]
        if self.on_page(by, book, may, lambda s, a, c: access.ask_along(s, a, c, who_id)):
            book.join(who)

    def end_help(self, by: By, book: Book, who: str) -> None:
        """End a colleague's work, or step back."""
        kept = by.name in book.kept_away
        may = not kept and (who == by.name or self._leads(by, book)) and book.manager != who
        who_id = self.ledger.ids[who]
        if self.on_page(by, book, may, lambda s, a, c: access.end_help(s, a, c, who_id)):
            book.release(who)

    def keep_away(self, by: By, book: Book, who: str) -> None:
        """Keep somebody away from a child; one coordinator must be left."""
        left = set(self.ledger.holders(COORDINATOR)) - book.kept_away - {who}
        knows = self._watches(by, book) or self.ledger.works(by.name, book)
        may = knows and who not in book.kept_away and bool(left)
        who_id = self.ledger.ids[who]
        if self.on_page(by, book, may, lambda s, a, c: access.keep_away(s, a, c, who_id, "Paman")):
            for each in self.ledger.of_child(book.child):
                each.kept_away.add(who)
                each.release(who)

    def lift(self, by: By, book: Book, who: str) -> None:
        """Take somebody off the conflict lists of a child."""
        if who not in book.kept_away:
            return
        may = self._watches(by, book) and who != by.name
        entry = select(Conflict).where(
            Conflict.subject_id == book.id,
            Conflict.user_id == self.ledger.ids[who],
            Conflict.lifted_at.is_(None),
        )
        if self.on_page(
            by, book, may, lambda s, a, c: access.lift(s, a, c, s.scalars(entry).one())
        ):
            for each in self.ledger.of_child(book.child):
                each.kept_away.remove(who)

    def _watches(self, by: By, book: Book) -> bool:
        return self.ledger.roles[by.name] == COORDINATOR and by.name not in book.kept_away

    def _leads(self, by: By, book: Book) -> bool:
        leads = book.manager == by.name and by.name not in book.kept_away
        return leads or self._watches(by, book)

    def retire(self, who: str, successor: str | None) -> None:
        """End somebody's appointment; what they managed goes to a successor who can."""
        role = self.ledger.roles[who]
        if role is None or role == ADMIN:
            return
        may = successor is None or (successor != who and self.ledger.roles[successor] == role)
        to_id = self.ledger.ids[successor] if successor else None

        def act(session: Session) -> None:
            membership = session.get_one(Membership, self.ledger.memberships[who])
            admin = self.actor(session, "admin")
            appointments.end_membership(session, admin, membership, to_id)

        self.attempt(may, act)
        if may:
            self.look_again_at(who)
            self.ledger.roles[who] = None
            for book in self.ledger.books:
                self._hand_on(book, who, successor)

    def _hand_on(self, book: Book, who: str, successor: str | None) -> None:
        if book.manager == who and successor and self.ledger.can_manage(successor, book):
            book.release(who)
            book.hand_to(successor)
        else:
            book.release(who)

    def appoint(self, who: str) -> None:
        """Appoint somebody again."""
        if self.ledger.roles[who] is not None:
            return
        role = self.ledger.usual[who]

        def act(session: Session) -> Membership:
            admin = self.actor(session, "admin")
            return appointments.appoint(session, admin, self.ledger.ids[who], Role(role), None)

        self.ledger.memberships[who] = self.attempt(True, act).id
        self.ledger.roles[who] = role
        self.look_again_at(who)

    def reveal(self, by: By, book: Book) -> None:
        """Open a case, or who its child is, with a reason."""
        role, until = self.ledger.roles[by.name], self.now + HOUR
        asked = role == HEAD and self.ledger.awaited(by.name, book)
        may = (role == COORDINATOR or asked) and by.name not in book.kept_away
        if self.by_number(by, book, may, lambda s, a, c: revealing.reveal(s, a, c, "Perlu")):
            book.reveals[by.name] = until

    def open_in_emergency(self, by: By, book: Book) -> None:
        """Open a case in an emergency."""
        may = self.ledger.roles[by.name] == HEAD and by.name not in book.kept_away
        until, made = self.now + HOUR, []
        if self.by_number(
            by,
            book,
            may,
            lambda s, a, c: made.append(
                confidential.open_in_emergency(s, a, record_of(c), "Bahaya")
            ),
        ):
            book.emergencies[made[0].id] = (by.name, until)

    def review_emergency(self, by: By, book: Book, *, justified: bool) -> None:
        """Judge the newest emergency access; what was not needed ends at once."""
        if not book.emergencies:
            return
        access_id = list(book.emergencies)[-1]
        who, until = book.emergencies[access_id]
        (row,) = self.rows(EmergencyAccess, EmergencyAccess.id == access_id)
        may = self.ledger.roles[by.name] == OFFICE_HEAD and row.reviewed_at is None

        def act(session: Session) -> None:
            found = session.get_one(EmergencyAccess, access_id)
            actor = self.actor(session, by.name)
            confidential.review_emergency(
                session, actor, found, justified=justified, finding="Sudah dilihat"
            )

        moment = self.now
        self.attempt(may, act)
        if may and not justified:
            book.emergencies[access_id] = (who, min(until, moment))

    def let_time_pass(self, long: timedelta) -> None:
        """Let the clock run on."""
        self.clock.shift(long)
        self.stirred = True
