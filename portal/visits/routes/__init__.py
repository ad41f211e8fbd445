"""Pages of visits: the school's booking, the office's queue, one visit, the workers' time."""

from portal.core import i18n
from portal.visits.routes import (
    blackouts,
    booking,
    bulk,
    calendar,
    callers,
    changes,
    confirming,
    costs,
    delivery,
    feedback,
    feeds,
    formats,
    letters,
    messages,
    offers,
    photos,
    programmes,
    queue,
    recording,
    visit,
    wishes,
    workers,
)
from portal.visits.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blackouts",
    "blueprints",
    "booking",
    "bulk",
    "calendar",
    "callers",
    "changes",
    "confirming",
    "costs",
    "delivery",
    "feedback",
    "feeds",
    "formats",
    "letters",
    "messages",
    "offers",
    "photos",
    "programmes",
    "queue",
    "recording",
    "visit",
    "wishes",
    "workers",
]

errors.add_sentences(
    {
        "slot_taken": _("Another school has just taken that time. Here are the three nearest."),
        "same_time": _("That is the time asked for. Choose another one, or approve the request."),
        "school_busy": _("The school has another session at that time. Choose another one."),
        "offer_past": _("The time of this offer has come. Choose another one with the office."),
        "change_open": _("A change of this session waits for its answer already."),
        "change_over": _("The time has come meanwhile, so the change is not possible any more."),
        "too_late_to_change": _(
            "A session can be moved here up to %(days)s working days before it, to a day that lies "
            "as far ahead. Call the office; together you find a way."
        ),
        "crew_elsewhere": _(
            "Several social workers come to this session, and not all of them are free then. "
            "Choose another time, or call the office."
        ),
        "wish_twice": _("Your school waits for this session already. Look at the waiting list."),
        "wish_order": _("The last day must not lie before the first."),
        "wish_over": _("The last day is past. Choose a later one."),
        "slot_outside": _("That time cannot be booked. Choose one of the times shown."),
        "school_inactive": _("This school is not active in the register. Ask the office."),
        "audience_too_large": _("At most %(most)s people fit one session. Split the group."),
        "too_many_classes": _("At most %(most)s classes fit one session. Choose fewer."),
        "share_used": _(
            "Your school has %(used)s of %(most)s sessions this school year. Schools that never "
            "had one wait, so free times go to them first. Put your wish on the waiting list."
        ),
        "share_series": _(
            "Schools that never had a session wait, so at most %(left)s more this school year. "
            "Repeat it less often."
        ),
        "series_alone": _("Only the first of these times is free. Send it without repeating."),
        "series_over": _("Nothing of this series is still to come."),
        "last_programme": _("At least one programme stays on offer."),
        "topic_in_use": _("Sessions are about “%(title)s”. Keep its title; you can move it down."),
        "blackout_order": _("The last day must not lie before the first."),
        "blackout_long": _("At most %(most)s days in one go. Check the year."),
        "blackout_over": _("These days are over. Choose days to come."),
        "already_decided": _("%(name)s answered this on %(at)s."),
        "worker_unknown": _("Choose a social worker."),
        "worker_busy": _("This worker is at %(school)s then. Choose somebody else."),
        "worker_just_taken": _("This worker has just been booked elsewhere. Choose somebody else."),
        "reason_needed": _("Write why it works all the same; the reason is kept."),
        "reason_for_other": _("Write a short reason. The other side will read it."),
        "undo_over": _("The time to undo is over. Cancel the session instead, with a reason."),
        "too_early": _("The session begins on %(starts_at)s. Record it afterwards."),
        "nobody_there": _("Enter how many people were there."),
        "correction_over": _(
            "A record can be corrected for %(days)s days, and later once the school says that it "
            "was different."
        ),
        "enough_photos": _(
            "%(most)s photographs are kept of a session. Delete one to add another."
        ),
        "consent_note_needed": _("Write who agreed, and where the signed forms are."),
        "feedback_over": _("These questions are over. No more answers are taken."),
        "feedback_final": _("What pupils said is shown already, so nothing is added to it."),
        # To pupils.
        "feedback_empty": _("Tap at least one answer, then send it."),
        "hours_order": _("The end must be later than the start."),
        "terms_order": _("Sessions cannot take more than the whole week. Check both figures."),
        "leave_order": _("The last day must not lie before the first."),
        "leave_twice": _("There is leave on these days already."),
        "letter_not_possible": _("This letter cannot be made out as the session stands now."),
        "placeholder_unknown": _(
            "Line %(line)s: nothing stands for {%(name)s}. Choose a name from the list."
        ),
        "brace_alone": _("Line %(line)s: a brace has no partner. Write names as {school}."),
        "part_not_alone": _("Give {%(name)s} a paragraph of its own, with blank lines around it."),
        "tables_missing": _("Add a paragraph {tables}: without it this paper would be empty."),
    }
)
