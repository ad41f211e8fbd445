"""Office settings: values the office can change, kept in the database, with sourced defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import Base
from portal.core.errors import Rejected
from portal.core.events import Event, emit

DEMO = "demo"


@dataclass(frozen=True)
class SettingChanged(Event, action="setting.changed"):
    """The office changed one of its settings; its name says which."""

    name: str


class OfficeSetting(Base):
    """One setting that differs from its default."""

    __tablename__ = "office_setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(160), default="")


@dataclass(frozen=True)
class Setting:
    """What a setting is: its default, its bounds (numbers) and where the default comes from."""

    default: Any
    source: str
    least: int = 0
    most: int = 1000


REGISTRY: dict[str, Setting] = {
    "product_name": Setting("Portal Mitra Sekolah", "the product's name"),
    "office_name": Setting("Dinas Sosial Kota Metro", "the office that runs this portal"),
    "office_phone": Setting("", "to be filled in by the office"),
    "office_government": Setting("Pemerintah Kota Metro", "what the office is a part of"),
    "office_address": Setting("", "to be filled in by the office"),
    "office_email": Setting("", "to be filled in by the office"),
    "office_website": Setting("", "to be filled in by the office"),
    "letter_place": Setting("Metro", "the city of the office"),
    "signer_name": Setting("", "to be filled in by the office"),
    "signer_position": Setting("Kepala Dinas Sosial", "office default, to be confirmed"),
    "signer_nip": Setting("", "to be filled in by the office"),
    "letter_office_code": Setting("Dinsos", "office default, to be confirmed"),
    # The order that Permendagri 1/2023 on official papers leaves to each government to fill in.
    "letter_number_pattern": Setting(
        "{code}/{number}/{office}/{year}", "office default, to be confirmed"
    ),
    # SAPA 129 of KemenPPPA, checked 21 November 2026.
    "help_phone": Setting("129", "SAPA 129, KemenPPPA"),
    "help_whatsapp": Setting("08111-129-129", "SAPA 129, KemenPPPA"),
    "help_name": Setting("SAPA 129", "KemenPPPA"),
    "police_phone": Setting("110", "Polri, call centre 110"),
    "help_checked_on": Setting("2026-11-21", "date of the last check"),
    "hold_minutes": Setting(10, "product.md section 3", 1, 60),
    "answer_working_days": Setting(2, "security.md section 6", 1, 30),
    "notice_working_days": Setting(3, "office default, to be confirmed", 0, 60),
    "offer_working_days": Setting(3, "office default, to be confirmed", 1, 30),
    # 1 for yes: freed time goes to the waiting list, and what nobody answered is let go.
    "offer_freed_slots": Setting(1, "office default, to be confirmed", 0, 1),
    "release_unanswered": Setting(1, "security.md section 6", 0, 1),
    "room_notice_days": Setting(14, "office default, to be confirmed", 1, 60),
    "room_deadline_days": Setting(3, "office default, to be confirmed", 0, 30),
    "report_working_days": Setting(2, "office default, to be confirmed", 0, 30),
    "booking_window_weeks": Setting(12, "office default, to be confirmed", 1, 52),
    "visit_starts": Setting(["08:00", "10:00", "13:00"], "office default, to be confirmed"),
    "friday_starts": Setting(["08:00", "10:00"], "office default, to be confirmed"),
    # First day, last day, starts. Ramadan 1448 H is reckoned; the government's day may differ.
    "special_starts": Setting(
        ["2027-02-08 2027-03-09 08:00 09:30"],
        "office default, to be confirmed; Ramadan 1448 H is an estimate",
    ),
    "weekly_visit_hours": Setting(12, "planner.md, the roomy case", 1, 40),
    "worker_weekly_minutes": Setting(
        2250, "Perpres 21/2023: 37 hours 30 minutes a week without breaks", 60, 3600
    ),
    "urgent_work_minutes": Setting(120, "office default, to be confirmed", 0, 600),
    "office_district": Setting("18.72.01", "office default, to be confirmed"),
    "fair_share_sessions": Setting(2, "office default, to be confirmed", 1, 50),
    "undo_seconds": Setting(10, "ux.md section 2", 0, 120),
    # How long after its MoU was signed a partner may be without a session: asked for, asked again,
    # and put before the division head.
    "unserved_days": Setting(30, "product.md section 2", 1, 400),
    "unserved_again_days": Setting(60, "product.md section 2", 1, 400),
    "unserved_head_days": Setting(90, "product.md section 2", 1, 400),
    "mou_notice_days": Setting(60, "product.md section 2", 1, 400),
    "contact_step_working_days": Setting(3, "office default, to be confirmed", 1, 30),
    "partnership_working_days": Setting(5, "office default, to be confirmed", 1, 30),
    "usual_audience": Setting(100, "office default; real sessions had 50 to 320 people", 1, 1000),
    "plan_seconds": Setting(30, "planner.md: a semester within half a minute", 5, 300),
    "plan_gap_weeks": Setting(6, "planner.md: a second session six weeks later", 1, 20),
    "coverage_target_percent": Setting(75, "mock-up 07, to be confirmed", 1, 100),
    # The published score of suggestions: ux.md section 2.
    "suggest_never": Setting(3, "ux.md section 2", 0, 10),
    "suggest_long": Setting(2, "ux.md section 2", 0, 10),
    "suggest_long_months": Setting(12, "ux.md section 2", 1, 60),
    "suggest_report": Setting(1, "ux.md section 2", 0, 10),
    "suggest_report_most": Setting(2, "ux.md section 2", 0, 10),
    "suggest_cell": Setting(1, "ux.md section 2", 0, 10),
    "suggest_cell_percent": Setting(50, "ux.md section 2", 1, 100),
    "invitation_hours": Setting(48, "security.md section 2", 1, 168),
    "idle_minutes": Setting(30, "security.md section 2", 5, 720),
    "own_phone_idle_days": Setting(14, "security.md section 2", 1, 30),
    "session_hours": Setting(12, "security.md section 2", 1, 24),
    "step_up_minutes": Setting(10, "security.md section 2", 1, 60),
    "uploads_per_hour": Setting(20, "security.md section 2", 1, 1000),
    "password_words": Setting(
        "metro dinsos lampung peksos sekolah", "security.md section 2: words a guesser tries here"
    ),
    "reset_hours": Setting(24, "office default, to be confirmed", 1, 72),
    "second_factor_roles": Setting(
        [
            "principal",
            "focal_team",
            "social_worker",
            "coordinator",
            "division_head",
            "office_head",
            "admin",
        ],
        "security.md section 2: staff of the office, principals and focal teams",
    ),
    "conduct_edition": Setting(1, "raise it after changing the code of conduct", 1, 1000),
    "access_review_months": Setting(6, "security.md section 1", 1, 24),
    "emergency_minutes": Setting(60, "security.md section 2", 5, 240),
    "emergency_review_working_days": Setting(3, "security.md section 2", 1, 10),
    # UU 27/2022 on personal data: 3x24 hours for requests (articles 5-13, 30-33, 40-41) and for
    # telling of a breach (article 46).
    "data_request_hours": Setting(72, "UU 27/2022", 1, 72),
    "breach_hours": Setting(72, "UU 27/2022 article 46", 1, 72),
    # As cited in letters and copies; Law 27/2022, State Gazette 2022 number 196.
    "processing_law": Setting("UU 27/2022 Pasal 20 ayat (2) huruf e", "UU 27/2022"),
    "refusal_law": Setting("UU 27/2022 Pasal 33", "UU 27/2022"),
    "breach_law": Setting("UU 27/2022 Pasal 46", "UU 27/2022"),
    "privacy_contact": Setting("", "whom people write to about their data; to be filled in"),
    # Hours in WIB; a person may choose others.
    "quiet_from": Setting(20, "office default, to be confirmed", 0, 23),
    "quiet_until": Setting(6, "office default, to be confirmed", 0, 23),
    "bundle_hour": Setting(7, "office default, to be confirmed", 0, 23),
    "remind_days_before": Setting(1, "office default, to be confirmed", 0, 14),
    "remind_most": Setting(3, "office default, to be confirmed", 1, 10),
    "escalate_days": Setting(2, "office default, to be confirmed", 1, 30),
    "alarm_minutes": Setting(10, "office default, to be confirmed", 1, 240),
    "mail_hours": Setting(72, "security.md section 4", 1, 240),
    "head_of_agency_email": Setting("", "told of emergency access (security.md section 2)"),
    "privacy_officer_email": Setting("", "told of emergency access (security.md section 2)"),
    "trail_head_email": Setting("", "where the trail's daily head is noted off this machine"),
    "read_minutes_same_hour": Setting(30, "domain.md section 5: call within the hour", 5, 60),
    "read_hours_same_day": Setting(4, "domain.md section 5: act the same day", 1, 24),
    "read_hours_usual": Setting(24, "ux.md section 2", 1, 72),
    "reply_working_days": Setting(1, "domain.md section 5", 1, 10),
    "story_minutes": Setting(20, "security.md, drafts", 5, 60),
    "reply_minutes": Setting(15, "security.md section 2, anonymous inbox", 5, 60),
    # Looks like homework, is quick on a poor line, and shows everybody the same page.
    "quick_exit_url": Setting("https://id.wikipedia.org/", "where `Keluar cepat` leads"),
    "reports_per_hour_network": Setting(10, "security.md section 2", 1, 1000),
    "reports_per_hour_city": Setting(60, "security.md section 2", 5, 10_000),
    "authority_city": Setting("", "whom reports about city schools are handed to"),
    "authority_province": Setting("", "whom reports about provincial schools are handed to"),
    "authority_kemenag": Setting("", "whom reports about madrasahs are handed to"),
    "case_number_prefix": Setting("KS", "office default, to be confirmed"),
    "referral_number_prefix": Setting("RJ", "office default, to be confirmed"),
    "caseload_limit": Setting(15, "office default, to be confirmed", 1, 200),
    "silent_case_days": Setting(14, "office default, to be confirmed", 1, 120),
    "missed_contacts": Setting(2, "product.md section 7", 1, 10),
    "approval_working_days": Setting(2, "office default, to be confirmed", 1, 30),
    "reveal_minutes": Setting(60, "security.md section 2, as in an emergency", 5, 240),
    "plan_ack_days": Setting(3, "product.md section 8", 1, 30),
    "homeroom_working_days": Setting(10, "office default, to be confirmed", 1, 60),
    "lesson_week_days": Setting(3, "office default, to be confirmed", 1, 5),
    "sentinel_first_months": Setting(3, "product.md section 8", 1, 24),
    "sentinel_second_months": Setting(6, "product.md section 8", 1, 36),
    "form_opens_days": Setting(1, "office default, to be confirmed", 0, 5),
    "form_remind_days": Setting(3, "domain.md section 4", 1, 10),
    "form_tell_days": Setting(5, "domain.md section 4", 1, 14),
    "form_correction_hours": Setting(48, "product.md section 8", 1, 168),
    "form_reply_working_days": Setting(5, "product.md section 8", 1, 30),
    "material_check_working_days": Setting(5, "office default, to be confirmed", 1, 30),
    "material_review_months": Setting(12, "office default, to be confirmed", 1, 60),
    "material_review_working_days": Setting(5, "office default, to be confirmed", 1, 30),
    "quiz_round_hours": Setting(72, "office default, to be confirmed", 1, 720),
    # Figures over fewer sheets would tell of single children (materials/policy/class_results).
    "quiz_least_sheets": Setting(10, "office default, to be confirmed", 8, 30),
    "delivery_correction_days": Setting(14, "office default, to be confirmed", 0, 90),
    "confirm_working_days": Setting(5, "office default, to be confirmed", 1, 30),
    "visit_photos": Setting(10, "office default, to be confirmed", 0, 30),
    "feedback_hours": Setting(72, "office default, to be confirmed", 1, 720),
    # As few as may be shown of a class (materials/policy/class_results).
    "feedback_least_sheets": Setting(10, "office default, to be confirmed", 8, 30),
    "recurrence_months": Setting(12, "office default, to be confirmed", 1, 60),
    "referral_link_days": Setting(14, "office default, to be confirmed", 1, 60),
    "referral_answer_working_days": Setting(5, "office default, to be confirmed", 1, 30),
    "first_contact_soon_days": Setting(1, "office default, to be confirmed", 0, 10),
    "first_contact_usual_days": Setting(2, "office default, to be confirmed", 0, 20),
    "other_way_working_days": Setting(2, "office default, to be confirmed", 1, 30),
    "family_reached_days": Setting(30, "office default, to be confirmed", 1, 365),
    "stage_notice_days": Setting(3, "office default, to be confirmed", 0, 30),
    "returned_working_days": Setting(2, "office default, to be confirmed", 1, 30),
    "sentinel_working_days": Setting(5, "office default, to be confirmed", 1, 60),
    "referral_read_working_days": Setting(2, "office default, to be confirmed", 1, 30),
    # Words in the number, title or note of regulations, with commas between; where a law takes
    # the place of these, it is written here.
    "children_in_conflict_law": Setting("11/2012", "UU 11/2012, Sistem Peradilan Pidana Anak"),
    "sexual_violence_law": Setting("kekerasan seksual", "UU 12/2022 by its title"),
    "earlier_counts_source": Setting(
        "Dinas Sosial Kota Metro, 2026", "who published the counts from before the portal"
    ),
    "keep_cases_years": Setting(5, "security.md section 3", 1, 30),
    "keep_spam_days": Setting(30, "security.md section 3", 7, 365),
    "keep_report_inbox_days": Setting(180, "security.md section 3", 30, 1000),
    "drill_days": Setting(8, "security.md section 3", 1, 60),
    "disk_warning_mb": Setting(500, "security.md section 4", 50, 1_000_000),
    "keep_backups_days": Setting(35, "security.md section 3", 1, 400),
    "keep_messages_days": Setting(180, "office default, to be confirmed", 7, 2000),
    "keep_drafts_days": Setting(14, "security.md section 3", 1, 90),
    "keep_receipts_days": Setting(7, "security.md section 3", 1, 30),
    "keep_sessions_days": Setting(180, "office default, to be confirmed", 30, 1000),
    "keep_links_days": Setting(90, "office default, to be confirmed", 7, 1000),
    "keep_openings_years": Setting(3, "office default, to be confirmed", 1, 20),
    "keep_duties_days": Setting(365, "office default, to be confirmed", 30, 2000),
    "keep_contacts_years": Setting(3, "office default, to be confirmed", 1, 20),
    "keep_contact_log_years": Setting(3, "office default, to be confirmed", 1, 20),
    "keep_partnership_years": Setting(2, "office default, to be confirmed", 1, 20),
    "keep_photos_years": Setting(3, "office default, to be confirmed", 1, 20),
    "keep_requests_years": Setting(5, "office default, to be confirmed", 1, 30),
    "keep_audit_years": Setting(5, "security.md section 3", 5, 30),
}


STORED = select(OfficeSetting.name, OfficeSetting.value)
_READ = "office settings of this transaction"


class Office:
    """All settings as they stand now, read once."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self._stored = stored

    def __getitem__(self, name: str) -> Any:
        return self._stored.get(name, REGISTRY[name].default)

    @property
    def demo(self) -> bool:
        """Say whether `portal demo` made this database; no environment variable can."""
        return self._stored.get(DEMO) is True


def read(session: Session) -> Office:
    """Read all settings in one statement, once in a transaction."""
    known: Office | None = session.info.get(_READ)
    if known is None:
        known = Office({row.name: row.value for row in session.execute(STORED)})
        session.info[_READ] = known
    return known


@event.listens_for(Session, "after_transaction_end")
def _read_anew(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_READ, None)


@event.listens_for(Session, "after_soft_rollback")
def _read_again(session: Session, _undone: SessionTransaction) -> None:
    # What was written within a savepoint, and read there, is undone with it.
    session.info.pop(_READ, None)


def write(session: Session, actor: Actor | None, name: str, value: Any) -> None:
    """Store a setting, checked against its bounds.

    Raises Rejected("out_of_bounds", name); a value of another type is a programming error.
    """
    known = REGISTRY.get(name)
    if known and type(value) is not type(known.default):
        raise TypeError(f"{name} takes {type(known.default).__name__}")
    if known and isinstance(known.default, int) and not known.least <= value <= known.most:
        raise Rejected("out_of_bounds", name, least=known.least, most=known.most)
    row = session.get(OfficeSetting, name) or OfficeSetting(name=name)
    default = known.default if known else None
    if value != (default if row.value is None else row.value):
        emit(session, actor, SettingChanged(None, name))
    row.value = value
    row.changed_at = clock.now()
    row.changed_by = actor.name if actor else ""
    session.add(row)
    session.info.pop(_READ, None)
