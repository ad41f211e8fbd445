"""The menu of each role: at most six doors, the most used first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import cast

from babel.support import LazyProxy
from flask import Flask, g, request, url_for

from portal.core import duties, i18n
from portal.core.access import Permission, Role
from portal.core.duties import Duty
from portal.web import guard
from portal.web.database import reader

_ = i18n.lazy
MOST_ITEMS = 6
MOST_ON_PHONES = 5


@dataclass(frozen=True)
class Item:
    """One door of the menu; its badge counts the viewer's open duties of these kinds."""

    endpoint: str
    icon: str
    label: LazyProxy
    duties: tuple[str, ...] = ()
    # Further pages, and whole features, that stand behind this door.
    owns: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


HOME = Item("home.index", "home", _("Home"))
VISITS = Item(
    "visits.index",
    "calendar",
    _("Sessions"),
    ("confirm_room", "answer_offer", "answer_change", "confirm_session"),
)
SCHEDULE = Item("visits.index", "calendar", _("Schedule"), ("record_delivery",))
QUEUE = Item(
    "visits.queue",
    "calendar",
    _("Requests"),
    ("answer_request", "answer_change", "answer_wish", "find_worker", "check_delivery"),
)
DESK = Item(
    "incidents.queue",
    "bubble",
    _("Reports"),
    ("urgent_report", "read_report", "read_reply", "reply_report", "decide_report"),
)
REPORTS = Item(
    "incidents.filings",
    "bubble",
    _("Reports"),
    owns=("incidents.file_form", "incidents.file", "incidents.filed"),
)
CASES = Item(
    "cases.index",
    "folder",
    _("Cases"),
    (
        "take_case",
        "case_stage",
        "case_task",
        "case_silent",
        "case_sentinel",
        "decision_returned",
        "approve_plan",
        "approve_referral",
        "approve_closure",
        "approve_transfer",
        "referral_answer",
        "referral_answered",
    ),
    owns=(
        "insight.case_figures",
        "insight.obstacles",
        # Two tabs of a case, with what is sent from them.
        "monitoring.plan_of_case",
        "monitoring.of_case",
    ),
    covers=("referrals",),
)
MONITORING = Item(
    "monitoring.index",
    "sheet",
    _("Monitoring"),
    (
        "fill_form",
        "form_late",
        "read_plan",
        "forms_late",
        "name_teacher",
        "plan_unread_school",
        "answer_form",
        "alert_urgent",
        "alert_contact",
        "alert_conference",
        "alert_silent",
        "alert_relapse",
        "case_forms_late",
        "case_without_teacher",
        "follow_up_over",
        "follow_up_moved",
        "plan_unread",
        "plan_words",
    ),
    owns=("insight.gap",),
)
MATERIALS = Item(
    "materials.index",
    "book",
    _("Materials"),
    ("check_material", "review_material", "approve_post", "post_due"),
)
CAMPAIGNS = Item(
    "materials.campaigns",
    "share",
    _("Campaigns"),
    owns=("materials.campaign", "materials.post"),
)
COVERAGE = Item("insight.coverage", "map", _("Coverage"))
FIGURES = Item("insight.report_figures", "chart", _("Figures of reports"))
CASE_FIGURES = Item("insight.case_figures", "chart", _("Figures of cases"))
SCHOOLS = Item(
    "schools.index",
    "school",
    _("Schools"),
    (
        "name_homerooms",
        "mou_expiring_school",
        "contact_school",
        "answer_partnership",
        "approve_mou",
    ),
)
WORKERS = Item(
    "visits.workers",
    "people",
    _("Social workers"),
    owns=("visits.worker", "visits.change_hours", "visits.add_leave"),
)
PEOPLE = Item("people.index", "people", _("People"))
SETTINGS = Item("home.settings_form", "gear", _("Settings"))
OPERATIONS = Item("operations.index", "pulse", _("Operations"), owns=("notifications.failures",))

MENUS: dict[Role, tuple[Item, ...]] = {
    Role.COORDINATOR: (HOME, QUEUE, DESK, CASES, MONITORING, COVERAGE),
    Role.SOCIAL_WORKER: (HOME, SCHEDULE, DESK, CASES, MONITORING, MATERIALS),
    Role.DIVISION_HEAD: (HOME, COVERAGE, DESK, CASES, MONITORING, MATERIALS),
    Role.OFFICE_HEAD: (HOME, COVERAGE, DESK, CASES, MONITORING, MATERIALS),
    Role.ADMIN: (HOME, SCHOOLS, PEOPLE, SETTINGS, OPERATIONS, COVERAGE),
    Role.PRINCIPAL: (HOME, VISITS, MONITORING, REPORTS, MATERIALS, SCHOOLS),
    Role.SCHOOL_OPERATOR: (HOME, VISITS, REPORTS, MATERIALS, SCHOOLS),
    Role.TEACHER: (HOME, MONITORING, REPORTS, MATERIALS, VISITS, SCHOOLS),
    Role.FOCAL_TEAM: (HOME, MONITORING, REPORTS, MATERIALS, VISITS, SCHOOLS),
    Role.EDUCATION_OFFICE: (HOME, COVERAGE, FIGURES, MATERIALS, SCHOOLS),
    Role.VOLUNTEER: (HOME, MATERIALS, CAMPAIGNS),
}


# What stands behind the avatar: rarely used, for few, or without room in a menu.
BACK_OFFICE: tuple[tuple[Permission, Item], ...] = (
    (
        Permission.REPORT_TRANSCRIBE,
        Item("incidents.transcribe_form", "pencil", _("Write down what is told")),
    ),
    (Permission.REPORT_FIGURES, FIGURES),
    (Permission.CASE_FIGURES, CASE_FIGURES),
    (Permission.GAP_FIGURES, Item("insight.gap", "chart", _("Figures of the gap"))),
    (Permission.COVERAGE_READ, COVERAGE),
    (Permission.SIGNED_IN, MATERIALS),
    (Permission.MATERIAL_WRITE, Item("materials.desk", "pencil", _("Library desk"))),
    (Permission.CAMPAIGN_READ, CAMPAIGNS),
    (Permission.QUIZ_ROUND, Item("materials.rounds", "chart", _("Classes asked"))),
    (Permission.VISIT_READ, VISITS),
    (
        Permission.VISIT_READ,
        Item("visits.calendar", "calendar", _("Calendar of sessions")),
    ),
    (Permission.VISIT_ENTER, Item("visits.callers", "bubble", _("A school calls"))),
    (Permission.VISIT_APPROVE, Item("visits.wishes", "clock", _("Waiting list"))),
    (Permission.SUGGESTION_READ, Item("insight.suggestions", "search", _("Suggested schools"))),
    (Permission.PLAN_READ, Item("insight.plans", "calendar", _("Semester plans"))),
    (
        Permission.CONTACT_LOG_READ,
        Item(
            "insight.partners", "school", _("Partner schools"), ("partner_unserved", "mou_expiring")
        ),
    ),
    (
        Permission.PARTNERSHIP_READ,
        Item("schools.partnerships", "bubble", _("Schools that want to be partners")),
    ),
    (Permission.PROGRAMME_WRITE, Item("visits.programmes", "book", _("Programmes"))),
    (Permission.PROGRAMME_WRITE, Item("visits.blackouts", "calendar", _("Days without sessions"))),
    (Permission.LETTER_FORMAT_WRITE, Item("visits.wordings", "pencil", _("Wording of letters"))),
    (Permission.SCHOOL_READ, SCHOOLS),
    (Permission.SOP_READ, Item("cases.procedure", "folder", _("Procedure"))),
    (Permission.PEOPLE_READ, PEOPLE),
    (Permission.WORKER_READ, WORKERS),
    (
        Permission.MESSAGE_HAND_OVER,
        Item("notifications.hand_over_list", "bubble", _("Hand over by WhatsApp")),
    ),
    (Permission.DATA_REQUEST_READ, Item("auditlog.requests", "user", _("Requests about data"))),
    (Permission.BREACH_READ, Item("auditlog.breaches", "triangle", _("Data breaches"))),
    (Permission.EMERGENCY_READ, Item("people.emergencies", "clock", _("Emergency access"))),
    (Permission.AUDIT_READ, Item("auditlog.trail", "search", _("Audit trail"))),
    (Permission.RETENTION_READ, Item("auditlog.retention", "calendar", _("Retention"))),
    (
        Permission.OPERATIONS,
        Item("notifications.failures", "offline", _("E-mails that did not arrive")),
    ),
    (Permission.SETTINGS_WRITE, SETTINGS),
)


@dataclass(frozen=True)
class Door:
    """A menu item as the template shows it."""

    address: str
    icon: str
    label: str
    current: bool
    badge: int
    counts: str


def waiting() -> list[Duty]:
    """Return what waits for the signed-in person, read once per request."""
    if "waiting" not in g:
        g.waiting = duties.waiting_for(reader(), guard.actor())
    return cast(list[Duty], g.waiting)


def _chosen() -> list[Item]:
    """Return the items of the signed-in person's menu, each once."""
    held = guard.actor().roles
    items: dict[str, Item] = {}
    for role, entries in MENUS.items():
        if role in held:
            for item in entries:
                items.setdefault(item.endpoint, item)
    return list(items.values())[:MOST_ITEMS]


def menu() -> list[Door]:
    """Return the signed-in person's menu."""
    counts = Counter(duty.kind for duty in waiting())
    here = (request.endpoint or "").split(".")[0]
    chosen = _chosen()
    exact = [item for item in chosen if request.endpoint in {item.endpoint, *item.owns}]
    return [
        Door(
            address=url_for(item.endpoint),
            icon=item.icon,
            label=str(item.label),
            current=item in exact
            or (not exact and item is _first_of(chosen, here) and here != "home"),
            badge=sum(counts[kind] for kind in item.duties),
            counts=" ".join(item.duties),
        )
        for item in chosen
    ]


def back_office() -> list[Door]:
    """Return what the signed-in person finds behind the avatar: what no phone's menu shows."""
    in_menu = {item.endpoint for item in _chosen()[:MOST_ON_PHONES]}
    return [
        Door(url_for(item.endpoint), item.icon, str(item.label), False, 0, "")
        for permission, item in BACK_OFFICE
        if guard.actor().may_somewhere(permission) and item.endpoint not in in_menu
    ]


def _first_of(items: list[Item], feature: str) -> Item | None:
    return next(
        (item for item in items if feature in {item.endpoint.split(".")[0], *item.covers}), None
    )


def init_app(app: Flask) -> None:
    """Give templates the menu."""
    app.jinja_env.globals.update(menu=menu, back_office=back_office, waiting=waiting)
