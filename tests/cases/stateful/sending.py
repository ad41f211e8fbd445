"""Referrals, from the draft to the last time a provider opens its link."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.silence import ask_about_silence
from portal.cases.models import Case, Decision
from portal.core.access import Actor
from portal.core.files import FolderStore
from portal.referrals.actions import answering, drafting, ending, proposing, sending
from portal.referrals.models import Provider
from portal.referrals.models import Referral as ReferralRow
from portal.referrals.states import AnswerKind
from tests.cases.stateful.book import TAKEN_ON, UNDER_WAY, WITH_PROVIDER, Book, Link, Referral, Word
from tests.cases.stateful.doing import REASONS, Act, By, Doing

# No answer on these walks brings a file.
NOWHERE = FolderStore(Path("/nowhere"))
LINK_DAYS = timedelta(days=14)
# What an answer needs and makes of a referral.
ANSWERS = {
    "accepted": ("sent", "accepted"),
    "refused": ("sent", "refused"),
    "progress": ("accepted", "accepted"),
    "final_report": ("accepted", "reported"),
}


def said(kind: str) -> answering.Answer:
    """Return what a provider says."""
    return answering.Answer(AnswerKind(kind), "Ibu Contoh", "Kata")


class Sending(Doing):
    """Referrals of a case, and the provider's side of them."""

    def draft(self, by: By, book: Book, *, whole: bool) -> None:
        """Write a referral."""
        made: list[ReferralRow] = []

        def act(session: Session, actor: Actor, case: Case) -> None:
            provider = session.scalars(select(Provider)).one()
            command = drafting.Draft(provider, "Teman bicara", whole_case=whole)
            made.append(drafting.draft(session, actor, case, command))

        if self._may_write(by, book, act):
            book.referrals.append(Referral(made[0].id, made[0].public_id, whole))

    def _may_write(self, by: By, book: Book, act: Act, *, may: bool = True) -> bool:
        return self.on_page(by, book, may and self.ledger.goes_on(by.name, book), act)

    def _agreed(self, book: Book) -> bool:
        return book.consents.get("referral") in {"given", "not_asked"}

    def propose(self, by: By, book: Book, referral: Referral) -> None:
        """Ask whether it may be sent."""

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(ReferralRow, referral.id)
            proposing.propose(session, actor, case, row, proposing.Proposal(REASONS))
            made.append(row.decision_id)

        made: list[UUID | None] = []
        if self._may_write(by, book, act, may=referral.state == "draft" and self._agreed(book)):
            referral.state = "proposed"
            book.words.append(Word(made[0] or UUID(int=0), "referral", by.name, referral.id))

    def send(self, by: By, book: Book, referral: Referral) -> None:
        """Send it, or make a new link to it."""
        first = referral.state not in WITH_PROVIDER
        may = self._agreed(book) and referral.state in {"approved", *WITH_PROVIDER}
        tokens: list[str] = []

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(ReferralRow, referral.id)
            make = sending.send if first else sending.make_link
            tokens.append(make(session, actor, case, row))

        until = self.now + LINK_DAYS
        if self._may_write(by, book, act, may=may):
            referral.stop("sent" if first else referral.state)
            referral.links.append(Link(tokens[0], until))

    def open_link(self, referral: Referral, link: Link, browser: str) -> None:
        """Open a link in a browser."""
        book = next(each for each in self.ledger.books if referral in each.referrals)
        known = link.browser == browser or (link.browser is None and self._agreed(book))
        may = referral.leads(link, self.now) and known
        self.attempt(may, lambda session: sending.open_link(session, link.token, browser))
        if may:
            link.browser = browser

    def answer(self, book: Book, referral: Referral, browser: str, kind: str) -> None:
        """Answer on the provider's page."""
        (needed, made), words = ANSWERS[kind], said(kind)
        may = self.reads(referral, browser) and book.state == "open" and referral.state == needed
        self.attempt(
            may,
            lambda session: answering.answer(session, NOWHERE, referral.public_id, browser, words),
        )
        if may:
            self._answered(referral, made)

    def reads(self, referral: Referral, browser: str) -> bool:
        """Say whether a browser opened a link of it that still leads there."""
        return any(
            each.browser == browser and referral.leads(each, self.now) for each in referral.links
        )

    def note_answer(self, by: By, book: Book, referral: Referral, kind: str) -> None:
        """Write down what came on paper."""
        needed, made = ANSWERS[kind]

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(ReferralRow, referral.id)
            answering.note_answer(session, actor, NOWHERE, case, row, said(kind))

        if self._may_write(by, book, act, may=referral.state == needed):
            self._answered(referral, made)

    def _answered(self, referral: Referral, state: str) -> None:
        referral.state = state
        if state == "refused":
            referral.stop(state)

    def end(self, by: By, book: Book, referral: Referral) -> None:
        """End it."""

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(ReferralRow, referral.id)
            ending.end(session, actor, case, row, "Usai", 0)

        may = referral.state in {*WITH_PROVIDER, "refused"}
        if self._may_write(by, book, act, may=may):
            referral.stop("ended")
            for word in book.waiting("transfer", referral.id):
                word.state = "withdrawn"

    def cancel(self, by: By, book: Book, referral: Referral) -> None:
        """Call it off, and with it what waits for a word about it."""

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(ReferralRow, referral.id)
            ending.cancel(session, actor, case, row, "Batal")

        may = referral.state in UNDER_WAY and referral.state not in TAKEN_ON
        if self._may_write(by, book, act, may=may):
            referral.stop("cancelled")
            for word in book.waiting("referral", referral.id):
                word.state = "withdrawn"

    def hand_over(self, by: By, book: Book, referral: Referral) -> None:
        """Ask whether the provider may go on with the whole case."""

        def act(session: Session, actor: Actor, case: Case) -> None:
            row = session.get_one(ReferralRow, referral.id)
            proposing.propose_transfer(session, actor, case, row, REASONS)

        may = (
            referral.whole
            and referral.state in TAKEN_ON
            and not book.waiting("transfer", referral.id)
        )
        if self._may_write(by, book, act, may=may):
            asked = Decision.record_id == referral.id, Decision.kind == "transfer"
            word_id = self.rows(Decision, *asked)[-1].id
            book.words.append(Word(word_id, "transfer", by.name, referral.id, "other_body"))

    def spend_a_night(self) -> None:
        """Let the portal do what it does by itself at night."""
        for book in self.ledger.books:
            for referral in book.referrals:
                live = any(referral.leads(each, self.now) for each in referral.links)
                if book.state != "open" and referral.state in TAKEN_ON and not live:
                    referral.stop("ended")

        def act(session: Session) -> None:
            ending.end_handed_over(session)
            ask_about_silence(session)

        self.attempt(True, act)
