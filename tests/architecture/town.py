"""A town with one of everything that addresses name, and somebody in every role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from portal.core import clock, files
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import transaction
from portal.core.files import PDF
from portal.people import actions as people
from portal.people.actions import Invite
from portal.people.models import Invitation, Membership, User
from portal.schools.actions.mou import Upload
from portal.schools.actions.uploads import start_import
from portal.schools.models import Mou, School, SchoolImport
from portal.visits.models import Leave, Visit
from tests.builders import Builder

PDF_BYTES = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
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
        invitation, token = people.invite(session, admin, wanted)
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
        membership = session.scalars(select(Membership).filter_by(user_id=colleague.id)).one()
    return Objects(school, mou, visit, membership, invitation, token, waiting, worker, leave)
