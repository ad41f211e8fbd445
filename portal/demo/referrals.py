"""Invented providers, and referrals as far as cases need them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from portal.cases.actions.deciding import Reasons
from portal.cases.models import Decision
from portal.cases.states import ConsentAbout
from portal.core import clock
from portal.core.access import Actor
from portal.core.files import FolderStore
from portal.demo.walks import Walk
from portal.referrals.actions import answering, drafting, proposing, providers, sending
from portal.referrals.actions.answering import Answer
from portal.referrals.actions.drafting import Draft
from portal.referrals.actions.proposing import Proposal
from portal.referrals.actions.providers import ProviderFacts, QuotaFacts
from portal.referrals.models import Provider, Referral
from portal.referrals.states import AnswerKind, ProviderKind

# Nothing is put there: these answers came without a file.
NOWHERE = FolderStore(Path())
# Name, kind, who answers, the cost of one child, places and money of this year (None for none).
PROVIDERS: tuple[tuple[str, ProviderKind, str, int, int, int | None], ...] = (
    ("Psikolog Puspa Rinai", ProviderKind.PSYCHOLOGIST, "Bu Puspa", 350_000, 12, 4_200_000),
    ("Klinik Tumbuh Kembang Cahaya", ProviderKind.HEALTH, "Pak Cahaya", 150_000, 1, None),
    ("Layanan PPA (contoh)", ProviderKind.UPTD_PPA, "Petugas piket", 0, 30, None),
)


def add_providers(session: Session, coordinator: Actor) -> list[Provider]:
    """Write down who can help, and how many children this year."""
    found = []
    for number, (name, kind, person, cost, places, budget) in enumerate(PROVIDERS, 1):
        facts = ProviderFacts(
            name,
            kind,
            contact_person=person,
            phone=f"+6272500001{number:02d}",
            email=f"penyedia{number}@contoh.example",
            usual_cost=cost,
        )
        provider = providers.add_provider(session, coordinator, facts)
        quota = QuotaFacts(places, budget, "DPA tahun berjalan" if budget else "")
        providers.set_quota(session, coordinator, provider, clock.today().year, quota)
        found.append(provider)
    return found


def propose(walk: Walk, provider: Provider, purpose: str, *, whole_case: bool = False) -> Referral:
    """Ask for a referral the family agrees to."""
    walk.agree(ConsentAbout.REFERRAL)
    session, manager, case = walk.session, walk.manager, walk.case
    told = Draft(provider, purpose, whole_case, chosen=("full_name", "guardian", "school"))
    referral = drafting.draft(session, manager, case, told)
    why = Reasons("Kantor tidak punya tenaga ini.", walk.story.best, walk.story.view)
    proposing.propose(session, manager, case, referral, Proposal(why))
    return referral


def send(walk: Walk, provider: Provider, purpose: str, *, whole_case: bool = False) -> Referral:
    """Have a referral approved, and send it."""
    referral = propose(walk, provider, purpose, whole_case=whole_case)
    walk.approve(walk.coordinator, walk.session.get_one(Decision, referral.decision_id))
    # Nobody is given the link it returns.
    sending.send(walk.session, walk.manager, walk.case, referral)
    return referral


def answer(walk: Walk, referral: Referral, kind: AnswerKind, text: str) -> None:
    """Write down what the provider said on the phone."""
    said = Answer(kind, "Disampaikan lewat telepon", text)
    answering.note_answer(walk.session, walk.manager, NOWHERE, walk.case, referral, said)


def hand_over(walk: Walk, referral: Referral) -> None:
    """Let the provider that took it on go on with the whole case."""
    session, manager, case = walk.session, walk.manager, walk.case
    proposing.propose_transfer(session, manager, case, referral, walk.reasons)
