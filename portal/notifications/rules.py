"""Who is told when something happened: one rule for each event, in its transaction.

Nobody is told of their own doing, except where somebody else may have done it in their name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.core import clock, i18n, settings
from portal.core.access import Actor, Role
from portal.core.db import new_id
from portal.core.events import on
from portal.core.retention import ErasedAgain
from portal.incidents.actions.conversing import next_full_hour
from portal.incidents.events import ReportAnswered
from portal.incidents.models import Report
from portal.incidents.states import Door
from portal.monitoring.events import ReplyWritten
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.notifications.actions.writing import (
    NOBODY,
    Outsider,
    Telling,
    forget,
    let_go,
    tell,
    tell_outsider,
    withdraw,
    withdraw_from,
)
from portal.notifications.models import Message
from portal.notifications.queries.words import INVITATION, PASSWORD_RESET, UNTIL
from portal.notifications.states import Nature
from portal.people.events import (
    AccountErased,
    AppointmentEnded,
    ContactsChanged,
    EmergencyOpened,
    FactorAdded,
    FactorRemoved,
    InvitationAccepted,
    InvitationApproved,
    InvitationCancelled,
    Invited,
    PasswordChanged,
    ResetAsked,
    ResetLinkMade,
)
from portal.people.models import EmergencyAccess, Invitation, User
from portal.people.queries.accounts import normal_email
from portal.people.queries.appointments import appointments_of, holders
from portal.people.queries.confidential import kept_away
from portal.schools.events import MouRecorded
from portal.schools.models import School
from portal.visits.actions.deciding import UNDO_GRACE
from portal.visits.events import (
    ApprovalUndone,
    VisitApproved,
    VisitCancelled,
    VisitDeclined,
    VisitHandedOver,
    VisitReassigned,
)
from portal.visits.models import Visit

PLANS = ("visit_approved", "visit_assigned", "visit_reassigned")
SECURITY = "/akun/keamanan"


def _tell(session: Session, actor: Actor | None, people: Iterable[UUID], what: Telling) -> None:
    """Tell these people but the actor, and but those who left."""
    others = [each for each in people if actor is None or each != actor.user_id]
    tell(session, (each for each in others if appointments_of(session, each)), what)


def _about(
    session: Session, visit: Visit, kind: str, not_before: datetime | None = None
) -> Telling:
    facts = {
        "school": session.get_one(School, visit.school_id).name,
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
    }
    return Telling(kind, visit.id, f"/sesi/{visit.public_id}", facts, not_before=not_before)


def _school_side(session: Session, visit: Visit) -> list[UUID]:
    """Return whoever asked for a session, and the school's principal."""
    return [visit.requested_by, *holders(session, Role.PRINCIPAL, visit.school_id)]


@on(VisitApproved)
def tell_of_approval(session: Session, actor: Actor | None, happened: VisitApproved) -> None:
    """Tell school and worker of a session, once the approval cannot be undone any more."""
    visit = session.get_one(Visit, happened.subject_id)
    undo = timedelta(seconds=settings.read(session)["undo_seconds"]) + UNDO_GRACE
    settled = clock.now() + undo
    _tell(
        session,
        actor,
        _school_side(session, visit),
        _about(session, visit, "visit_approved", settled),
    )
    _tell(session, actor, [happened.worker_id], _about(session, visit, "visit_assigned", settled))


@on(ApprovalUndone)
def take_approval_back(session: Session, _actor: Actor | None, happened: ApprovalUndone) -> None:
    """Tell nobody of an approval that was undone."""
    withdraw(session, _id(happened), *PLANS)


@on(VisitDeclined)
def tell_of_refusal(session: Session, actor: Actor | None, happened: VisitDeclined) -> None:
    """Tell the school that a session is not possible."""
    visit = session.get_one(Visit, happened.subject_id)
    _tell(session, actor, _school_side(session, visit), _about(session, visit, "visit_declined"))


@on(VisitCancelled)
def tell_of_cancelling(session: Session, actor: Actor | None, happened: VisitCancelled) -> None:
    """Tell the worker, and the school unless it cancelled itself."""
    visit = session.get_one(Visit, happened.subject_id)
    withdraw(session, visit.id, *PLANS)
    school = [] if happened.by_school else _school_side(session, visit)
    people = [*school, happened.worker_id]
    _tell(session, actor, people, _about(session, visit, "visit_cancelled"))


@on(VisitReassigned)
def tell_of_reassigning(session: Session, actor: Actor | None, happened: VisitReassigned) -> None:
    """Tell the new worker, the one before, and whoever asked for the session."""
    if happened.from_worker_id == happened.to_worker_id:
        return
    visit = session.get_one(Visit, happened.subject_id)
    withdraw(session, visit.id, "visit_assigned", "visit_reassigned")
    for person, kind in (
        (happened.to_worker_id, "visit_assigned"),
        (happened.from_worker_id, "visit_unassigned"),
        (visit.requested_by, "visit_reassigned"),
    ):
        _tell(session, actor, [person], _about(session, visit, kind))


@on(VisitHandedOver)
def tell_of_hand_over(session: Session, actor: Actor | None, happened: VisitHandedOver) -> None:
    """Tell the worker who takes over a colleague's session."""
    visit = session.get_one(Visit, happened.subject_id)
    withdraw(session, visit.id, "visit_assigned")
    if happened.worker_id is not None:
        _tell(session, actor, [happened.worker_id], _about(session, visit, "visit_assigned"))


@on(MouRecorded)
def tell_of_mou(session: Session, actor: Actor | None, happened: MouRecorded) -> None:
    """Tell the principal that the school is a partner."""
    school = session.get_one(School, happened.school_id)
    facts = {"school": school.name, "valid_until": happened.valid_until.isoformat()}
    what = Telling("mou_recorded", _id(happened), f"/sekolah/{school.public_id}", facts)
    _tell(session, actor, holders(session, Role.PRINCIPAL, school.id), what)


@on(Invited)
def send_invitation(session: Session, _actor: Actor | None, happened: Invited) -> None:
    """Send the link to the invited address; if somebody must agree, only after they did."""
    invitation = session.get_one(Invitation, happened.subject_id)
    if not invitation.email:
        return
    facts = {
        "product": settings.read(session)["product_name"],
        UNTIL: invitation.expires_at.isoformat(),
    }
    waits = invitation.expires_at if invitation.needs_approval else None
    what = Telling(
        INVITATION,
        invitation.id,
        "/undangan/",
        facts,
        not_before=waits,
        secret=happened.token,
    )
    tell_outsider(session, Outsider(invitation.email, i18n.DEFAULT), what)


@on(InvitationApproved)
def let_invitation_go(session: Session, _actor: Actor | None, happened: InvitationApproved) -> None:
    """Send an invitation that waited for somebody's word."""
    session.execute(
        update(Message)
        .where(Message.subject_id == happened.subject_id, Message.kind == INVITATION)
        .values(not_before=clock.now())
    )


@on(InvitationAccepted)
@on(InvitationCancelled)
def take_invitation_back(session: Session, _actor: Actor | None, happened: Any) -> None:
    """Send no link that opens nothing any more."""
    withdraw(session, happened.subject_id, INVITATION)


@on(ResetAsked)
def send_reset_link(session: Session, _actor: Actor | None, happened: ResetAsked) -> None:
    """Let the worker make a link to a new password and send it to the account's own address.

    Reads and writes the same whether or not there is an account, so that the answer takes as long.
    The helper's to-do stays, for those who cannot read their mail; using the link ends it.
    """
    user_id = happened.subject_id or new_id()
    person = session.execute(select(User.email, User.language).where(User.id == user_id)).first()
    withdraw(session, user_id, PASSWORD_RESET)
    address = (person.email if person else None) or NOBODY
    whom = Outsider(address, person.language if person else i18n.DEFAULT)
    message = tell_outsider(session, whom, Telling(PASSWORD_RESET, user_id, "/sandi-baru/"))
    if address == NOBODY:
        message.withdrawn_at = clock.now()
        let_go(message)


@on(ResetLinkMade)
def prefer_a_persons_link(session: Session, actor: Actor | None, happened: ResetLinkMade) -> None:
    """Send no link to whom a colleague hands one over."""
    if actor is not None:
        withdraw(session, _id(happened), PASSWORD_RESET)


def _warn(session: Session, user_id: UUID, kind: str) -> None:
    # Several at once are one thing to know.
    withdraw(session, user_id, kind)
    tell(session, [user_id], Telling(kind, user_id, SECURITY, nature=Nature.ALARM))


@on(PasswordChanged)
def tell_of_password(session: Session, _actor: Actor | None, happened: PasswordChanged) -> None:
    """Tell somebody that their password is another now."""
    withdraw(session, _id(happened), PASSWORD_RESET)
    _warn(session, _id(happened), "password_changed")


@on(FactorAdded)
def tell_of_proof(session: Session, _actor: Actor | None, happened: FactorAdded) -> None:
    """Tell somebody that their account has another second proof."""
    _warn(session, _id(happened), "factor_added")


@on(FactorRemoved)
def tell_of_lost_proof(session: Session, _actor: Actor | None, happened: FactorRemoved) -> None:
    """Tell somebody that a second proof is gone."""
    _warn(session, _id(happened), "factor_removed")


@on(ContactsChanged)
def tell_of_contacts(session: Session, _actor: Actor | None, happened: ContactsChanged) -> None:
    """Tell somebody at the new address and at the one before, which a thief would leave behind."""
    user = session.get_one(User, happened.subject_id)
    withdraw(session, user.id, PASSWORD_RESET)
    _warn(session, user.id, "contacts_changed")
    if happened.former_email and happened.former_email != user.email:
        what = Telling("contacts_changed", user.id, SECURITY, nature=Nature.ALARM)
        tell_outsider(session, Outsider(happened.former_email, user.language), what)


@on(EmergencyOpened)
def tell_of_emergency(session: Session, actor: Actor | None, happened: EmergencyOpened) -> None:
    """Tell the head of the office, the head of the agency and the data protection officer.

    Whoever stands on the record's conflict list is told neither here nor at an address outside.
    """
    access = session.get_one(EmergencyAccess, happened.subject_id)
    facts = {"number": access.label, "review_by": access.review_by.isoformat()}
    link = f"/akses-darurat/{access.public_id}"
    what = Telling("emergency_opened", access.id, link, facts, nature=Nature.ALARM)
    kept = kept_away(session, access.subject_id)
    heads = [each for each in holders(session, Role.OFFICE_HEAD) if each not in kept]
    _tell(session, actor, heads, what)
    office = settings.read(session)
    outside = [office["head_of_agency_email"], office["privacy_officer_email"]]
    theirs = set(session.scalars(select(User.email).where(User.id.in_(kept))))
    for address in dict.fromkeys(filter(None, outside)):
        if normal_email(address) not in theirs:
            tell_outsider(session, Outsider(address, i18n.DEFAULT), what)


@on(ReportAnswered)
def tell_of_answer(session: Session, actor: Actor | None, happened: ReportAnswered) -> None:
    """Tell school staff that the office answered what they filed, once the answer shows."""
    report = session.get_one(Report, happened.subject_id)
    if report.door != Door.STAFF or report.filed_by is None:
        return
    withdraw(session, report.id, "report_answered")
    what = Telling(
        "report_answered",
        report.id,
        f"/laporan/{report.public_id}",
        {"number": report.locator},
        not_before=next_full_hour(clock.now()),
    )
    _tell(session, actor, [report.filed_by], what)


@on(ReplyWritten)
def tell_of_reply(session: Session, actor: Actor | None, happened: ReplyWritten) -> None:
    """Tell the teacher who sent a form that the office answered it."""
    form = session.get_one(MonitoringForm, happened.subject_id)
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    school = session.get_one(School, follow_up.school_id)
    if form.sent_by is None or form.sent_by in kept_away(session, follow_up.case_id):
        return
    link, facts = f"/pemantauan/{form.public_id}", {"school": school.name}
    _tell(session, actor, [form.sent_by], Telling("form_answered", form.id, link, facts))


@on(AppointmentEnded)
def stop_telling(session: Session, _actor: Actor | None, happened: AppointmentEnded) -> None:
    """Tell nothing more to somebody who holds no role any longer."""
    if not appointments_of(session, happened.user_id):
        withdraw_from(session, happened.user_id)


@on(AccountErased)
def forget_messages(session: Session, _actor: Actor | None, happened: AccountErased) -> None:
    """Keep no message to or about somebody who was forgotten."""
    forget(session, _id(happened))


@on(ErasedAgain)
def forget_again(session: Session, _actor: Actor | None, happened: ErasedAgain) -> None:
    """Keep none either that a restore brought back."""
    if happened.kind == "user":
        forget(session, _id(happened))


def _id(happened: Any) -> UUID:
    """Return the record of an event that always has one."""
    subject_id: UUID = happened.subject_id
    return subject_id
