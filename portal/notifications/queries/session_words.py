"""What messages and to-dos about sessions, schools and memoranda say."""

from __future__ import annotations

from portal.core import i18n
from portal.notifications.queries.kinds import VISIT, Kind

_ = i18n.lazy

SCHOOL = frozenset({"school"})

DUTIES: dict[str, Kind] = {
    "answer_request": Kind(
        _("%(school)s asks for a session"),
        _("%(when)s. The school is waiting for your answer."),
        VISIT,
        _("Answer the request"),
    ),
    "confirm_room": Kind(
        _("Make sure of the room for the session on %(day)s"),
        _("%(when)s. Say so here once the room is ready."),
        VISIT,
        _("See the session"),
    ),
    "news_declined": Kind(
        _("The session on %(day)s cannot be scheduled yet"),
        _("%(school)s, %(when)s. The reason is on the session's page."),
        VISIT,
        _("Read the reason"),
    ),
    "news_cancelled": Kind(
        _("The session on %(day)s is cancelled"),
        _("%(school)s, %(when)s. The reason is on the session's page."),
        VISIT,
        _("Read the reason"),
    ),
    "record_delivery": Kind(
        _("Record the session at %(school)s"),
        _("%(when)s. Only then does the school count as reached."),
        VISIT,
        _("Record it"),
    ),
    "find_worker": Kind(
        _("The session at %(school)s needs another social worker"),
        _("%(when)s. Choose who goes there."),
        VISIT,
        _("Choose somebody"),
    ),
    "answer_offer": Kind(
        _("The office offers a session on %(day)s"),
        _("%(when)s. Take it with one press, or let it go."),
        VISIT,
        _("See the offer"),
    ),
    "answer_change": Kind(
        _("A change of the session at %(school)s waits for your answer"),
        _("Now %(when)s. It stays like that until you answer."),
        VISIT,
        _("See the change"),
    ),
    "answer_wish": Kind(
        _("%(school)s waits for a free time"),
        _("Look whether one of the free times suits the school, and offer it."),
        SCHOOL,
        _("Open the waiting list"),
    ),
    "news_offer_over": Kind(
        _("The offer for %(day)s does not stand any more"),
        _("%(school)s, %(when)s. Other times can still be chosen."),
        VISIT,
        _("See the session"),
    ),
    "news_lapsed": Kind(
        _("The request for %(day)s was not answered in time"),
        _("%(school)s, %(when)s. Its time is free again."),
        VISIT,
        _("See the session"),
    ),
    "news_changed": Kind(
        _("The session on %(day)s has changed"),
        _("%(school)s, %(when)s. What is new is on the session's page."),
        VISIT,
        _("See the session"),
    ),
    "news_change_answered": Kind(
        _("The session on %(day)s stays as it was"),
        _("%(school)s, %(when)s. The reason is on the session's page."),
        VISIT,
        _("Read the reason"),
    ),
    "news_entered": Kind(
        _("The office wrote down a session for your school"),
        _("%(when)s. Tell the office if that is not what you asked for."),
        VISIT,
        _("See the session"),
    ),
    "news_missed": Kind(
        _("The session on %(day)s did not take place"),
        _("%(school)s, %(when)s. The reason is on the session's page."),
        VISIT,
        _("Read the reason"),
    ),
    "confirm_session": Kind(
        _("Say whether the session on %(day)s is recorded rightly"),
        _("%(when)s. One press is enough."),
        VISIT,
        _("Look at the record"),
    ),
    "check_delivery": Kind(
        _("%(school)s remembers the session otherwise"),
        _("%(when)s. Talk with the school, then correct the record or leave it."),
        VISIT,
        _("Look at the record"),
    ),
    "name_homerooms": Kind(
        _("Name the homeroom teachers of %(year)s"),
        _("The classes moved up. Name each teacher, or confirm that all is right."),
        frozenset({"school", "year"}),
        _("See the classes"),
    ),
    "school_merged": Kind(
        _("Case %(number)s: the child's school became part of %(school)s"),
        _("Say where the child goes to school now."),
        frozenset({"number", "school"}),
        _("Open the case"),
    ),
    "partner_unserved": Kind(
        _("%(school)s has had no session since its MoU: %(days)s days"),
        _("Offer the school a time, or write down how a try to reach it went."),
        frozenset({"school", "days"}),
        _("Open the partner's page"),
    ),
    "mou_expiring": Kind(
        _("The MoU of %(school)s ends on %(valid_until)s"),
        _("Renew it in time, so that sessions go on."),
        frozenset({"school", "valid_until"}),
        _("Open the partner's page"),
    ),
    "mou_expiring_school": Kind(
        _("Your school's MoU ends on %(valid_until)s"),
        _("The office will get in touch about renewing it. You can also ask."),
        frozenset({"school", "valid_until"}),
        _("See the MoU"),
    ),
    "approve_mou": Kind(
        _("The MoU of %(school)s waits for your agreement"),
        _("It is in force already; your word is noted beside it."),
        SCHOOL,
        _("Look at it"),
    ),
    "contact_school": Kind(
        _("Try to reach %(school)s again"),
        _("The way that comes next stands on the school's page."),
        SCHOOL,
        _("Open the school"),
    ),
    "answer_partnership": Kind(
        _("%(school)s would like to become a partner"),
        _("Get in touch and say how it goes on."),
        SCHOOL,
        _("Open the request"),
    ),
}

NEWS: dict[str, Kind] = {
    "visit_approved": Kind(
        _("Your session on %(day)s is confirmed"),
        _("%(school)s, %(when)s. Who comes, and what to prepare, is on the session's page."),
        VISIT,
    ),
    "visit_assigned": Kind(
        _("You have a session at %(school)s"),
        _("%(when)s. What the school wishes is on the session's page."),
        VISIT,
    ),
    "visit_unassigned": Kind(
        _("A colleague goes to %(school)s in your place"),
        _("%(when)s. There is nothing more to do for you."),
        VISIT,
    ),
    "visit_reassigned": Kind(
        _("Another social worker comes to your session on %(day)s"),
        _("%(school)s, %(when)s. The time stays the same; who comes is on the session's page."),
        VISIT,
    ),
    "mou_recorded": Kind(
        _("The MoU of %(school)s is recorded"),
        _("It holds until %(valid_until)s. You can book sessions now."),
        frozenset({"school", "valid_until"}),
    ),
    "visit_declined": DUTIES["news_declined"],
    "visit_cancelled": DUTIES["news_cancelled"],
    "series_called_off": Kind(
        _("%(count)s sessions at %(school)s are called off"),
        _("%(period)s. The reason is on each session's page."),
        VISIT | {"count"},
    ),
    "visit_offered": DUTIES["answer_offer"],
    "visit_offer_over": DUTIES["news_offer_over"],
    "visit_lapsed": DUTIES["news_lapsed"],
    "visit_changed": DUTIES["news_changed"],
    "change_asked": DUTIES["answer_change"],
    "change_answered": DUTIES["news_change_answered"],
    "visit_missed": DUTIES["news_missed"],
    "delivery_doubted": DUTIES["check_delivery"],
}
