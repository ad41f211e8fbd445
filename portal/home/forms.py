"""The office's settings as a form, made from the registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from portal.core import i18n
from portal.core.settings import REGISTRY, Office, Setting
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

LABELS: dict[str, Any] = {
    "product_name": _("Name of the portal"),
    "office_name": _("Name of the office"),
    "office_phone": _("Phone or WhatsApp number for schools"),
    "help_name": _("Name of the help line"),
    "help_phone": _("Help line: number to call"),
    "help_whatsapp": _("Help line: WhatsApp number"),
    "help_checked_on": _("Help line: numbers last checked on (YYYY-MM-DD)"),
    "hold_minutes": _("A picked time is held for (minutes)"),
    "answer_working_days": _("Requests are answered within (working days)"),
    "notice_working_days": _("Earliest booking ahead (working days)"),
    "booking_window_weeks": _("Latest booking ahead (weeks)"),
    "visit_starts": _("Sessions can start at"),
    "room_notice_days": _("The school is asked for the room ahead (days)"),
    "room_deadline_days": _("The room is confirmed at the latest before (days)"),
    "report_working_days": _("A session is recorded within (working days)"),
    "weekly_visit_hours": _("Sessions per social worker and week (hours)"),
    "undo_seconds": _("An approval can be undone for (seconds)"),
    "usual_audience": _("Usual number of people where a school's is unknown"),
    "coverage_target_percent": _("Coverage target by end of semester (%)"),
    "invitation_hours": _("An invitation is valid for (hours)"),
    "idle_minutes": _("Sign out after rest on a shared device (minutes)"),
    "own_phone_idle_days": _("Sign out after rest on one's own phone (days)"),
    "session_hours": _("Sign out at the latest on a shared device (hours)"),
}


@dataclass(frozen=True)
class Group:
    """Settings that belong together."""

    title: Any
    names: tuple[str, ...]


GROUPS = (
    Group(_("Names and contact"), ("product_name", "office_name", "office_phone")),
    Group(
        _("Booking sessions"),
        (
            "visit_starts",
            "notice_working_days",
            "booking_window_weeks",
            "hold_minutes",
            "answer_working_days",
            "undo_seconds",
            "weekly_visit_hours",
            "usual_audience",
            "room_notice_days",
            "room_deadline_days",
            "report_working_days",
        ),
    ),
    Group(
        _("Help line shown to everybody"),
        ("help_name", "help_phone", "help_whatsapp", "help_checked_on"),
    ),
    Group(_("Targets"), ("coverage_target_percent",)),
    Group(
        _("Signing in"),
        ("invitation_hours", "idle_minutes", "own_phone_idle_days", "session_hours"),
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
    return StringField(LABELS[name], [Length(max=200)], filters=[stripped], default="")


class SettingsForm(PortalForm):
    """One field for each setting."""

    def load(self, office: Office) -> None:
        """Show the values as they stand."""
        for name in REGISTRY:
            value = office[name]
            self[name].data = ", ".join(value) if isinstance(value, list) else value

    def validate_visit_starts(self, field: StringField) -> None:
        """Accept times on the half hour: 08.00, 10.00, 13.00."""
        if not parse_starts(field.data or ""):
            raise ValidationError(
                i18n.gettext("Enter full or half hours, for example 08.00, 10.00, 13.00.")
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

    def to_command(self) -> dict[str, Any]:
        """Return the values by name."""
        values = {name: self[name].data for name in REGISTRY}
        values["visit_starts"] = parse_starts(self["visit_starts"].data or "")
        return values


for _name, _setting in REGISTRY.items():
    setattr(SettingsForm, _name, _field(_name, _setting))


def parse_starts(text: str) -> list[str]:
    """Return times as `HH:MM`, in order; empty when one is no full or half hour."""
    found = []
    for part in text.replace(";", ",").split(","):
        hour, _colon, minute = part.strip().replace(".", ":").partition(":")
        if not (hour.isascii() and hour.isdigit() and int(hour) < 24 and minute in {"00", "30"}):
            return []
        found.append(f"{int(hour):02d}:{minute}")
    return sorted(set(found))
