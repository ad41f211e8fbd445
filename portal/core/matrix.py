"""The access rules as a document, written from the tables the portal runs on."""

from __future__ import annotations

from portal.core.access import GRANTS, Permission, Reach, Role

ROLE_TITLES: dict[Role, str] = {
    Role.PRINCIPAL: "Principal",
    Role.SCHOOL_OPERATOR: "School operator",
    Role.TEACHER: "Teacher",
    Role.FOCAL_TEAM: "Focal team",
    Role.SOCIAL_WORKER: "Social worker",
    Role.COORDINATOR: "Coordinator",
    Role.DIVISION_HEAD: "Division head",
    Role.OFFICE_HEAD: "Office head",
    Role.ADMIN: "Admin",
    Role.EDUCATION_OFFICE: "Education office",
    Role.VOLUNTEER: "Volunteer",
}

# What a permission lets somebody do, grouped as people think of it.
MEANINGS: dict[str, dict[Permission, str]] = {
    "Everybody": {
        Permission.SIGNED_IN: "Own first page, account, devices, second proof",
    },
    "Schools and MoU": {
        Permission.SCHOOL_READ: "See schools",
        Permission.SCHOOL_CONTACTS_READ: "See a school's contacts",
        Permission.SCHOOL_CONTACTS_WRITE: "Keep them (schools: their own)",
        Permission.CONTACT_LOG_READ: "See how tries to reach a school went",
        Permission.CONTACT_LOG_WRITE: "Write such tries down",
        Permission.CLASS_READ: "See classes and homeroom teachers",
        Permission.CLASS_WRITE: "Keep the own school's classes",
        Permission.SCHOOL_IMPORT: "Import the register",
        Permission.SCHOOL_EDIT: "Edit a school",
        Permission.MOU_READ: "Read MoUs and their signed copies",
        Permission.MOU_WRITE: "Record and correct MoUs",
        Permission.MOU_FILE_WRITE: "Hand in the signed copy",
        Permission.MOU_APPROVE: "Agree to an MoU",
        Permission.PARTNERSHIP_READ: "See which schools ask to become partners",
        Permission.PARTNERSHIP_WRITE: "Answer them",
    },
    "Sessions": {
        Permission.VISIT_READ: "See sessions",
        Permission.VISIT_REQUEST: "Ask for, accept, change, withdraw, make ready, confirm",
        Permission.VISIT_APPROVE: "Approve, assign, offer, decline, cancel",
        Permission.VISIT_DELIVER: "Record what took place",
        Permission.VISIT_ENTER: "Write a request down for a school that calls",
        Permission.VISIT_COST_READ: "See what sessions cost",
        Permission.VISIT_COST_WRITE: "Record what a session cost",
        Permission.PROGRAMME_WRITE: "Programmes, topics, needs, days without sessions",
        Permission.LETTER_WRITE: "Make out letters, hand in the signed copy",
        Permission.LETTER_FORMAT_WRITE: "Change the wording of letters",
        Permission.WORKER_READ: "See social workers and their load",
        Permission.WORKER_WRITE: "Change working hours and leave",
    },
    "Reports": {
        Permission.REPORT_FILE: "File a report and follow one's own",
        Permission.REPORT_STATUS: "See number and state of what the school's staff reports by name",
        Permission.REPORT_TRANSCRIBE: "Write down what was told by phone or in person",
        Permission.REPORT_READ: "See number, state and urgency of reports",
        Permission.REPORT_TRIAGE: "Read and decide reports (social workers: on duty, or one's own)",
        Permission.REPORT_LOWER: "Lower the urgency, with a reason",
        Permission.REPORT_REVEAL: "Read a report with a reason",
        Permission.ROSTER_WRITE: "Roster of duty officers",
    },
    "Cases and referrals": {
        Permission.CASE_LIST: "See cases by number: stage, clocks, figures, no names",
        Permission.CASE_READ: "Read the work on a case",
        Permission.CASE_WORK: "Work on a case, as its manager or colleague",
        Permission.CASE_OPEN: "Open a case",
        Permission.CASE_ASSIGN: "Give cases to people",
        Permission.CASE_REVEAL: "See who a child is, with a reason (the division head: the file)",
        Permission.CASE_PLAN_APPROVE: "Approve plans (never one's own)",
        Permission.CASE_CLOSE: "Approve closures and transfers (never one's own)",
        Permission.CASE_REOPEN: "Reopen a closed case",
        Permission.REFERRAL_APPROVE: "Approve referrals (never one's own)",
        Permission.PROVIDER_READ: "See who children can be referred to",
        Permission.PROVIDER_WRITE: "Change that list, its quotas and costs",
        Permission.SOP_READ: "Read the procedure and its legal bases",
        Permission.SOP_WRITE: "Publish an edition of the procedure, keep the legal bases",
    },
    "Back at school": {
        Permission.RETURN_PLAN_READ: "Read and acknowledge return-to-school plans",
        Permission.MONITORING_LIST: "See of which children forms are due (office: by number)",
        Permission.MONITORING_FILL: "Fill in the forms one is asked for, read one's own",
        Permission.MONITORING_STATUS: "See whether forms are done, by initials and class",
        Permission.MONITORING_ASSIGN: "Name or replace the teacher who fills them in",
        Permission.MONITORING_ALERT: "Take on what a form asks for soon",
        Permission.GAP_FIGURES: "See how well school and office keep in touch",
        Permission.CALENDAR_READ: "See the school calendar",
        Permission.CALENDAR_WRITE: "Keep the school calendar (schools: their own)",
    },
    "Materials and campaigns": {
        Permission.MATERIAL_WRITE: "Write materials, collections and synonyms; ask for publishing",
        Permission.MATERIAL_PUBLISH: "Publish, withdraw and review materials",
        Permission.MATERIAL_USE: "Say that a class used a material",
        Permission.MATERIAL_FIGURES: "See how materials are used",
        Permission.QUIZ_ROUND: "Ask a class before and after a session, see its result",
        Permission.CAMPAIGN_READ: "See campaigns and their reach",
        Permission.CAMPAIGN_WRITE: "Plan campaigns, log posts and reach",
        Permission.CAMPAIGN_APPROVE: "Approve posts",
    },
    "Figures": {
        Permission.CASE_FIGURES: "Figures of cases, of the whole city, from 5 up and rounded",
        Permission.CASE_FIGURES_INSIDE: "Exact figures of cases, obstacles and recurrence",
        Permission.REPORT_FIGURES: "Figures of reports, from 5 up and rounded",
        Permission.REPORT_FIGURES_INSIDE: "Exact figures of reports, by district and kind",
        Permission.COVERAGE_READ: "Coverage of the city",
        Permission.COVERAGE_EXPORT: "Export it",
        Permission.SCHOOL_COVERAGE_READ: "The own school's promises and sessions",
        Permission.SUGGESTION_READ: "See which schools are suggested next, and why",
        Permission.SUGGESTION_WRITE: "Put a school first or off, with a reason",
        Permission.PLAN_READ: "See semester plans",
        Permission.PLAN_WRITE: "Make, change and send semester plans",
    },
    "People and settings": {
        Permission.PEOPLE_READ: "See who holds which role",
        Permission.INVITE_SCHOOL_STAFF: "Invite and end school staff",
        Permission.INVITE_ANYONE: "Invite and end any role (never one's own)",
        Permission.STAFF_APPROVE: "Agree to a new colleague at the office",
        Permission.RESET_LINK_MAKE: "Hand over a link to a new password",
        Permission.FACTOR_CLEAR: "Take a lost second proof off (in person)",
        Permission.ACCESS_REVIEW: "Six-monthly review of access",
        Permission.SETTINGS_WRITE: "Settings, running the clean-up",
        Permission.MESSAGE_HAND_OVER: "Hand messages over by WhatsApp",
        Permission.OPERATIONS: "Jobs, health, backups, e-mails that did not leave",
    },
    "Trust": {
        Permission.AUDIT_READ: "Search and check the audit trail",
        Permission.DATA_REQUEST_READ: "Read requests about personal data",
        Permission.DATA_REQUEST_WRITE: "Answer them",
        Permission.DATA_REQUEST_ASSIGN: "Record and assign them, conflict list",
        Permission.EMERGENCY_ACCESS: "Open a file in an emergency",
        Permission.EMERGENCY_READ: "See emergency accesses (the division head: one's own)",
        Permission.EMERGENCY_REVIEW: "Review them",
        Permission.BREACH_READ: "See data incidents",
        Permission.BREACH_WRITE: "Register of data incidents",
        Permission.RETENTION_READ: "Retention and what would go",
        Permission.LEGAL_HOLD_WRITE: "Order and lift legal holds",
    },
}

REACHES = {Reach.ALL: "all", Reach.OWN_SCHOOL: "own school", Reach.ASSIGNED: "assigned"}

INTRODUCTION = """# Who may do what

Written by `portal access` from the tables the portal runs on (`portal/core/access.py`); a test
keeps this file equal to them. A role is a dated appointment, at one school or at the office; when
it ends, its rights and sessions end at once. Empty means nothing, and what somebody may not see
does not exist for them (404).
"""

RULES = """
## What no cell of a table says

- **Which rows.** Every list, detail, count and export goes through one SQL condition per feature
  (`<feature>/policy.py`), made of the same grants.
- **Conflict list.** Whoever stands on the conflict list of a confidential record never sees it,
  whatever their role, assignment or emergency.
- **Cases by number.** Who may read the work on a case without working on it sees its number
  instead of the child's name. With a written reason the name opens for a limited time (setting, 60
  minutes). The division head opens a whole file that way only while its closure, transfer, plan or
  referral waits for their word, and otherwise in an emergency.
- **Nobody approves their own.** Neither whoever proposed it nor whoever works on the case.
- **Emergency access.** The division head may open one confidential record with a written reason,
  for a limited time (setting, 60 minutes), with a banner; the office head reviews every one within
  3 working days, and never their own.
- **Own rights.** Nobody appoints, confirms or ends themselves, takes off their own second proof by
  this way, accepts their own invitation, handles a request about their own data or reviews their
  own emergency access.
- **Four eyes at the office.** A role that opens confidential files works only after the division
  head (or office head) agreed to the invitation. Who hands over a new password cannot also take off
  the second proof of office staff.
- **Reading leaves a trace.** Opening a confidential file is written into the audit trail before
  anything is shown; if it cannot be written, nothing is shown.
- **Password again.** Inviting, ending roles, links to new passwords, second proofs, contacts,
  revealing, exporting, erasing and legal holds ask for the password when it was last given more
  than 10 minutes ago (setting).
- **First things first.** The code of conduct comes before everything, then, for the roles named in
  the settings, a second proof.
"""


def as_markdown() -> str:
    """Return the whole document."""
    parts = [INTRODUCTION]
    for group, meanings in MEANINGS.items():
        parts.append(f"\n## {group}\n\n{_table(meanings)}\n")
    return "".join(parts) + RULES


def _table(meanings: dict[Permission, str]) -> str:
    holders = [role for role in Role if any(each in GRANTS[role] for each in meanings)]
    head = ["Permission", *(ROLE_TITLES[role] for role in holders)]
    rows = [
        [meaning, *(_cell(role, permission) for role in holders)]
        for permission, meaning in meanings.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(role: Role, permission: Permission) -> str:
    reach = GRANTS[role].get(permission)
    return REACHES[reach] if reach else ""
