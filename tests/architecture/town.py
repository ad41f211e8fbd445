"""A town with one of everything that addresses name, and somebody in every role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

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
from portal.core.db import new_id, transaction
from portal.core.files import PDF
from portal.core.retention import LegalHold
from portal.people.actions import invitations
from portal.people.actions.confidential import Record, open_in_emergency, record_conflict
from portal.people.actions.invitations import Invite
from portal.people.models import Conflict, EmergencyAccess, Invitation, Membership, User
from portal.schools.actions.mou import Upload
from portal.schools.actions.uploads import start_import
from portal.schools.models import Mou, School, SchoolImport
from portal.visits.models import Leave, Visit
from tests.builders import Builder
from tests.papers import pdf_bytes

PDF_BYTES = pdf_bytes()
LIST_BYTES = b"npsn,nama,jenjang,kecamatan,status\n97000001,SMP Baru,SMP,Metro Pusat,negeri\n"


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

    def arguments(self, names: set[str]) -> dict[str, str]:
        """Return what fills these parameters of an address."""
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
            "session_id": self.emergency.public_id,
            "passkey_id": self.emergency.public_id,
            "filename": "css/portal.css",
        }
        return {name: every[name] for name in names}


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
    """Add one of everything to a school."""
    admin = build.actor(by_role[Role.ADMIN])
    worker = by_role[Role.SOCIAL_WORKER]
    mou = build.mou(school)
    colleague = build.user(Role.TEACHER, school)
    requester = build.user(Role.PRINCIPAL, school)
    visit = build.requested(requester, school, build.first_slot(school, skip=skip))
    wanted = Invite(Role.TEACHER, school.id, "Bu Undangan", f"{school.npsn}@uji.example", None)
    with transaction(build.session) as session:
        invitation, token = invitations.invite(session, admin, wanted)
        kept = files.store(session, folder, "MoU.pdf", PDF_BYTES, frozenset({PDF}))
        mou.file_id = kept.id
        waiting = start_import(session, admin, folder, Upload("daftar.csv", LIST_BYTES))
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
        membership = session.scalars(select(Membership).filter_by(user_id=colleague.id)).one()
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
    )


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
