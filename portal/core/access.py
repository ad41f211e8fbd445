"""Who may do what: roles, permissions and the one table that joins them.

The table is the role matrix of the security design; a role is a dated appointment, at one school or
at the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true


class Role(StrEnum):
    """The kinds of appointment."""

    PRINCIPAL = "principal"
    SCHOOL_OPERATOR = "school_operator"
    TEACHER = "teacher"
    FOCAL_TEAM = "focal_team"
    SOCIAL_WORKER = "social_worker"
    COORDINATOR = "coordinator"
    DIVISION_HEAD = "division_head"
    OFFICE_HEAD = "office_head"
    ADMIN = "admin"
    EDUCATION_OFFICE = "education_office"
    VOLUNTEER = "volunteer"


SCHOOL_ROLES = frozenset({Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER, Role.FOCAL_TEAM})


class Permission(StrEnum):
    """The things a view or a move may ask for."""

    SIGNED_IN = "signed_in"
    SCHOOL_READ = "school_read"
    SCHOOL_CONTACTS_READ = "school_contacts_read"
    SCHOOL_CONTACTS_WRITE = "school_contacts_write"
    CONTACT_LOG_READ = "contact_log_read"
    CONTACT_LOG_WRITE = "contact_log_write"
    CLASS_READ = "class_read"
    CLASS_WRITE = "class_write"
    SCHOOL_IMPORT = "school_import"
    SCHOOL_EDIT = "school_edit"
    MOU_READ = "mou_read"
    MOU_WRITE = "mou_write"
    MOU_FILE_WRITE = "mou_file_write"
    MOU_APPROVE = "mou_approve"
    PARTNERSHIP_READ = "partnership_read"
    PARTNERSHIP_WRITE = "partnership_write"
    VISIT_READ = "visit_read"
    VISIT_REQUEST = "visit_request"
    VISIT_APPROVE = "visit_approve"
    VISIT_DELIVER = "visit_deliver"
    VISIT_ENTER = "visit_enter"
    VISIT_COST_READ = "visit_cost_read"
    VISIT_COST_WRITE = "visit_cost_write"
    PROGRAMME_WRITE = "programme_write"
    LETTER_WRITE = "letter_write"
    LETTER_FORMAT_WRITE = "letter_format_write"
    WORKER_READ = "worker_read"
    WORKER_WRITE = "worker_write"
    COVERAGE_READ = "coverage_read"
    COVERAGE_EXPORT = "coverage_export"
    SCHOOL_COVERAGE_READ = "school_coverage_read"
    SUGGESTION_READ = "suggestion_read"
    SUGGESTION_WRITE = "suggestion_write"
    PLAN_READ = "plan_read"
    PLAN_WRITE = "plan_write"
    PEOPLE_READ = "people_read"
    INVITE_SCHOOL_STAFF = "invite_school_staff"
    INVITE_ANYONE = "invite_anyone"
    STAFF_APPROVE = "staff_approve"
    RESET_LINK_MAKE = "reset_link_make"
    FACTOR_CLEAR = "factor_clear"
    ACCESS_REVIEW = "access_review"
    SETTINGS_WRITE = "settings_write"
    AUDIT_READ = "audit_read"
    DATA_REQUEST_READ = "data_request_read"
    DATA_REQUEST_WRITE = "data_request_write"
    DATA_REQUEST_ASSIGN = "data_request_assign"
    EMERGENCY_ACCESS = "emergency_access"
    EMERGENCY_READ = "emergency_read"
    EMERGENCY_REVIEW = "emergency_review"
    BREACH_READ = "breach_read"
    BREACH_WRITE = "breach_write"
    RETENTION_READ = "retention_read"
    LEGAL_HOLD_WRITE = "legal_hold_write"
    REPORT_FILE = "report_file"
    REPORT_STATUS = "report_status"
    REPORT_TRANSCRIBE = "report_transcribe"
    REPORT_READ = "report_read"
    REPORT_TRIAGE = "report_triage"
    REPORT_LOWER = "report_lower"
    REPORT_REVEAL = "report_reveal"
    REPORT_FIGURES = "report_figures"
    REPORT_FIGURES_INSIDE = "report_figures_inside"
    ROSTER_WRITE = "roster_write"
    CASE_FIGURES = "case_figures"
    CASE_FIGURES_INSIDE = "case_figures_inside"
    CASE_LIST = "case_list"
    CASE_READ = "case_read"
    CASE_WORK = "case_work"
    CASE_OPEN = "case_open"
    CASE_ASSIGN = "case_assign"
    CASE_REVEAL = "case_reveal"
    CASE_PLAN_APPROVE = "case_plan_approve"
    CASE_CLOSE = "case_close"
    CASE_REOPEN = "case_reopen"
    REFERRAL_APPROVE = "referral_approve"
    PROVIDER_READ = "provider_read"
    PROVIDER_WRITE = "provider_write"
    SOP_READ = "sop_read"
    SOP_WRITE = "sop_write"
    CALENDAR_READ = "calendar_read"
    CALENDAR_WRITE = "calendar_write"
    RETURN_PLAN_READ = "return_plan_read"
    MONITORING_LIST = "monitoring_list"
    MONITORING_FILL = "monitoring_fill"
    MONITORING_STATUS = "monitoring_status"
    MONITORING_ASSIGN = "monitoring_assign"
    MONITORING_ALERT = "monitoring_alert"
    GAP_FIGURES = "gap_figures"
    MATERIAL_WRITE = "material_write"
    MATERIAL_PUBLISH = "material_publish"
    MATERIAL_USE = "material_use"
    MATERIAL_FIGURES = "material_figures"
    QUIZ_ROUND = "quiz_round"
    CAMPAIGN_READ = "campaign_read"
    CAMPAIGN_WRITE = "campaign_write"
    CAMPAIGN_APPROVE = "campaign_approve"
    MESSAGE_HAND_OVER = "message_hand_over"
    OPERATIONS = "operations"


class Reach(Enum):
    """How far a grant goes."""

    OWN_SCHOOL = "own_school"
    ASSIGNED = "assigned"
    ALL = "all"


P, R = Permission, Reach

# The head of the division, and the head of the office with the same reading rights.
HEADS_READ: dict[Permission, Reach] = {
    P.SIGNED_IN: R.ALL,
    P.SCHOOL_READ: R.ALL,
    P.SCHOOL_CONTACTS_READ: R.ALL,
    P.MOU_READ: R.ALL,
    P.CONTACT_LOG_READ: R.ALL,
    P.CLASS_READ: R.ALL,
    P.PARTNERSHIP_READ: R.ALL,
    P.VISIT_COST_READ: R.ALL,
    P.SUGGESTION_READ: R.ALL,
    P.PLAN_READ: R.ALL,
    P.VISIT_READ: R.ALL,
    P.WORKER_READ: R.ALL,
    P.COVERAGE_READ: R.ALL,
    P.COVERAGE_EXPORT: R.ALL,
    P.PEOPLE_READ: R.ALL,
    P.STAFF_APPROVE: R.ALL,
    # Whoever hands over a new password may not also take off the second proof, or one person
    # alone could become another.
    P.FACTOR_CLEAR: R.ALL,
    P.AUDIT_READ: R.ALL,
    P.EMERGENCY_READ: R.ALL,
    P.BREACH_READ: R.ALL,
    P.RETENTION_READ: R.ALL,
    # The list without schools and names.
    P.REPORT_READ: R.ALL,
    P.REPORT_FIGURES: R.ALL,
    P.REPORT_FIGURES_INSIDE: R.ALL,
    # Numbers, stages and clocks of cases; no name, no story.
    P.CASE_LIST: R.ALL,
    P.CASE_FIGURES: R.ALL,
    P.CASE_FIGURES_INSIDE: R.ALL,
    P.PROVIDER_READ: R.ALL,
    P.SOP_READ: R.ALL,
    P.CALENDAR_READ: R.ALL,
    # Of whom forms are late, by number; never what they say.
    P.MONITORING_LIST: R.ALL,
    P.GAP_FIGURES: R.ALL,
    P.MATERIAL_FIGURES: R.ALL,
    P.CAMPAIGN_READ: R.ALL,
}

GRANTS: Mapping[Role, Mapping[Permission, Reach]] = MappingProxyType(
    {
        Role.PRINCIPAL: {
            P.SIGNED_IN: R.ALL,
            P.REPORT_FILE: R.OWN_SCHOOL,
            # Number and state of what the own staff reports by name.
            P.REPORT_STATUS: R.OWN_SCHOOL,
            P.SCHOOL_READ: R.OWN_SCHOOL,
            P.SCHOOL_CONTACTS_WRITE: R.OWN_SCHOOL,
            P.CLASS_READ: R.OWN_SCHOOL,
            P.CLASS_WRITE: R.OWN_SCHOOL,
            P.LETTER_WRITE: R.OWN_SCHOOL,
            P.SCHOOL_CONTACTS_READ: R.OWN_SCHOOL,
            P.MOU_READ: R.OWN_SCHOOL,
            P.VISIT_READ: R.OWN_SCHOOL,
            P.VISIT_REQUEST: R.OWN_SCHOOL,
            P.SCHOOL_COVERAGE_READ: R.OWN_SCHOOL,
            P.PEOPLE_READ: R.OWN_SCHOOL,
            P.INVITE_SCHOOL_STAFF: R.OWN_SCHOOL,
            P.RESET_LINK_MAKE: R.OWN_SCHOOL,
            P.FACTOR_CLEAR: R.OWN_SCHOOL,
            P.CALENDAR_READ: R.OWN_SCHOOL,
            P.CALENDAR_WRITE: R.OWN_SCHOOL,
            P.RETURN_PLAN_READ: R.OWN_SCHOOL,
            # Whether forms are done, by initials and class; never what they say.
            P.MONITORING_LIST: R.OWN_SCHOOL,
            P.MONITORING_STATUS: R.OWN_SCHOOL,
            P.MONITORING_ASSIGN: R.OWN_SCHOOL,
            P.MATERIAL_USE: R.OWN_SCHOOL,
            P.QUIZ_ROUND: R.OWN_SCHOOL,
        },
        Role.SCHOOL_OPERATOR: {
            P.SIGNED_IN: R.ALL,
            P.REPORT_FILE: R.OWN_SCHOOL,
            P.SCHOOL_READ: R.OWN_SCHOOL,
            P.SCHOOL_CONTACTS_WRITE: R.OWN_SCHOOL,
            P.CLASS_READ: R.OWN_SCHOOL,
            P.CLASS_WRITE: R.OWN_SCHOOL,
            P.MOU_FILE_WRITE: R.OWN_SCHOOL,
            P.LETTER_WRITE: R.OWN_SCHOOL,
            P.SCHOOL_CONTACTS_READ: R.OWN_SCHOOL,
            P.MOU_READ: R.OWN_SCHOOL,
            P.VISIT_READ: R.OWN_SCHOOL,
            P.VISIT_REQUEST: R.OWN_SCHOOL,
            P.SCHOOL_COVERAGE_READ: R.OWN_SCHOOL,
            P.CALENDAR_READ: R.OWN_SCHOOL,
            P.CALENDAR_WRITE: R.OWN_SCHOOL,
        },
        Role.TEACHER: {
            P.SIGNED_IN: R.ALL,
            P.REPORT_FILE: R.OWN_SCHOOL,
            P.SCHOOL_READ: R.OWN_SCHOOL,
            P.CLASS_READ: R.OWN_SCHOOL,
            P.VISIT_READ: R.OWN_SCHOOL,
            P.CALENDAR_READ: R.OWN_SCHOOL,
            # The plans and the forms they are asked for by name.
            P.RETURN_PLAN_READ: R.ASSIGNED,
            P.MONITORING_LIST: R.ASSIGNED,
            P.MONITORING_FILL: R.ASSIGNED,
            P.MATERIAL_USE: R.OWN_SCHOOL,
            P.QUIZ_ROUND: R.OWN_SCHOOL,
        },
        # A teacher with this mark: what the office shares with a school's team comes here.
        Role.FOCAL_TEAM: {
            P.SIGNED_IN: R.ALL,
            P.REPORT_FILE: R.OWN_SCHOOL,
            P.SCHOOL_READ: R.OWN_SCHOOL,
            P.CLASS_READ: R.OWN_SCHOOL,
            P.VISIT_READ: R.OWN_SCHOOL,
            P.SCHOOL_COVERAGE_READ: R.OWN_SCHOOL,
            P.CALENDAR_READ: R.OWN_SCHOOL,
            # The plans and the forms they are asked for by name.
            P.RETURN_PLAN_READ: R.ASSIGNED,
            P.MONITORING_LIST: R.ASSIGNED,
            P.MONITORING_FILL: R.ASSIGNED,
        },
        Role.SOCIAL_WORKER: {
            P.SIGNED_IN: R.ALL,
            P.SCHOOL_READ: R.ALL,
            P.CONTACT_LOG_READ: R.ALL,
            P.CONTACT_LOG_WRITE: R.ALL,
            P.CLASS_READ: R.ALL,
            P.PARTNERSHIP_READ: R.ALL,
            P.VISIT_ENTER: R.ALL,
            P.VISIT_COST_READ: R.ASSIGNED,
            P.VISIT_COST_WRITE: R.ASSIGNED,
            P.LETTER_WRITE: R.ASSIGNED,
            P.SUGGESTION_READ: R.ALL,
            P.PLAN_READ: R.ALL,
            P.SCHOOL_CONTACTS_READ: R.ALL,
            P.MOU_READ: R.ALL,
            P.VISIT_READ: R.ALL,
            P.VISIT_DELIVER: R.ASSIGNED,
            P.WORKER_READ: R.ALL,
            P.COVERAGE_READ: R.ALL,
            # Number, state and urgency of all; the file while on duty or when it is one's own.
            P.REPORT_READ: R.ALL,
            P.REPORT_TRIAGE: R.ASSIGNED,
            P.REPORT_TRANSCRIBE: R.ALL,
            P.REPORT_FIGURES: R.ALL,
            P.REPORT_FIGURES_INSIDE: R.ALL,
            # Whoever manages a case, or was asked to help with it.
            P.CASE_LIST: R.ASSIGNED,
            P.CASE_READ: R.ASSIGNED,
            P.CASE_WORK: R.ASSIGNED,
            P.CASE_OPEN: R.ALL,
            P.CASE_REOPEN: R.ASSIGNED,
            P.CASE_FIGURES: R.ALL,
            P.CASE_FIGURES_INSIDE: R.ALL,
            P.PROVIDER_READ: R.ALL,
            P.SOP_READ: R.ALL,
            P.MESSAGE_HAND_OVER: R.ALL,
            P.DATA_REQUEST_READ: R.ASSIGNED,
            P.DATA_REQUEST_WRITE: R.ASSIGNED,
            P.CALENDAR_READ: R.ALL,
            P.MONITORING_LIST: R.ASSIGNED,
            # Of one's own cases, and on duty what rings.
            P.MONITORING_ALERT: R.ASSIGNED,
            P.MATERIAL_WRITE: R.ALL,
            P.MATERIAL_FIGURES: R.ALL,
            P.QUIZ_ROUND: R.ALL,
            P.CAMPAIGN_READ: R.ALL,
            P.CAMPAIGN_WRITE: R.ALL,
        },
        Role.COORDINATOR: {
            P.SIGNED_IN: R.ALL,
            P.SCHOOL_READ: R.ALL,
            P.SCHOOL_CONTACTS_WRITE: R.ALL,
            P.CONTACT_LOG_READ: R.ALL,
            P.CONTACT_LOG_WRITE: R.ALL,
            P.CLASS_READ: R.ALL,
            P.PARTNERSHIP_READ: R.ALL,
            P.PARTNERSHIP_WRITE: R.ALL,
            P.VISIT_ENTER: R.ALL,
            P.VISIT_COST_READ: R.ALL,
            P.VISIT_COST_WRITE: R.ALL,
            P.PROGRAMME_WRITE: R.ALL,
            P.LETTER_WRITE: R.ALL,
            P.LETTER_FORMAT_WRITE: R.ALL,
            P.SUGGESTION_READ: R.ALL,
            P.SUGGESTION_WRITE: R.ALL,
            P.PLAN_READ: R.ALL,
            P.PLAN_WRITE: R.ALL,
            P.SCHOOL_CONTACTS_READ: R.ALL,
            P.MOU_READ: R.ALL,
            P.MOU_WRITE: R.ALL,
            P.VISIT_READ: R.ALL,
            P.VISIT_APPROVE: R.ALL,
            P.VISIT_DELIVER: R.ALL,
            P.WORKER_READ: R.ALL,
            P.WORKER_WRITE: R.ALL,
            P.COVERAGE_READ: R.ALL,
            P.COVERAGE_EXPORT: R.ALL,
            P.REPORT_READ: R.ALL,
            P.REPORT_TRIAGE: R.ALL,
            P.REPORT_TRANSCRIBE: R.ALL,
            P.REPORT_LOWER: R.ALL,
            P.REPORT_FIGURES: R.ALL,
            P.REPORT_FIGURES_INSIDE: R.ALL,
            P.ROSTER_WRITE: R.ALL,
            P.CASE_LIST: R.ALL,
            # The work on all cases; names only with a reason.
            P.CASE_READ: R.ALL,
            P.CASE_REVEAL: R.ALL,
            P.CASE_WORK: R.ASSIGNED,
            P.CASE_OPEN: R.ALL,
            P.CASE_ASSIGN: R.ALL,
            P.CASE_PLAN_APPROVE: R.ALL,
            P.CASE_REOPEN: R.ALL,
            P.CASE_FIGURES: R.ALL,
            P.CASE_FIGURES_INSIDE: R.ALL,
            P.REFERRAL_APPROVE: R.ALL,
            P.PROVIDER_READ: R.ALL,
            P.PROVIDER_WRITE: R.ALL,
            P.SOP_READ: R.ALL,
            P.MESSAGE_HAND_OVER: R.ALL,
            P.DATA_REQUEST_READ: R.ASSIGNED,
            P.DATA_REQUEST_WRITE: R.ASSIGNED,
            P.CALENDAR_READ: R.ALL,
            P.CALENDAR_WRITE: R.ALL,
            P.MONITORING_LIST: R.ALL,
            P.MONITORING_ALERT: R.ALL,
            P.GAP_FIGURES: R.ALL,
            P.MATERIAL_WRITE: R.ALL,
            P.MATERIAL_PUBLISH: R.ALL,
            P.MATERIAL_FIGURES: R.ALL,
            P.QUIZ_ROUND: R.ALL,
            P.CAMPAIGN_READ: R.ALL,
            P.CAMPAIGN_WRITE: R.ALL,
            P.CAMPAIGN_APPROVE: R.ALL,
        },
        Role.DIVISION_HEAD: {
            **HEADS_READ,
            P.MOU_APPROVE: R.ALL,
            # The register without names; the file itself only when it is one's own to handle,
            # or for an hour and with a reason (EMERGENCY_ACCESS).
            P.DATA_REQUEST_READ: R.ASSIGNED,
            P.DATA_REQUEST_WRITE: R.ASSIGNED,
            P.DATA_REQUEST_ASSIGN: R.ALL,
            P.EMERGENCY_ACCESS: R.ALL,
            P.BREACH_WRITE: R.ALL,
            P.LEGAL_HOLD_WRITE: R.ALL,
            # Words and names only with a reason, and the reading is audited.
            P.REPORT_REVEAL: R.ALL,
            # A whole file while something in it waits for the division head's word.
            P.CASE_REVEAL: R.ALL,
            P.CASE_CLOSE: R.ALL,
            P.CASE_REOPEN: R.ALL,
            # Stands in where no coordinator but the case's own manager could approve.
            P.CASE_PLAN_APPROVE: R.ALL,
            P.REFERRAL_APPROVE: R.ALL,
            P.PROVIDER_WRITE: R.ALL,
            P.SOP_WRITE: R.ALL,
            # What nobody took on in time.
            P.MONITORING_ALERT: R.ASSIGNED,
        },
        # Also the review of what the division head opened.
        Role.OFFICE_HEAD: {**HEADS_READ, P.EMERGENCY_REVIEW: R.ALL},
        Role.ADMIN: {
            P.SIGNED_IN: R.ALL,
            P.SCHOOL_READ: R.ALL,
            P.SCHOOL_CONTACTS_WRITE: R.ALL,
            P.CLASS_READ: R.ALL,
            P.LETTER_FORMAT_WRITE: R.ALL,
            P.SCHOOL_CONTACTS_READ: R.ALL,
            P.SCHOOL_IMPORT: R.ALL,
            P.SCHOOL_EDIT: R.ALL,
            P.MOU_READ: R.ALL,
            P.VISIT_READ: R.ALL,
            P.COVERAGE_READ: R.ALL,
            P.PEOPLE_READ: R.ALL,
            P.INVITE_SCHOOL_STAFF: R.ALL,
            P.INVITE_ANYONE: R.ALL,
            P.RESET_LINK_MAKE: R.ALL,
            P.ACCESS_REVIEW: R.ALL,
            P.SETTINGS_WRITE: R.ALL,
            P.AUDIT_READ: R.ALL,
            P.BREACH_READ: R.ALL,
            P.BREACH_WRITE: R.ALL,
            P.RETENTION_READ: R.ALL,
            P.REPORT_FIGURES: R.ALL,
            P.CASE_FIGURES: R.ALL,
            P.SOP_READ: R.ALL,
            P.MESSAGE_HAND_OVER: R.ALL,
            P.OPERATIONS: R.ALL,
            P.CALENDAR_READ: R.ALL,
            P.CALENDAR_WRITE: R.ALL,
            P.MATERIAL_FIGURES: R.ALL,
            P.CAMPAIGN_READ: R.ALL,
        },
        Role.EDUCATION_OFFICE: {
            P.SIGNED_IN: R.ALL,
            P.SCHOOL_READ: R.ALL,
            P.COVERAGE_READ: R.ALL,
            P.COVERAGE_EXPORT: R.ALL,
            P.REPORT_FIGURES: R.ALL,
            P.CASE_FIGURES: R.ALL,
        },
        Role.VOLUNTEER: {P.SIGNED_IN: R.ALL, P.CAMPAIGN_READ: R.ALL},
    }
)


@dataclass(frozen=True)
class Appointment:
    """One role in force today, at one school or (None) at the office."""

    role: Role
    school_id: UUID | None = None


@dataclass(frozen=True)
class Actor:
    """Whoever does something: a signed-in person with the appointments of today."""

    user_id: UUID
    name: str
    appointments: tuple[Appointment, ...]

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles held today."""
        return frozenset(appointment.role for appointment in self.appointments)

    def may(
        self, permission: Permission, school_id: UUID | None = None, *, assigned: bool = False
    ) -> bool:
        """Say whether a permission reaches a record of this school or assignment."""
        for appointment in self.appointments:
            match GRANTS[appointment.role].get(permission):
                case Reach.ALL:
                    return True
                case Reach.OWN_SCHOOL if school_id and appointment.school_id == school_id:
                    return True
                case Reach.ASSIGNED if assigned:
                    return True
        return False

    def may_somewhere(self, permission: Permission) -> bool:
        """Say whether any appointment carries a permission, whatever its reach."""
        return any(permission in GRANTS[appointment.role] for appointment in self.appointments)

    def schools_with(self, permission: Permission) -> tuple[UUID, ...]:
        """Return the schools where a permission is held as one's own."""
        return tuple(
            appointment.school_id
            for appointment in self.appointments
            if appointment.school_id is not None
            and GRANTS[appointment.role].get(permission) is Reach.OWN_SCHOOL
        )

    def within(
        self,
        permission: Permission,
        school_column: Any = None,
        assignee_column: Any = None,
    ) -> ColumnElement[bool]:
        """Return the SQL condition for the rows a permission reaches.

        The same grants as `may`, so "may I?" and "which ones?" can never disagree.
        """
        reaches = {GRANTS[appointment.role].get(permission) for appointment in self.appointments}
        if Reach.ALL in reaches:
            return true()
        conditions: list[ColumnElement[bool]] = [false()]
        if school_column is not None:
            conditions.append(school_column.in_(self.schools_with(permission)))
        if assignee_column is not None and Reach.ASSIGNED in reaches:
            conditions.append(assignee_column == self.user_id)
        return or_(*conditions)
