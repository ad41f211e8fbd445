"""Providers, and referrals as far as a test needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.cases.actions.consents import Asked, record_consent
from portal.cases.actions.deciding import Reasons, approve
from portal.cases.models import Case, Decision
from portal.cases.states import ConsentAbout, ConsentAnswer
from portal.core import clock
from portal.core.db import transaction
from portal.referrals.actions import proposing, sending
from portal.referrals.actions.drafting import Draft, draft
from portal.referrals.actions.proposing import Proposal
from portal.referrals.actions.providers import (
    ProviderFacts,
    QuotaFacts,
    add_provider,
    set_quota,
)
from portal.referrals.models import Provider, Referral
from portal.referrals.states import ProviderKind
from tests.cases.casework import Casework

# What waits about referrals.
WAITING = ("referral_answer", "referral_answered")
PURPOSE = "Anak perlu teman bicara yang terlatih sepekan sekali"
REASONS = Reasons("Kantor tidak punya psikolog", "Ditolong dekat rumah", "Mau, asal ditemani")


@dataclass
class Referring:
    """A case, and a provider it can be referred to."""

    work: Casework
    case: Case
    provider: Provider

    def consent(
        self, answer: ConsentAnswer = ConsentAnswer.GIVEN, case: Case | None = None
    ) -> None:
        """Write down what the family said to a referral."""
        asked = Asked(
            ConsentAbout.REFERRAL,
            answer,
            clock.today(),
            reason="Ibunya menjawab lewat telepon",
            child_agrees=answer is ConsentAnswer.GIVEN,
        )
        with transaction(self.work.build.session) as session:
            record_consent(session, self.work.actor("manager"), case or self.case, asked)

    def draft(self, case: Case | None = None, **more: Any) -> Referral:
        """Write a draft; `more` are fields of the command."""
        with transaction(self.work.build.session) as session:
            command = Draft(**{"provider": self.provider, "purpose": PURPOSE, **more})
            return draft(session, self.work.actor("manager"), case or self.case, command)

    def propose(self, referral: Referral, **more: Any) -> Decision:
        """Let a draft wait for a coordinator; `more` are fields of the proposal."""
        with transaction(self.work.build.session) as session:
            case = session.get_one(Case, referral.case_id)
            proposal = Proposal(REASONS, **more)
            proposing.propose(session, self.work.actor("manager"), case, referral, proposal)
        return self.work.build.fresh(Decision, referral.decision_id)  # type: ignore[arg-type]

    def approve(self, referral: Referral) -> None:
        """Agree to it."""
        with transaction(self.work.build.session) as session:
            case = session.get_one(Case, referral.case_id)
            decision = session.get_one(Decision, referral.decision_id)
            approve(session, self.work.actor("coordinator"), case, decision, "")

    def send(self, referral: Referral) -> str:
        """Send it and return the token of its link."""
        with transaction(self.work.build.session) as session:
            case = session.get_one(Case, referral.case_id)
            return sending.send(session, self.work.actor("manager"), case, referral)

    def sent(self, **more: Any) -> tuple[Referral, str]:
        """Return a referral that was approved and sent, and the token of its link."""
        referral = self.draft(**more)
        self.propose(referral)
        self.approve(referral)
        return referral, self.send(referral)

    def quota(self, places: int, budget: int | None = None) -> None:
        """Agree on this year's places."""
        with transaction(self.work.build.session) as session:
            head = self.work.actor("head")
            facts = QuotaFacts(places, budget, "APBD")
            set_quota(session, head, self.provider, clock.today().year, facts)


def referring(work: Casework) -> Referring:
    """Open a case and add a psychologist."""
    facts = ProviderFacts(
        "Biro Psikologi Contoh",
        ProviderKind.PSYCHOLOGIST,
        contact_person="Ibu Contoh",
        phone="+628123456789",
        usual_cost=150_000,
    )
    with transaction(work.build.session) as session:
        provider = add_provider(session, work.actor("coordinator"), facts)
    return Referring(work, work.open(), provider)
