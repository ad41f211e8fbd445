"""Pages of visits: the school's booking, the office's queue, one visit, the workers' time."""

from portal.core import i18n
from portal.visits.routes import booking, messages, queue, visit, workers
from portal.visits.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = ["blueprints", "booking", "messages", "queue", "visit", "workers"]

errors.add_sentences(
    {
        "slot_taken": _("Another school has just taken that time. Here are the three nearest."),
        "slot_outside": _("That time cannot be booked. Choose one of the times shown."),
        "school_inactive": _("This school is not active in the register. Ask the office."),
        "audience_too_large": _("At most %(most)s people fit one session. Split the group."),
        "already_decided": _("%(name)s answered this on %(at)s."),
        "worker_unknown": _("Choose a social worker."),
        "worker_busy": _("This worker is at %(school)s then. Choose somebody else."),
        "worker_just_taken": _("This worker has just been booked elsewhere. Choose somebody else."),
        "reason_needed": _("Write why it works all the same; the reason is kept."),
        "reason_for_other": _("Write a short reason. The other side will read it."),
        "undo_over": _("The time to undo is over. Cancel the session instead, with a reason."),
        "too_early": _("The session begins on %(starts_at)s. Record it afterwards."),
        "nobody_there": _("Enter how many people were there."),
        "hours_order": _("The end must be later than the start."),
        "leave_order": _("The last day must not lie before the first."),
        "leave_twice": _("There is leave on these days already."),
    }
)
