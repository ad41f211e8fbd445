"""Pages of a child's return to school: of the case, of the school, of the teacher."""

from portal.core import i18n
from portal.monitoring.routes import (
    alerts,
    device,
    form,
    inbox,
    index,
    instruments,
    naming,
    of_case,
    plan,
    plan_of_case,
    reply_texts,
)
from portal.monitoring.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "alerts",
    "blueprints",
    "device",
    "form",
    "inbox",
    "index",
    "instruments",
    "naming",
    "of_case",
    "plan",
    "plan_of_case",
    "reply_texts",
]

errors.add_sentences(
    {
        "alert_taken": _("%(name)s takes care of it already. Talk to them if you can help."),
        "alert_over": _("This alert is settled already."),
        "alert_done_needed": _("Write what was done, so that the next reader knows."),
        "guardian_open": _(
            "A red flag is about the child's home. Decide first what the guardian may hear, write "
            "it into the case, then tick it here."
        ),
        "form_answered": _("A colleague has answered this form already."),
        "form_newer": _(
            "The teacher corrected the form meanwhile. Read it as it is now, then answer."
        ),
        "reply_words": _("Choose a ready answer or write your own words."),
        "reply_unsafe": _(
            "The answer may be read in the staff room, so please leave out the child's name and "
            "initials."
        ),
        "reply_text_gone": _("The office no longer offers this answer. Choose another one."),
        "bands_in_order": _("Let the three rise: keep watching, then worrying, then acute."),
        "form_cancelled": _("This form is not needed any more."),
        "form_closed": _("The last day for this form is over."),
        "form_correctable": _("You have sent this form already. Send it again as a correction."),
        "form_ended": _("The monitoring has ended; there is nothing to fill in any more."),
        "form_key_used": _("Something went wrong on this device. Reload the page and try again."),
        "form_not_yet": _("This form is not open yet."),
        "form_open": _("This form was not sent yet."),
        "form_paused": _("The monitoring is paused; there is nothing to fill in for now."),
        "form_sent": _("You have sent this form, and its time for corrections is over."),
        "form_sent_by_other": _("A colleague has sent this form already."),
        "follow_up_ended": _("The monitoring has ended."),
        "follow_up_paused": _("The monitoring is paused. Let it go on first."),
        "pause_past": _("Choose a day that is still to come, or leave it open."),
        "pause_reason": _("Write in a few words why it is paused."),
        "teacher_unfit": _("This person cannot be asked. Choose somebody else who teaches there."),
        "other_school": _(
            "The child goes to another school by now. Check the draft and save it once more."
        ),
        "draft_changed": _(
            "A colleague changed the draft meanwhile. Read it once more, then share it."
        ),
        "plan_draft_there": _("There is a draft already. Go on with that one."),
        "return_plan_empty": _("Write at least one thing the school should do or leave."),
        "plan_school_needed": _("The child goes to no school in the portal. Write it down first."),
        "reader_conflict": _("This person must not see the case, and so none of its plans."),
        "reader_not_offered": _("Somebody chosen can read it no longer. Choose the readers again."),
        "returns_far": _("Choose a first day back within about a year."),
        "review_before": _("Look at the plan again after the first day back, not before it."),
        "school_consent_needed": _(
            "Nobody has agreed yet that the school is told. Write down under Decisions what the "
            "family said, or why asking would endanger the child."
        ),
        "school_refused": _(
            "The family does not agree that the school is told. Talk with them again, and write a "
            "new answer down under Decisions."
        ),
        "teacher_chosen": _("Choose who fills in the monitoring form."),
        "teacher_needed": _("Choose at least one teacher who reads the plan."),
        "both_languages": _("Every text is needed in both languages, in at most 200 characters."),
        "rhythm_steps": _("Write at least one step of the rhythm, at most %(most)s."),
    }
)
