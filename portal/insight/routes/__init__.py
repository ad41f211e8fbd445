"""Pages of figures, each as a workbook too; suggestions and semester plans."""

from portal.core import i18n
from portal.insight.routes import (
    cases,
    coverage,
    gap,
    obstacles,
    partner,
    plan_items,
    plans,
    reports,
    suggestions,
)
from portal.insight.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blueprints",
    "cases",
    "coverage",
    "gap",
    "obstacles",
    "partner",
    "plan_items",
    "plans",
    "reports",
    "suggestions",
]

errors.add_sentences(
    {
        "plan_over": _("This semester is over. Choose the next one."),
        "plan_busy": _("A plan is being made already. Wait until it is ready, or stop it."),
        "plan_undecided": _(
            "Keep or drop the changed plan first. Offers leave from one plan only."
        ),
        "plan_offered": _("This session is offered to the school already. Change it on its page."),
        "plan_nowhere": _("This session has no time yet. Choose one first."),
        "plan_unknown": _("%(school)s is no longer part of this plan."),
        "plan_calendar": _("%(school)s has no lessons on %(day)s, or no sessions are held then."),
        "plan_start": _("Sessions do not begin at that time on %(day)s. Choose another start."),
        "plan_crew": _("%(school)s needs another number of social workers, each of them once."),
        "plan_hours": _("%(worker)s does not work at that time on %(day)s."),
        "plan_leave": _("%(worker)s is on leave on %(day)s."),
        "plan_overlap": _("%(worker)s is at %(other)s then, on %(day)s."),
        "plan_travel": _(
            "%(worker)s comes from %(other)s or goes there, on %(day)s. The way takes longer."
        ),
        "plan_week": _("%(worker)s has no hours left in the week of %(day)s."),
        "plan_gap": _("%(school)s has another session too close to %(day)s."),
        "plan_order": _("%(school)s has no time for the session that comes before this one."),
        "plan_lock": _("%(school)s is locked to another time, %(day)s."),
        "plan_broken": _(
            "Something went wrong on our side while this plan was made. Nothing was changed. Ask "
            "for a new plan; if that happens again, tell whoever looks after the portal."
        ),
        "plan_stopped": _(
            "It was stopped before the first plan was ready. Nothing was changed. Ask for a new "
            "plan whenever you like."
        ),
        "suggestion_day": _("Choose a day after today, at the latest %(last)s."),
        "suggestion_programme": _(
            "No programme on offer counts for coverage. Switch one on under Programmes first."
        ),
    }
)
