"""The office's settings as a form, made from the registry."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Self

from wtforms import IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from portal.core import i18n
from portal.core.addresses import is_email
from portal.core.settings import REGISTRY, Office, Setting
from portal.people.forms.roles import ROLE_NAMES
from portal.visits.policy.letters import MOST_CODE, number_fits
from portal.visits.queries.days import SpecialStarts
from portal.web.forms import VersionedForm, stripped

_ = i18n.lazy
DISTRICT = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}")
NIP = re.compile(r"[0-9]{18}")
QUICK_EXIT = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(/[!-~]*)?", re.IGNORECASE)

LABELS: dict[str, Any] = {
    "product_name": _("Name of the portal"),
    "office_name": _("Name of the office"),
    "office_phone": _("Phone or WhatsApp number for schools"),
    "office_government": _("Letterhead: what the office is a part of"),
    "office_address": _("Letterhead: address"),
    "office_email": _("Letterhead: e-mail address"),
    "office_website": _("Letterhead: website"),
    "letter_place": _("Letters are dated at"),
    "signer_name": _("Letters are signed by"),
    "signer_position": _("Position of whoever signs"),
    "signer_nip": _("Staff number (NIP) of whoever signs"),
    "letter_office_code": _("Code of the office in the numbers of letters"),
    "letter_number_pattern": _(
        "Pattern of the numbers of letters, of {number}, {code}, {office}, {month_roman}, {year}"
    ),
    "help_name": _("Name of the help line"),
    "help_phone": _("Help line: number to call"),
    "help_whatsapp": _("Help line: WhatsApp number"),
    "police_phone": _("Police: number to call"),
    "help_checked_on": _("Help line: numbers last checked on (YYYY-MM-DD)"),
    "hold_minutes": _("A picked time is held for (minutes)"),
    "answer_working_days": _("Requests are answered within (working days)"),
    "notice_working_days": _("Earliest booking ahead (working days)"),
    "offer_working_days": _("Schools answer an offer within (working days)"),
    "offer_freed_slots": _("Offer freed times to the waiting list by itself (1 yes, 0 no)"),
    "release_unanswered": _("Free the time of requests nobody answered (1 yes, 0 no)"),
    "booking_window_weeks": _("Latest booking ahead (weeks)"),
    "visit_starts": _("Sessions can start at"),
    "friday_starts": _("On Fridays sessions can start at"),
    "special_starts": _("Other starts for a time, for example in Ramadan (one line each)"),
    "room_notice_days": _("The school is asked for the room ahead (days)"),
    "room_deadline_days": _("The room is confirmed at the latest before (days)"),
    "report_working_days": _("A session is recorded within (working days)"),
    "delivery_correction_days": _("A session's record can be corrected for (days)"),
    "confirm_working_days": _("The school confirms a session within (working days)"),
    "visit_photos": _("Photographs kept of a session, at most"),
    "feedback_hours": _("Pupils can say how a session was for (hours)"),
    "feedback_least_sheets": _("What pupils said is shown from (sheets)"),
    "weekly_visit_hours": _("Sessions per social worker and week (hours)"),
    "worker_weekly_minutes": _("All work of a social worker's week (minutes)"),
    "urgent_work_minutes": _("Time an open urgent task is taken to need (minutes)"),
    "office_district": _("Kecamatan of the office (its code)"),
    "fair_share_sessions": _("Sessions of a school per school year while others wait"),
    "undo_seconds": _("An approval can be undone for (seconds)"),
    "usual_audience": _("Usual number of people where a school's is unknown"),
    "unserved_days": _("Partner without a session: asked for after (days)"),
    "unserved_again_days": _("Partner without a session: asked again after (days)"),
    "unserved_head_days": _("Partner without a session: put before the division head after (days)"),
    "mou_notice_days": _("The end of an MoU is told ahead (days)"),
    "contact_step_working_days": _("A school that is silent is tried again after (working days)"),
    "partnership_working_days": _("Wishes to become a partner are answered within (working days)"),
    "plan_seconds": _("A better semester plan is looked for (seconds)"),
    "plan_gap_weeks": _("Weeks between two planned sessions of a school"),
    "coverage_target_percent": _("Coverage target by end of semester (%)"),
    "suggest_never": _("Points for a school that never had a session"),
    "suggest_long": _("Points for a school whose last session is long ago"),
    "suggest_long_months": _("Long ago is after (months)"),
    "suggest_report": _("Points for each report of the semester"),
    "suggest_report_most": _("Points for reports, at most"),
    "suggest_cell": _("Points where few schools of the district and level were reached"),
    "suggest_cell_percent": _("Few is below (%)"),
    "invitation_hours": _("An invitation is valid for (hours)"),
    "idle_minutes": _("Sign out after rest on a shared device (minutes)"),
    "own_phone_idle_days": _("Sign out after rest on one's own phone (days)"),
    "session_hours": _("Sign out at the latest on a shared device (hours)"),
    "step_up_minutes": _("Sensitive steps ask for the password again after (minutes)"),
    "uploads_per_hour": _("Files one person may hand in within an hour"),
    "password_words": _("Words of this place that no password may be made of"),
    "reset_hours": _("A link for a new password is valid for (hours)"),
    "second_factor_roles": _("A second proof at sign-in is needed for"),
    "conduct_edition": _("Edition of the code of conduct (everybody accepts a higher one anew)"),
    "access_review_months": _("Every role is confirmed again after (months)"),
    "emergency_minutes": _("Emergency access to a file lasts (minutes)"),
    "emergency_review_working_days": _("Emergency access is reviewed within (working days)"),
    "data_request_hours": _("Requests about personal data are answered within (hours)"),
    "breach_hours": _("A data breach is reported within (hours)"),
    "processing_law": _("Legal basis for keeping data, as cited"),
    "refusal_law": _("Legal basis for refusing a request, as cited"),
    "breach_law": _("Legal basis for telling of a data breach, as cited"),
    "privacy_contact": _("Whom people write to about their data (e-mail or phone)"),
    "quiet_from": _("No e-mail in the evening from (hour)"),
    "quiet_until": _("No e-mail in the morning before (hour)"),
    "bundle_hour": _("The day's reminders are sent at (hour)"),
    "remind_days_before": _("A reminder comes before the deadline by (days)"),
    "remind_most": _("Reminders to the same person at most"),
    "escalate_days": _("What is overdue goes to the next person after (working days)"),
    "alarm_minutes": _("An alarm nobody acknowledges goes to the next person after (minutes)"),
    "mail_hours": _("An e-mail that does not leave is tried for (hours)"),
    "head_of_agency_email": _("Head of the agency: e-mail, told of emergency access"),
    "privacy_officer_email": _("Data protection officer: e-mail, told of emergency access"),
    "trail_head_email": _("E-mail that gets the trail's daily seal"),
    "read_minutes_same_hour": _("A report of the same hour is read within (minutes)"),
    "read_hours_same_day": _("A report of the same day is read within (hours)"),
    "read_hours_usual": _("Every other report is read within (hours)"),
    "reply_working_days": _("A reporter gets a first answer within (working days)"),
    "story_minutes": _("A story that is not sent is forgotten after (minutes)"),
    "reply_minutes": _("A report opened with its code closes after rest (minutes)"),
    "quick_exit_url": _('Page that "Leave now" in Ruang Cerita opens (https://)'),
    "reports_per_hour_network": _("Reports from one network before they wait apart (per hour)"),
    "reports_per_hour_city": _("Reports from the whole city before they wait apart (per hour)"),
    "authority_city": _("Reports about city schools are handed to"),
    "authority_province": _("Reports about provincial schools are handed to"),
    "authority_kemenag": _("Reports about madrasahs are handed to"),
    "case_number_prefix": _("Case numbers begin with"),
    "referral_number_prefix": _("Referral numbers begin with"),
    "caseload_limit": _("A social worker manages at most (cases)"),
    "silent_case_days": _("A case is silent after nothing was written for (days)"),
    "missed_contacts": _("A task is set after missed contacts in a row"),
    "approval_working_days": _("Plans, referrals and closures are answered within (working days)"),
    "reveal_minutes": _("A child's name opened with a reason closes after (minutes)"),
    "plan_ack_days": _("A return-to-school plan is acknowledged within (school days)"),
    "homeroom_working_days": _("Schools name homeroom teachers within (school days)"),
    "lesson_week_days": _("A school week counts with at least (lesson days)"),
    "sentinel_first_months": _("First look after closure, after (months)"),
    "sentinel_second_months": _("Second look after closure, after (months)"),
    "form_opens_days": _("A monitoring form opens before it is due (lesson days)"),
    "form_remind_days": _("A teacher is reminded of a late form after (school days)"),
    "form_tell_days": _("Principal and case manager hear of a late form after (school days)"),
    "form_correction_hours": _("A sent monitoring form can be corrected for (hours)"),
    "form_reply_working_days": _("A monitoring form is answered within (working days)"),
    "material_check_working_days": _("A draft handed in is looked over within (working days)"),
    "material_review_months": _("A material is reviewed again after (months)"),
    "material_review_working_days": _(
        "A material due for review is reviewed within (working days)"
    ),
    "quiz_round_hours": _("A class can answer a quiz for (hours)"),
    "quiz_least_sheets": _("Figures of a class are shown from (sheets)"),
    "recurrence_months": _("A new case counts as a recurrence within (months)"),
    "referral_link_days": _("A provider's link works for (days)"),
    "referral_answer_working_days": _("Providers answer within (working days)"),
    "first_contact_soon_days": _("First contact in cases of “2 working days” (working days)"),
    "first_contact_usual_days": _("First contact in cases of “5 working days” (working days)"),
    "other_way_working_days": _("Another way to a family is looked for within (working days)"),
    "family_reached_days": _("Before closure the family is reached within (days)"),
    "stage_notice_days": _("A stage shows among the to-dos ahead of its end (days)"),
    "returned_working_days": _("What was sent back is put right within (working days)"),
    "sentinel_working_days": _("Looking back after closure is done within (working days)"),
    "referral_read_working_days": _("A provider's answer is read within (working days)"),
    "children_in_conflict_law": _(
        "Regulations on children in conflict with the law: words they are found by"
    ),
    "sexual_violence_law": _("Regulations on sexual violence: words they are found by"),
    "earlier_counts_source": _("Who published the counts from before the portal"),
    "keep_cases_years": _("Who a child was is kept after closure (years)"),
    "keep_spam_days": _("Reports found to be spam are kept (days)"),
    "keep_report_inbox_days": _("Conversations of closed reports are kept (days)"),
    "drill_days": _("A backup is tried out at least every (days)"),
    "disk_warning_mb": _("Warn when less disk is free than (MB)"),
    "keep_backups_days": _("Backups are kept (days)"),
    "keep_messages_days": _("Messages are kept (days)"),
    "keep_drafts_days": _("Typed and unsent text is kept (days)"),
    "keep_receipts_days": _("A form sent twice is recognised for (days)"),
    "keep_sessions_days": _("Ended sign-ins are kept (days)"),
    "keep_links_days": _("Used or expired links are kept (days)"),
    "keep_openings_years": _("How often short links were opened is kept (years)"),
    "keep_duties_days": _("Finished to-dos are kept (days)"),
    "keep_contacts_years": _("Contacts of schools are kept after they ended (years)"),
    "keep_contact_log_years": _("Tries to reach schools are kept (years)"),
    "keep_partnership_years": _("Wishes to become a partner are kept (years)"),
    "keep_photos_years": _("Photographs and signed attendance lists are kept (years)"),
    "keep_requests_years": _("Closed requests about personal data are kept (years)"),
    "keep_audit_years": _("The audit trail is kept (years)"),
}


@dataclass(frozen=True)
class Group:
    """Settings that belong together."""

    title: Any
    names: tuple[str, ...]


GROUPS = (
    Group(_("Names and contact"), ("product_name", "office_name", "office_phone")),
    Group(
        _("Letters"),
        (
            "office_government",
            "office_address",
            "office_email",
            "office_website",
            "letter_place",
            "signer_name",
            "signer_position",
            "signer_nip",
            "letter_office_code",
            "letter_number_pattern",
        ),
    ),
    Group(
        _("Booking sessions"),
        (
            "visit_starts",
            "friday_starts",
            "special_starts",
            "notice_working_days",
            "booking_window_weeks",
            "hold_minutes",
            "answer_working_days",
            "offer_working_days",
            "offer_freed_slots",
            "release_unanswered",
            "fair_share_sessions",
            "undo_seconds",
            "weekly_visit_hours",
            "worker_weekly_minutes",
            "urgent_work_minutes",
            "office_district",
            "usual_audience",
            "room_notice_days",
            "room_deadline_days",
            "report_working_days",
        ),
    ),
    Group(
        _("After sessions"),
        (
            "delivery_correction_days",
            "confirm_working_days",
            "visit_photos",
            "feedback_hours",
            "feedback_least_sheets",
        ),
    ),
    Group(
        _("Help line shown to everybody"),
        ("help_name", "help_phone", "help_whatsapp", "police_phone", "help_checked_on"),
    ),
    Group(
        _("Partner schools"),
        (
            "unserved_days",
            "unserved_again_days",
            "unserved_head_days",
            "mou_notice_days",
            "contact_step_working_days",
            "partnership_working_days",
        ),
    ),
    Group(_("Targets"), ("coverage_target_percent",)),
    Group(
        _("Suggested schools"),
        (
            "suggest_never",
            "suggest_long",
            "suggest_long_months",
            "suggest_report",
            "suggest_report_most",
            "suggest_cell",
            "suggest_cell_percent",
        ),
    ),
    Group(_("Semester plan"), ("plan_seconds", "plan_gap_weeks")),
    Group(
        _("Signing in"),
        (
            "password_words",
            "second_factor_roles",
            "invitation_hours",
            "reset_hours",
            "idle_minutes",
            "own_phone_idle_days",
            "session_hours",
            "step_up_minutes",
            "uploads_per_hour",
            "conduct_edition",
            "access_review_months",
        ),
    ),
    Group(
        _("Messages and reminders"),
        (
            "quiet_from",
            "quiet_until",
            "bundle_hour",
            "remind_days_before",
            "remind_most",
            "escalate_days",
            "alarm_minutes",
            "mail_hours",
            "head_of_agency_email",
            "privacy_officer_email",
            "trail_head_email",
        ),
    ),
    Group(
        _("Personal data"),
        (
            "privacy_contact",
            "processing_law",
            "refusal_law",
            "breach_law",
            "data_request_hours",
            "breach_hours",
            "emergency_minutes",
            "emergency_review_working_days",
        ),
    ),
    Group(
        _("Reports and Ruang Cerita"),
        (
            "read_minutes_same_hour",
            "read_hours_same_day",
            "read_hours_usual",
            "reply_working_days",
            "story_minutes",
            "reply_minutes",
            "quick_exit_url",
            "reports_per_hour_network",
            "reports_per_hour_city",
            "authority_city",
            "authority_province",
            "authority_kemenag",
        ),
    ),
    Group(
        _("Cases and referrals"),
        (
            "case_number_prefix",
            "referral_number_prefix",
            "caseload_limit",
            "silent_case_days",
            "missed_contacts",
            "approval_working_days",
            "reveal_minutes",
            "plan_ack_days",
            "homeroom_working_days",
            "lesson_week_days",
            "sentinel_first_months",
            "sentinel_second_months",
            "form_opens_days",
            "form_remind_days",
            "form_tell_days",
            "form_correction_hours",
            "form_reply_working_days",
            "recurrence_months",
            "referral_link_days",
            "referral_answer_working_days",
            "first_contact_soon_days",
            "first_contact_usual_days",
            "other_way_working_days",
            "family_reached_days",
            "stage_notice_days",
            "returned_working_days",
            "sentinel_working_days",
            "referral_read_working_days",
            "children_in_conflict_law",
            "sexual_violence_law",
            "earlier_counts_source",
        ),
    ),
    Group(
        _("Materials"),
        (
            "material_check_working_days",
            "material_review_months",
            "material_review_working_days",
            "quiz_round_hours",
            "quiz_least_sheets",
        ),
    ),
    Group(_("Watching over the machine"), ("disk_warning_mb", "drill_days")),
    Group(
        _("How long data is kept"),
        (
            "keep_messages_days",
            "keep_backups_days",
            "keep_cases_years",
            "keep_spam_days",
            "keep_report_inbox_days",
            "keep_drafts_days",
            "keep_receipts_days",
            "keep_sessions_days",
            "keep_links_days",
            "keep_openings_years",
            "keep_duties_days",
            "keep_contacts_years",
            "keep_contact_log_years",
            "keep_partnership_years",
            "keep_photos_years",
            "keep_requests_years",
            "keep_audit_years",
        ),
    ),
)


def _field(name: str, setting: Setting) -> Any:
    if isinstance(setting.default, int):
        message = i18n.lazy_with(
            "Enter a figure between %(least)s and %(most)s.",
            least=setting.least,
            most=setting.most,
        )
        return IntegerField(
            LABELS[name],
            [InputRequired(message), NumberRange(setting.least, setting.most, message)],
        )
    if name == "second_factor_roles":
        roles = [SelectChoice(role.value, label) for role, label in ROLE_NAMES.items()]
        return SelectMultipleField(LABELS[name], choices=roles)
    if name == "special_starts":
        return TextAreaField(LABELS[name], [Length(max=1000)], filters=[stripped], default="")
    return StringField(LABELS[name], [Length(max=200)], filters=[stripped], default="")


@dataclass(frozen=True)
class Edition:
    """The settings as one record, whose version is a fingerprint of all values."""

    values: dict[str, Any]

    @classmethod
    def of(cls, office: Office) -> Edition:
        """Return the settings as they stand."""
        return cls({name: office[name] for name in REGISTRY})

    @property
    def version(self) -> str:
        """Return what two different sets of values never share."""
        return sha256(json.dumps(self.values, sort_keys=True).encode()).hexdigest()


class SettingsForm(VersionedForm):
    """One field for each setting."""

    @classmethod
    def showing(cls, record: Edition, **more: Any) -> Self:
        """Return the form with the values as they stand."""
        values = record.values
        shown = {
            **values,
            "visit_starts": ", ".join(values["visit_starts"]),
            "friday_starts": ", ".join(values["friday_starts"]),
            "special_starts": "\n".join(values["special_starts"]),
        }
        return super().showing(record, data=shown, **more)

    def validate_visit_starts(self, field: StringField) -> None:
        """Accept times on the half hour: 08.00, 10.00, 13.00."""
        if not parse_starts(field.data or ""):
            raise ValidationError(
                i18n.gettext("Enter full or half hours, for example 08.00, 10.00, 13.00.")
            )

    def validate_friday_starts(self, field: StringField) -> None:
        """Accept times on the half hour, as for every day."""
        self.validate_visit_starts(field)

    def validate_special_starts(self, field: TextAreaField) -> None:
        """Accept lines such as 2027-02-08 2027-03-09 08:00 09:30, or none."""
        known: list[SpecialStarts] = []
        for number, line in enumerate(parse_lines(field.data or ""), 1):
            special = SpecialStarts.parse(line)
            if special is None:
                raise ValidationError(
                    i18n.gettext(
                        "Line %(number)s: write the first day, the last day and the starts, for "
                        "example 2027-02-08 2027-03-09 08:00 09:30.",
                        number=number,
                    )
                )
            if any(special.meets(each) for each in known):
                raise ValidationError(
                    i18n.gettext(
                        "Line %(number)s: these days stand in a line above already.", number=number
                    )
                )
            known.append(special)

    def validate_office_district(self, field: StringField) -> None:
        """Accept the code of a kecamatan."""
        if not DISTRICT.fullmatch(field.data or ""):
            raise ValidationError(
                i18n.gettext("Enter the code of the kecamatan, for example 18.72.01.")
            )

    def validate_help_checked_on(self, field: StringField) -> None:
        """Accept a date."""
        try:
            date.fromisoformat(field.data or "")
        except ValueError:
            raise ValidationError(
                i18n.gettext("Enter the date as year-month-day, for example 2026-11-21.")
            ) from None

    def validate_product_name(self, field: StringField) -> None:
        """The portal needs a name."""
        if not field.data:
            raise ValidationError(i18n.gettext("The portal needs a name."))

    def validate_quick_exit_url(self, field: StringField) -> None:
        """Accept the address of a page elsewhere, which must never be missing."""
        if not QUICK_EXIT.fullmatch(field.data or ""):
            raise ValidationError(
                i18n.gettext("Enter a full address, for example https://id.wikipedia.org/.")
            )

    def validate_head_of_agency_email(self, field: StringField) -> None:
        """Accept an address or nothing."""
        _check_address(field)

    def validate_privacy_officer_email(self, field: StringField) -> None:
        """Accept an address or nothing."""
        _check_address(field)

    def validate_office_email(self, field: StringField) -> None:
        """Accept an address or nothing."""
        _check_address(field)

    def validate_signer_nip(self, field: StringField) -> None:
        """Accept the 18 digits of a staff number, or nothing."""
        if field.data and not NIP.fullmatch(field.data):
            raise ValidationError(i18n.gettext("A NIP has 18 digits, without blanks."))

    def validate_letter_office_code(self, field: StringField) -> None:
        """Accept a short code; it stands in every number."""
        if set("{}") & set(field.data or "") or len(field.data or "") > MOST_CODE:
            raise ValidationError(i18n.gettext("Enter a short code, for example Dinsos."))

    def validate_letter_number_pattern(self, field: StringField) -> None:
        """Accept what makes numbers that differ and fit."""
        if not number_fits(field.data or "", self["letter_office_code"].data or ""):
            raise ValidationError(
                i18n.gettext(
                    "Enter a short pattern with {number} in it, for example "
                    "{code}/{number}/{office}/{year}."
                )
            )

    def validate_trail_head_email(self, field: StringField) -> None:
        """Accept an address or nothing."""
        _check_address(field)

    def to_command(self) -> dict[str, Any]:
        """Return the values by name."""
        values = {name: self[name].data for name in REGISTRY}
        for name in ("visit_starts", "friday_starts"):
            values[name] = parse_starts(self[name].data or "")
        values["special_starts"] = parse_lines(self["special_starts"].data or "")
        return values


def _check_address(field: StringField) -> None:
    if field.data and not is_email(field.data):
        raise ValidationError(
            i18n.gettext("Check the e-mail address. It looks like name@example.org.")
        )


for _name, _setting in REGISTRY.items():
    setattr(SettingsForm, _name, _field(_name, _setting))


def parse_lines(text: str) -> list[str]:
    """Return the lines that are not empty, with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def parse_starts(text: str) -> list[str]:
    """Return times as `HH:MM`, in order; empty when one is no full or half hour."""
    found = []
    for part in text.replace(";", ",").split(","):
        hour, _colon, minute = part.strip().replace(".", ":").partition(":")
        figures = hour.isascii() and hour.isdigit() and len(hour) <= len("23")
        if not (figures and int(hour) < 24 and minute in {"00", "30"}):
            return []
        found.append(f"{int(hour):02d}:{minute}")
    return sorted(set(found))
