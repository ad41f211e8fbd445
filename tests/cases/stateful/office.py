"""Everything the office can do, and what it usually does next."""

from __future__ import annotations

from tests.cases.stateful.book import ALL_TICKS, APPROVERS, DOMAINS, TAKEN_ON, Book, Word
from tests.cases.stateful.doing import By
from tests.cases.stateful.people import People
from tests.cases.stateful.sending import Sending
from tests.cases.stateful.words import Words
from tests.cases.stateful.work import Work


class Office(People, Work, Words, Sending):
    """An office whose people usually know what comes next."""

    def say(self, book: Book, word: Word, *, agrees: bool) -> None:
        """Let somebody who may give their word, having opened the case first.

        Before them, whoever holds such a role but had a hand in it, or is not asked, tries in vain.
        """
        for name, role in self.ledger.roles.items():
            if role in APPROVERS[word.kind] and not self.ledger.decides(name, book, word):
                self.judge(By(name, late=True), book, word, agrees=agrees)
        by = self.decider(book, word)
        if not self.ledger.opens(by.name, book, self.now):
            self.reveal(by, book)
        self.judge(by, book, word, agrees=agrees)

    def press_on(self, book: Book) -> None:
        """Do what the present stage asks for, and sign it."""
        if not book.hands:
            able = [name for name in self.ledger.roles if self.ledger.can_manage(name, book)]
            self.give(self.hand(book), book, (able or ["admin"])[0], None)
        by = self.hand(book)
        for code in sorted(book.missing() - {"closure_approved"}):
            if book.state == "open":
                self.supply(by, book, code)
        if not book.missing():
            # An old page signs nothing.
            self.sign(by, book, fresh=False)
            self.sign(by, book)

    def supply(self, by: By, book: Book, code: str) -> None:
        """Do what one item of a checklist asks for."""
        if code in ALL_TICKS:
            self.tick(by, book, code, on=True)
        elif code in {"guardian", "child_view", "best_interests"}:
            self.write_identity(by, book)
        elif code == "child_met":
            self.serve(by, book, None)
        elif code in {"family_met", "family_followed"}:
            self.contact(by, book, reached=True)
        elif code == "consent":
            self.consent(by, book, "services", "given")
        elif code == "domains":
            for domain in DOMAINS:
                self.assess(by, book, domain, 1)
        elif code == "needs":
            self.add_need(by, book)
        else:
            self._plan_on(by, book, code)

    def _plan_on(self, by: By, book: Book, code: str) -> None:
        if code == "goals":
            newest = book.newest
            if newest and newest.state == "submitted":
                self.say(book, book.waiting("plan")[0], agrees=True)
            self.suggest(by, book)
        elif code == "plan_approved":
            if book.newest and book.newest.state == "draft":
                self.submit(by, book)
            for word in book.waiting("plan"):
                self.say(book, word, agrees=True)
        elif book.in_force:
            for goal in book.in_force.goals:
                if code == "services":
                    self.serve(by, book, goal)
                elif code == "goals_reviewed":
                    self.review(by, book, goal, "partly")

    def finish(self, book: Book, outcome: str) -> None:
        """Propose to end a case, and agree to it."""
        by = self.hand(book)
        taken_on = [each for each in book.referrals if each.whole and each.state in TAKEN_ON]
        if outcome != "transfer":
            self.propose_closure(by, book, outcome)
        elif taken_on:
            self.hand_over(by, book, taken_on[-1])
        else:
            self.propose_transfer(by, book)
        kind = "transfer" if outcome == "transfer" else "closure"
        for word in book.waiting(kind)[-1:]:
            if kind == "closure":
                # Nobody goes back while somebody thinks about the end.
                self.go_back(by, book, 1)
            self.say(book, word, agrees=True)

    def refer(self, book: Book, *, whole: bool) -> None:
        """Send a child to the provider, who opens the link and agrees."""
        by = self.hand(book)
        self.consent(by, book, "referral", "given")
        before = len(book.referrals)
        self.draft(by, book, whole=whole)
        if len(book.referrals) == before:
            return
        referral = book.referrals[-1]
        self.propose(by, book, referral)
        for word in book.waiting("referral", referral.id):
            self.say(book, word, agrees=True)
        self.send(by, book, referral)
        if referral.links:
            self.open_link(referral, referral.links[-1], "telepon")
            self.answer(book, referral, "telepon", "accepted")
