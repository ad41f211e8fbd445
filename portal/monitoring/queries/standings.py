"""Why a form cannot be filled in now, in words for the teacher who was asked for it."""

from __future__ import annotations

from portal.core import i18n
from portal.monitoring.policy.standing import Standing
from portal.monitoring.queries.sheets import Sheet

_ = i18n.lazy

WORDS = {
    Standing.NOT_YET: (
        _("This form opens on %(opens)s"),
        _("Until then there is nothing to do."),
    ),
    Standing.CLOSED: (
        _("The last day for this form was %(last)s"),
        _("If you saw something that worries you, please call the office."),
    ),
    Standing.PAUSED: (
        _("The monitoring is paused"),
        _("There is nothing to fill in for now. We tell you when it goes on."),
    ),
    Standing.CANCELLED: (
        _("This form is not needed any more"),
        _("There is nothing to do. The next form shows on your home page."),
    ),
    Standing.ENDED: (
        _("The monitoring has ended"),
        _("There is nothing to fill in any more. Thank you for looking after the child."),
    ),
    Standing.SENT: (
        _("The time for corrections of this form is over"),
        _("What you sent stands. If something in it is wrong, please call the office."),
    ),
    Standing.SENT_BY_OTHER: (
        _("%(sender)s has sent this form"),
        _("There is nothing left to do for you. If you saw something else, call the office."),
    ),
}


def why_closed(sheet: Sheet, standing: Standing) -> tuple[str, str]:
    """Return what stands in the way, and what to do."""
    title, text = WORDS[standing]
    facts = {
        "opens": i18n.day_date(sheet.form.opens_on),
        "last": i18n.day_date(sheet.form.closes_on),
        "sender": sheet.sender.short_name if sheet.sender else i18n.gettext("A colleague"),
    }
    return str(title) % facts, str(text)
