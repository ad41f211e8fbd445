"""Pages of cases: the boards, the parts of a file, and what is done there."""

from portal.cases.routes import (
    access,
    appointment,
    assessment,
    bases,
    boards,
    child,
    closure,
    conferences,
    conformity,
    decisions,
    family,
    goal,
    guardians,
    obstacles,
    opening,
    opening_up,
    overview,
    plan,
    procedure,
    record,
    services,
    stages,
    tasks,
    timeline,
)
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "access",
    "appointment",
    "assessment",
    "bases",
    "blueprints",
    "boards",
    "child",
    "closure",
    "conferences",
    "conformity",
    "decisions",
    "family",
    "goal",
    "guardians",
    "obstacles",
    "opening",
    "opening_up",
    "overview",
    "plan",
    "procedure",
    "record",
    "services",
    "stages",
    "tasks",
    "timeline",
]

errors.add_sentences(
    {
        "case_closed": _("This case is closed. Reopen it first if something is to be done."),
        "case_open": _("An open case of this child exists already. Go on with that one."),
        "decision_waits": _("A proposal of this kind waits for an answer already."),
        "own_decision": _(
            "Somebody else is asked for this word, who never worked on this case and did not "
            "propose it."
        ),
        "cannot_manage": _("Choose somebody who works on cases."),
        "in_conflict": _("They must not see this case. Choose somebody else."),
        "on_case": _("They work on this case already."),
        "manages_it": _("They manage this case. Give it to another manager first."),
        "case_nobody_left": _(
            "Then no coordinator could open this case any more. Ask the admin for another "
            "coordinator first."
        ),
        "case_unknown": _("There is no case with this number that you may see. Check it."),
        "same_case": _("This is the number of this very case. Enter the other one's."),
        "cases_linked": _("Both cases belong together already."),
        "same_school": _("The child is there already. Choose another school or class."),
        "why_moved": _("Write why the child changes schools."),
        "before_last_school": _("The child came to its last school only later. Check the day."),
        "guardian_kept_out": _("This guardian must hear of nothing. Choose somebody else."),
        "guardian_needed": _("Choose who agreed, or write why no guardian could be asked."),
        "ask_child": _(
            "Without a guardian the child must agree itself. Ask the child, or use “Asking would "
            "endanger the child”."
        ),
        "why_refused": _("Write the reason they gave, or that they gave none."),
        "nothing_to_withdraw": _("Nobody agreed to this before, so nothing can be taken back."),
        "newer_answer": _(
            "The file holds an answer of a later day, which would go on counting. Check the day."
        ),
        "in_future": _("Enter today or a day that is over."),
        "basis_needed": _("Choose the regulation that allows it."),
        "days_order": _("The last day must not lie before the first."),
        "told_it": _("They told the report themselves. Choose somebody else."),
        "child_known": _("The office may know this child already. Choose how to go on."),
        "case_of_report": _("A colleague has just opened a case from this report."),
        "not_on_case": _("They do not work on this case. Choose somebody who does."),
        "task_over": _("This task was ended meanwhile."),
        "task_reason": _("Write why it is no longer needed."),
        "stages_left": _(
            "This ending needs all stages. Choose another one, or go on with the case."
        ),
        "stage_ahead": _(
            "The case did not come that far yet. Choose a stage it was in; the next ones follow."
        ),
        "not_due_yet": _("It is not time yet to look back at this case."),
        "assessment_stands": _(
            "This assessment is from an earlier day and stays as it is. Write a new one beside it."
        ),
        "need_missing": _("Choose the need this goal answers."),
        "plan_open": _("A plan is being written already. Go on with that one."),
        "plan_waits": _("The plan waits for approval. Take it back first to change something."),
        "plan_fixed": _("This plan is approved and stays as it is. Begin a new one to change it."),
        "plan_empty": _("Add at least one goal before you send the plan."),
        "plan_words": _(
            "Write what serves the child best and what the child thinks before you send the plan."
        ),
        "nothing_to_suggest": _("Every need has a goal already."),
        "goal_served": _("An appointment serves this goal already. Change the goal instead."),
        "goal_waits": _("Goals are reviewed once the plan is approved."),
        "not_reached": _("Choose “Goal reached” if the need is met, or leave the need open."),
        "no_mediation": _(
            "After sexual violence we never offer mediation or peace with whoever did it. Take "
            "these words out, and write what protects the child."
        ),
        "day_over": _("Enter today or a day that is to come."),
        "stage_incomplete": _("This is still missing: %(missing)s."),
        "stage_closes_case": _("The last stage ends when the closure of the case is approved."),
        "stage_cannot_skip": _("The first and the last stage cannot be skipped."),
        "stage_not_earlier": _("Choose a stage that lies before the present one."),
        "closure_waits": _("The closure waits for an answer. Take that proposal back first."),
        "before_obstacle": _("Enter a day after the obstacle was noted."),
        "draft_exists": _("There is a draft already. Publish or delete that one first."),
        "edition_published": _("This edition is published and stays as it is. Begin a new one."),
        "unknown_evidence": _("The portal cannot see this by itself. Let it be ticked by hand."),
        "item_twice": _("The file shows this in another item already. Choose something else."),
        "stage_needs_item": _("Every stage needs at least one item that must be there."),
        "closure_stays": _("The last stage needs the item about the approved closure."),
        "still_to_come": _("This moment is still to come. Enter when it happened."),
        "already_over": _("This time is over. Record it as something that already happened."),
        "no_goal": _("Choose a goal of this case's plan."),
        "somebody_came": _("Somebody came, so choose that it took place."),
        "result_needed": _("Write in a sentence or two what came of it."),
        "barrier_needed": _("Choose what stood in the way; it helps to find another one."),
        "said_needed": _("Write what was said, in a sentence or two."),
        "agreed_unreached": _("Only somebody you reached can agree on a task. Leave it empty."),
        "home_task_day": _("Enter until when the family wants to do it."),
        "home_task_words": _("Write what the family wants to do until then."),
        "home_task_before": _("Enter the day of the contact or a later one."),
        "no_home_task": _("Nothing was agreed there."),
        "guest_needed": _("Choose a colleague, or write who else is invited."),
        "guest_name": _("Write the name of whoever is invited in this capacity."),
        "record_first": _("Record first that the conference took place."),
        "caseload_full": _("They manage %(most)s cases already. Choose somebody else."),
    }
)
