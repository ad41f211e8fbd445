"""Pages of reports: what is filed and written down, the desk, decisions, the roster, posters."""

from portal.core import i18n
from portal.incidents.routes import decisions, desk, filing, posters, report, roster, transcribing
from portal.incidents.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blueprints",
    "decisions",
    "desk",
    "filing",
    "posters",
    "report",
    "roster",
    "transcribing",
]

errors.add_sentences(
    {
        "own_report": _("You told this yourself, so a colleague decides about it."),
        "handled_by": _("%(name)s handles this report. Take it over first if you go on with it."),
        "no_inbox": _("The portal cannot lead an answer to whoever told this. Call them instead."),
        "body_unknown": _("The office has not entered this body yet. Ask an admin (Settings)."),
        "words_needed": _("Write a few general words; the reporter reads them as the result."),
        "lower_trained": _("Only a coordinator may find a report less urgent. Ask one."),
        "reason_lower": _("Write why it is less urgent; the reason is kept."),
        "report_unknown": _("There is no report with this number that you may see. Check it."),
        "same_report": _("This is the number of this very report. Enter the other one's."),
        "linked_already": _("Both reports belong together already."),
        "no_school": _("No school is known for this report."),
        "school_bypassed": _("Somebody of the school is reported, so it hears of nothing."),
        "kept_from_school": _("The reporter does not want the school to know. Ask them first."),
        "nobody_left": _(
            "Then no coordinator could open this report any more. Ask the admin for another "
            "coordinator first."
        ),
        "evidence_full": _("There is room for %(most)s files. Tell in words what the others show."),
        "evidence_over": _("This report is finished, so nothing can be added to it any more."),
        "turn_order": _("The last day must not lie before the first."),
        "turn_over": _("These days are over. Choose days from today on."),
        "turn_long": _("Enter at most %(most)s days at once."),
        "turn_twice": _("They are on duty on some of these days already."),
    }
)
