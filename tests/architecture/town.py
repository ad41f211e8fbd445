"""A town with one of everything that addresses name, and somebody in every role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.auditlog.actions.breaches import BreachFacts, record_breach
from portal.auditlog.actions.requests import (
    NewRequest,
    assign,
    identify,
    record_of,
    record_request,
)
from portal.auditlog.actions.retention import NewHold, order_hold
from portal.auditlog.models import Breach, DataRequest, Relation, RequestKind
from portal.core import clock, files
from portal.core.access import SCHOOL_ROLES, Actor, Role
from portal.core.codes import new_code
from portal.core.db import new_id, transaction
from portal.core.duties import Duty
from portal.core.files import PDF, Store, StoredFile
from portal.core.retention import LegalHold
from portal.incidents.actions.conflicts import record_of as report_record
from portal.incidents.actions.deciding import take_on
from portal.incidents.actions.receiving import (
    LOCATOR_LENGTH,
    SECRET_LENGTH,
    Filing,
    TrackingCode,
    receive,
)
from portal.incidents.models import Report, ReportFile, Turn
from portal.incidents.states import Door
from portal.notifications.actions.writing import Telling, tell
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Nature
from portal.people.actions import invitations
from portal.people.actions.confidential import Record, open_in_emergency, record_conflict
from portal.people.actions.invitations import Invite
from portal.people.models import Conflict, EmergencyAccess, Invitation, Membership, User
from portal.schools.actions.calendar import CalendarDays, add_days
from portal.schools.actions.mou import Upload
from portal.schools.actions.uploads import start_import
from portal.schools.models import CalendarEntry, CalendarKind, Mou, School, SchoolImport
from portal.visits.models import Leave, Visit
from tests.architecture.bookings import Bookings, add_bookings
from tests.architecture.bookshelf import Bookshelf, add_materials
from tests.architecture.casefiles import CaseFiles, add_case
from tests.architecture.partners import add_partner
from tests.architecture.returns import add_return
from tests.builders import Builder
from tests.papers import pdf_bytes

PDF_BYTES = pdf_bytes()
LIST_BYTES = b"npsn,nama,jenjang,kecamatan,status\n97000001,SMP Baru,SMP,Metro Pusat,negeri\n"


@dataclass(frozen=True)
class AtDesk:
    """A report with evidence that a social worker on duty handles, and another beside it."""

    report: Report
    other: Report
    evidence: StoredFile
    kept: Conflict
    turn: Turn


@dataclass(frozen=True)
class ByAccount:
    """A report that the focal team filed, and one that the coordinator wrote down."""

    filing: Report
    written: Report


@dataclass(frozen=True)
class Objects:
    """A school with everything that belongs to it, and what else addresses name."""

    school: School
    mou: Mou
    visit: Visit
    membership: Membership
    invitation: Invitation
    token: str
    waiting_import: SchoolImport
    worker: User
    leave: Leave
    emergency: EmergencyAccess
    hold: LegalHold
    request: DataRequest
    conflict: Conflict
    breach: Breach
    message: Message
    delivery: Delivery
    alarm: Duty
    at_desk: AtDesk
    by_account: ByAccount
    files: CaseFiles
    entry: CalendarEntry
    bookshelf: Bookshelf
    bookings: Bookings
    partner: dict[str, str]

    def arguments(self, rule: Rule) -> dict[str, str]:
        """Return what fills the parameters of an address."""
        every = {
            "school_id": self.school.public_id,
            "mou_id": self.mou.public_id,
            "visit_id": self.visit.public_id,
            "membership_id": self.membership.public_id,
            "invitation_id": self.invitation.public_id,
            "token": self.token,
            "import_id": self.waiting_import.public_id,
            "worker_id": self.worker.public_id,
            "leave_id": self.leave.public_id,
            "user_id": self.worker.public_id,
            "access_id": self.emergency.public_id,
            "hold_id": self.hold.public_id,
            "request_id": self.request.public_id,
            "conflict_id": self.conflict.public_id,
            "breach_id": self.breach.public_id,
            "job_name": "retention",
            "duty_id": str(self.alarm.id),
            "message_id": self.message.public_id,
            "delivery_id": self.delivery.public_id,
            "session_id": self.emergency.public_id,
            "passkey_id": self.emergency.public_id,
            "report_id": self.at_desk.report.public_id,
            "other_id": self.at_desk.other.public_id,
            "file_id": self.at_desk.evidence.public_id,
            "kept_id": self.at_desk.kept.public_id,
            "turn_id": self.at_desk.turn.public_id,
            "filing_id": self.by_account.filing.public_id,
            "written_id": self.by_account.written.public_id,
            "entry_id": self.entry.public_id,
            "poster_language": "id",
            "filename": "css/portal.css",
            "number": "1",
        }
        every |= self.partner
        if rule.endpoint.endswith("_partnership") or rule.endpoint == "schools.partnership":
            every["request_id"] = self.partner["partnership_id"]
        if rule.endpoint.startswith(("cases.", "referrals.", "monitoring.")):
            every = self.files.arguments(rule.endpoint)
        if rule.endpoint.startswith("materials."):
            every = self.bookshelf.arguments(rule.endpoint)
        if rule.endpoint.startswith("visits."):
            every = {**every, **self.bookings.arguments(rule.endpoint)}
        if rule.endpoint == "visits.invite":
            return {"sekolah": self.school.public_id}
        if rule.endpoint == "cases.add_report":
            # The page it stands on names the report in its address.
            return {"laporan": self.at_desk.report.public_id}
        return {name: every[name] for name in rule.arguments}


def add_people(build: Builder, school: School) -> dict[Role, User]:
    """Add one person for every role; the school's roles at this school."""
    people_by_role = {
        role: build.user(role, school if role in SCHOOL_ROLES else None)
        for role in Role
        if role is not Role.SOCIAL_WORKER
    }
    return {**people_by_role, Role.SOCIAL_WORKER: build.worker()}


def add_objects(
    build: Builder, folder: Path, school: School, by_role: dict[Role, User], *, skip: int = 0
) -> Objects:
    """Add one of everything to a school; files lie in this data folder."""
    store = files.store_from("", folder)
    admin = build.actor(by_role[Role.ADMIN])
    worker = by_role[Role.SOCIAL_WORKER]
    mou = build.mou(school)
    colleague = build.user(Role.TEACHER, school)
    requester = build.user(Role.PRINCIPAL, school)
    visit = build.requested(requester, school, build.first_slot(school, skip=skip))
    wanted = Invite(Role.TEACHER, school.id, "Bu Undangan", f"{school.npsn}@uji.example", None)
    with transaction(build.session) as session:
        invitation, token = invitations.invite(session, admin, wanted)
        kept = files.keep(session, store, "MoU.pdf", PDF_BYTES, frozenset({PDF}))
        mou.file_id = kept.id
        waiting = start_import(session, admin, store, Upload("daftar.csv", LIST_BYTES))
        leave = Leave(
            user_id=worker.id,
            first_day=clock.today() + timedelta(days=300 + skip),
            last_day=clock.today() + timedelta(days=300 + skip),
            recorded_by=by_role[Role.COORDINATOR].id,
        )
        session.add(leave)
        record = Record("data_request", new_id(), f"PD-{school.npsn}", "/beranda")
        head = build.actor(by_role[Role.DIVISION_HEAD])
        emergency = open_in_emergency(session, head, record, "Ada bahaya")
        hold = order_hold(session, head, NewHold("visit", visit.reference, "Surat polisi"))
        request = _request(session, build, head, worker, requester)
        reason = "Bertetangga"
        conflict = record_conflict(session, head, record_of(request), admin.user_id, reason)
        breach = _breach(session, head)
        delivery = _delivery(session, by_role[Role.PRINCIPAL])
        message = _message(session, by_role[Role.PRINCIPAL], school, visit)
        alarm = session.scalars(select(Duty).filter_by(subject_id=breach.id)).first()
        at_desk = _at_desk(build, store, school, by_role)
        by_account = _by_account(build, school, by_role)
        of_case = add_case(build, store, school, by_role)
        case_files = add_return(build, school, by_role, of_case)
        entry = _entry(session, build.actor(by_role[Role.COORDINATOR]), school)
        membership = session.scalars(select(Membership).filter_by(user_id=colleague.id)).one()
        bookshelf = add_materials(build, store, school, by_role)
        partner = add_partner(build, school, mou, by_role)
        bookings = add_bookings(build, store, school, by_role, requester)
    assert alarm is not None
    return Objects(
        school,
        mou,
        visit,
        membership,
        invitation,
        token,
        waiting,
        worker,
        leave,
        emergency,
        hold,
        request,
        conflict,
        breach,
        message,
        delivery,
        alarm,
        at_desk,
        by_account,
        case_files,
        entry,
        bookshelf,
        bookings,
        partner,
    )


def _at_desk(build: Builder, store: Store, school: School, by_role: dict[Role, User]) -> AtDesk:
    session, worker = build.session, by_role[Role.SOCIAL_WORKER]
    turn = Turn(
        user_id=worker.id,
        first_day=clock.today(),
        last_day=clock.today() + timedelta(days=60),
        recorded_by=by_role[Role.COORDINATOR].id,
    )
    session.add(turn)
    session.flush()
    report, other = (_report(session, school) for _ in range(2))
    evidence = files.keep(session, store, "bukti.pdf", PDF_BYTES, frozenset({PDF}))
    session.add(ReportFile(report_id=report.id, file_id=evidence.id))
    take_on(session, build.actor(worker), report)
    coordinator = build.actor(by_role[Role.COORDINATOR])
    away = by_role[Role.ADMIN].id
    kept = record_conflict(session, coordinator, report_record(report), away, "Bertetangga")
    return AtDesk(report, other, evidence, kept, turn)


def _by_account(build: Builder, school: School, by_role: dict[Role, User]) -> ByAccount:
    # Filed by whoever asks first where every role is tried, though not at a foreign school.
    team, coordinator = (build.actor(by_role[each]) for each in (Role.FOCAL_TEAM, Role.COORDINATOR))
    answers = {"danger": ["no"]}
    filing = Filing(Door.STAFF, answers, story="Sering sendirian", school_id=school.id)
    written = Filing(Door.PHONE, answers, story="Ibunya khawatir", school_id=school.id)
    return ByAccount(
        receive(build.session, team, filing), receive(build.session, coordinator, written)
    )


def _report(session: Session, school: School) -> Report:
    filing = Filing(
        Door.STORY_ROOM,
        {"danger": ["no"], "what": ["verbal"]},
        story="Diejek di kantin",
        safe_contact="Lewat bibi",
        school_id=school.id,
    )
    secret = "0" * SECRET_LENGTH
    return receive(session, None, filing, TrackingCode(new_code(LOCATOR_LENGTH), secret, "hash"))


def _request(
    session: Session, build: Builder, head: Actor, worker: User, about: User
) -> DataRequest:
    """Add a request about an account whose owner was identified by the handler."""
    wanted = NewRequest(
        kind=RequestKind.ACCESS,
        relation=Relation.SELF,
        requester=about.full_name,
        contact="Surat",
        data_subject="",
        wish="Salinan data saya",
        received_at=clock.now(),
        account=about.email or "",
    )
    request = record_request(session, head, wanted)
    assign(session, head, request, worker.id)
    identify(session, build.actor(worker), request, "Melihat kartu identitas")
    return request


def _breach(session: Session, head: Actor) -> Breach:
    facts = BreachFacts(
        title="Laptop tertinggal",
        what_happened="Tertinggal di angkutan kota.",
        data_kinds=("contacts",),
        people_affected=12,
        children_affected=False,
        started_at=None,
        found_at=clock.now(),
        measures="",
    )
    return record_breach(session, head, facts)


def _message(session: Session, receiver: User, school: School, visit: Visit) -> Message:
    facts = {
        "school": school.name,
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "worker": "Bu Sari",
    }
    link = f"/sesi/{visit.public_id}"
    told = Telling("visit_approved", visit.id, link, facts)
    return tell(session, [receiver.id], told)[0]


def _delivery(session: Session, receiver: User) -> Delivery:
    """Add an e-mail that was given up."""
    moment = clock.now()
    delivery = Delivery(
        recipient_id=receiver.id,
        state=DeliveryState.GIVEN_UP,
        nature=Nature.NEWS,
        written_at=moment,
        next_try_at=moment,
        trying_since=moment,
        tries=3,
        tried_at=moment,
        problem="refused 550",
        ended_at=moment,
    )
    session.add(delivery)
    return delivery


def _entry(session: Session, coordinator: Actor, school: School) -> CalendarEntry:
    """Add days without school, far from those on which anything is due."""
    day = clock.today() + timedelta(days=300)
    break_days = CalendarDays(CalendarKind.BREAK, "Hari jadi sekolah", "", day, day, (), "")
    return add_days(session, coordinator, school.id, break_days)
