"""A case with one of everything that addresses of cases and referrals name, for the town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import (
    assessing,
    closing,
    conferences,
    deciding,
    family,
    goals,
    identity,
    linking,
    obstacles,
    planning,
    procedure,
    serving,
    tasks,
)
from portal.cases.actions.assessing import Findings
from portal.cases.actions.conferences import Guests
from portal.cases.actions.consents import Asked, record_consent
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.family import Contact
from portal.cases.actions.file import record_of
from portal.cases.actions.goals import Aimed
from portal.cases.actions.identity import GuardianFacts
from portal.cases.actions.obstacles import Hindrance
from portal.cases.actions.opening import ChildFacts, NewCase, assign, open_case
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import (
    Case,
    CaseStage,
    ConferencePerson,
    Decision,
    LegalBasis,
    Plan,
    Sentinel,
    SopVersion,
)
from portal.cases.states import (
    Area,
    CaseOutcome,
    CaseRelation,
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    Domain,
    Nature,
    Origin,
    Part,
    PlanState,
    ServiceKind,
    ServiceState,
    Side,
    Stage,
)
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.files import PDF, Checked, Store
from portal.people.actions.confidential import record_conflict
from portal.people.models import User
from portal.referrals.actions import answering, drafting, proposing, providers, sending
from portal.referrals.actions.answering import Answer
from portal.referrals.actions.drafting import Draft
from portal.referrals.actions.proposing import Proposal
from portal.referrals.actions.providers import ProviderFacts, QuotaFacts
from portal.referrals.models import Referral, ReferralAnswer
from portal.referrals.states import AnswerKind, ProviderKind
from portal.schools.models import School
from tests.builders import Builder
from tests.papers import pdf_bytes

REASONS = Reasons("Perlu teman bicara", "Tetap bersekolah", "Mau, asal ditemani")
# The cookie of the browser that opened a provider's link.
BROWSER = "peramban-penyedia"


@dataclass(frozen=True)
class CaseFiles:
    """What fills the parameters of addresses; some views are asked about another record."""

    usual: dict[str, str]
    special: dict[str, dict[str, str]]

    def arguments(self, endpoint: str) -> dict[str, str]:
        """Return what fills the parameters of a view."""
        return {**self.usual, **self.special.get(endpoint, {})}


def add_case(build: Builder, store: Store, school: School, by_role: dict[Role, User]) -> CaseFiles:
    """Add a case a social worker manages, one that is closed, and a referral in every state."""
    session = build.session
    worker, coordinator, head = (
        build.actor(by_role[role])
        for role in (Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD)
    )
    colleague = build.user(Role.SOCIAL_WORKER)
    case, other = (_open(session, coordinator, worker, school, name) for name in ("Melati", "Bayu"))
    assign(session, coordinator, case, colleague.id, Part.COLLEAGUE)
    _bring_to(session, case, Stage.ASSESSMENT)
    kept = record_conflict(
        session, coordinator, record_of(case), by_role[Role.ADMIN].id, "Bertetangga"
    )
    linking.join(session, worker, case, other, CaseRelation.SIBLINGS)
    own = {
        "case_id": case.public_id,
        "kept_id": kept.public_id,
        "other_id": other.public_id,
        "user_id": colleague.public_id,
        **_written(session, worker, case),
        **_planned(session, worker, case),
        **_kept_by_the_office(session, head),
    }
    own_referrals, special = _referred(session, store, worker, case, coordinator)
    looked_back = _closed(session, worker, head, other)
    ended = {"case_id": other.public_id, **looked_back}
    special |= dict.fromkeys(("cases.look_back", "cases.reopen", "cases.reopen_form"), ended)
    special["cases.review_goal"] = {"goal_id": own.pop("goal_in_force")}
    return CaseFiles({**own, **own_referrals}, special)


def _open(session: Session, coordinator: Actor, worker: Actor, school: School, name: str) -> Case:
    command = NewCase(
        child=ChildFacts(f"{name} Contoh {school.npsn}", born="2014"),
        origin=Origin.REFERRAL_IN,
        origin_words="Diantar bibinya",
        school_id=school.id,
        class_name="5A",
        kinds=("verbal",),
        summary="Bekalnya diambil",
        manager_id=worker.user_id,
    )
    return open_case(session, coordinator, command)


def _bring_to(session: Session, case: Case, stage: Stage) -> None:
    passage = session.scalars(select(CaseStage).where(CaseStage.case_id == case.id)).one()
    passage.stage = case.stage = stage


def _written(session: Session, worker: Actor, case: Case) -> dict[str, str]:
    """Write one of everything into the file."""
    guardian = identity.add_guardian(session, worker, case, GuardianFacts("Ibu Contoh", "Ibu"))
    contact = family.add_contact(
        session,
        worker,
        case,
        Contact(
            clock.now() - timedelta(hours=2),
            ContactWay.PHONE,
            reached=True,
            guardian_id=guardian.id,
            text="Ibunya mau datang",
            home_task="Mengantar ke sekolah",
            home_task_until=clock.today() + timedelta(days=3),
        ),
    )
    task = tasks.add(session, worker, case, "Menelepon", clock.today(), worker.user_id)
    found = Findings(1, "Sering sendirian", clock.today())
    assessment = assessing.assess(session, worker, case, Domain.SCHOOL, found)
    hindrance = Hindrance(Side.EXTERNAL, Nature.STRUCTURAL, "Rumahnya jauh")
    obstacle = obstacles.note(session, worker, case, hindrance)
    held = clock.now() - timedelta(hours=1)
    conference = serving.record_past(
        session,
        worker,
        case,
        Appointment(ServiceKind.CONFERENCE, held, 45, worker.user_id),
        Outcome(ServiceState.HELD, 45, result="Sepakat menemani"),
    )
    conferences.invite(session, worker, case, conference, Guests(name="Bibi", capacity="Keluarga"))
    session.flush()
    guest = session.scalars(select(ConferencePerson).filter_by(service_id=conference.id)).one()
    return {
        "guardian_id": guardian.public_id,
        "contact_id": contact.public_id,
        "task_id": task.public_id,
        "assessment_id": assessment.public_id,
        "obstacle_id": obstacle.public_id,
        "service_id": conference.public_id,
        "person_id": guest.public_id,
        "domain": str(Domain.FAMILY),
        "code": "law_asked",
    }


def _planned(session: Session, worker: Actor, case: Case) -> dict[str, str]:
    """Put a plan in force, and begin the next, with the goal it takes along."""
    need = assessing.add_need(session, worker, case, Domain.SCHOOL, "Seorang teman di kelas")
    session.flush()
    due_on = clock.today() + timedelta(days=30)
    aimed = Aimed(need.id, Area.SOCIAL_FUNCTIONING, "Duduk bersama teman", due_on)
    in_force = goals.add_goal(session, worker, case, aimed)
    session.get_one(Plan, in_force.plan_id).follow(frozenset({PlanState.DRAFT}), PlanState.APPROVED)
    session.flush()
    draft = planning.begin_plan(session, worker, case)
    carried = goals.add_goal(session, worker, case, aimed)
    assert carried.plan_id == draft.id
    return {
        "need_id": need.public_id,
        "goal_id": carried.public_id,
        "goal_in_force": in_force.public_id,
    }


def _kept_by_the_office(session: Session, head: Actor) -> dict[str, str]:
    """Return a regulation, and a draft of the procedure."""
    drafts = select(SopVersion).where(SopVersion.valid_from.is_(None))
    draft = session.scalars(drafts).first()
    if draft is None:
        in_force = session.scalars(select(SopVersion)).one()
        draft = procedure.draft(session, head, in_force)
    basis = session.scalars(select(LegalBasis).order_by(LegalBasis.citation)).first()
    assert basis is not None
    return {"edition_id": draft.public_id, "basis_id": basis.public_id, "rank": "2"}


def _referred(
    session: Session, store: Store, worker: Actor, case: Case, coordinator: Actor
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return a referral that was sent, and for some views one that is not so far, or further."""
    asked = Asked(
        ConsentAbout.REFERRAL,
        ConsentAnswer.GIVEN,
        clock.today(),
        reason="Telepon",
        child_agrees=True,
    )
    record_consent(session, worker, case, asked)
    facts = ProviderFacts("Psikolog Contoh", ProviderKind.PSYCHOLOGIST)
    provider = providers.add_provider(session, coordinator, facts)
    providers.set_quota(session, coordinator, provider, clock.today().year, QuotaFacts(10))
    drafted, waiting, sent, opened = (
        drafting.draft(session, worker, case, Draft(provider, "Teman bicara", whole_case=True))
        for _ in range(4)
    )
    decision_id = _proposed(session, worker, case, waiting)
    tokens = [_sent(session, worker, case, each, coordinator) for each in (sent, opened)]
    sending.open_link(session, tokens[1], BROWSER)
    paper = Checked.of(PDF, pdf_bytes())
    answer = Answer(AnswerKind.ACCEPTED, "Bu Psikolog", "Kami siap", paper)
    answering.note_answer(session, worker, store, case, sent, answer)
    session.flush()
    answered = session.scalars(select(ReferralAnswer).filter_by(referral_id=sent.id)).one()
    usual = {
        "decision_id": decision_id,
        "provider_id": provider.public_id,
        "referral_id": sent.public_id,
        "answer_id": answered.public_id,
        "token": tokens[0],
        "year": str(clock.today().year),
        "tongue": "id",
    }
    unsent = {"referral_id": drafted.public_id}
    with_provider = {"referral_id": opened.public_id}
    special = {
        **dict.fromkeys(("referrals.change", "referrals.propose", "referrals.cancel"), unsent),
        **dict.fromkeys(("referrals.packet", "referrals.answer"), with_provider),
    }
    return usual, special


def _proposed(session: Session, worker: Actor, case: Case, referral: Referral) -> str:
    proposing.propose(session, worker, case, referral, Proposal(REASONS))
    assert referral.decision_id
    return session.get_one(Decision, referral.decision_id).public_id


def _sent(
    session: Session, worker: Actor, case: Case, referral: Referral, coordinator: Actor
) -> str:
    _proposed(session, worker, case, referral)
    decision = session.get_one(Decision, referral.decision_id)
    deciding.approve(session, coordinator, case, decision, "")
    return sending.send(session, worker, case, referral)


def _closed(session: Session, worker: Actor, head: Actor, case: Case) -> dict[str, str]:
    """Close a case, whose child is asked about today."""
    outcome = CaseOutcome.NO_NEED_FOUND
    decision = closing.propose_closure(session, worker, case, outcome, REASONS)
    deciding.approve(session, head, case, decision, "")
    session.flush()
    due = select(Sentinel).where(Sentinel.case_id == case.id).order_by(Sentinel.due_on)
    sentinel = session.scalars(due).first()
    assert sentinel is not None
    sentinel.due_on = clock.today()
    return {"sentinel_id": sentinel.public_id}
