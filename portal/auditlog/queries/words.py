"""What the codes of the trail mean, in words."""

from __future__ import annotations

import re
from typing import Any

from portal.core import i18n
from portal.core.audit import AuditEntry

_ = i18n.lazy

LONG_ID = re.compile(r"\b[0-9a-f]{24,}([0-9a-f]{8})\b")

ACTIONS: dict[str, Any] = {
    "audit.checked": _("checked the chain of the trail"),
    "audit.purged": _("removed entries of the trail whose time was over"),
    "audit.read": _("took the trail along as a workbook"),
    "blackout.added": _("added days without sessions"),
    "blackout.removed": _("opened days without sessions again"),
    "breach.changed": _("changed the record of a data breach"),
    "breach.closed": _("closed a data breach"),
    "breach.contained": _("noted that a data breach is contained"),
    "breach.read": _("read the record of a data breach"),
    "breach.recorded": _("recorded a data breach"),
    "breach.reported": _("noted whom a data breach was reported to"),
    "calendar_feed.made": _("made a private calendar address"),
    "calendar_feed.revoked": _("ended a private calendar address"),
    "campaign.changed": _("planned or changed a campaign"),
    "campaign_post.moved": _("went on with a post of a campaign"),
    "case.assigned": _("gave a case to somebody"),
    "case.changed": _("wrote into a case"),
    "case.closed": _("closed a case"),
    "case.decision_made": _("decided about a case"),
    "case.decision_proposed": _("proposed a decision about a case"),
    "case.exported": _("took the record of a case out of the portal"),
    "case.forgotten": _("forgot who a child was, as its time was over"),
    "case.guardian_kept_out": _("kept a guardian out of a case"),
    "case.identity_changed": _("changed what is known of a child"),
    "case.linked": _("noted that two cases belong together"),
    "case.opened": _("opened a case"),
    "case.read": _("read the file of a case"),
    "case.released": _("ended somebody's work on a case"),
    "case.reopened": _("reopened a case"),
    "case.report_added": _("added a report to a case"),
    "case.revealed": _("opened a case with a reason"),
    "case.stage_done": _("finished a stage of a case"),
    "case.stage_reopened": _("went back to a stage of a case"),
    "conflict.lifted": _("ended a conflict of interest"),
    "conflict.recorded": _("recorded a conflict of interest"),
    "data_request.assigned": _("gave a data request to somebody"),
    "data_request.closed": _("answered or closed a data request"),
    "data_request.emptied": _("forgot the people in an old data request"),
    "data_request.identified": _("checked who asks about their data"),
    "data_request.read": _("read the file of a data request"),
    "data_request.recorded": _("recorded a data request"),
    "data_request.released": _("gave a data request back"),
    "delivery.retried": _("had an e-mail tried again"),
    "duty.acknowledged": _("said that they take care of an alarm"),
    "duty_turn.added": _("put somebody on the duty roster"),
    "duty_turn.changed": _("changed a turn on the duty roster"),
    "duty_turn.removed": _("took somebody off the duty roster"),
    "emergency.opened": _("opened a confidential file in an emergency"),
    "emergency.reviewed": _("judged an emergency access"),
    "erasure.repeated": _("erased again what a restore had brought back"),
    "follow_up.moved": _("began, changed or ended the monitoring of a child"),
    "follow_up.teacher_named": _("asked a teacher for monitoring forms"),
    "follow_up.teacher_released": _("ended what a teacher was asked for"),
    "hold.lifted": _("lifted a legal hold"),
    "hold.ordered": _("ordered a legal hold"),
    "instrument.changed": _("changed an edition of the monitoring form"),
    "invitation.accepted": _("accepted an invitation"),
    "invitation.approved": _("approved an invitation"),
    "invitation.cancelled": _("withdrew an invitation"),
    "invitation.made": _("invited somebody"),
    "job.hurried": _("had a job of the portal run at once"),
    "leave.added": _("entered a leave"),
    "leave.removed": _("took out a leave"),
    "legal_basis.changed": _("changed what is known of a regulation"),
    "letter.made": _("made out a letter"),
    "letter.returned": _("handed in the signed copy of a letter"),
    "letter.reworded": _("changed the wording of letters"),
    "material.moved": _("went on with a material"),
    "material.use_taken_back": _("took back that a class used a material"),
    "material.used": _("noted that a class used a material"),
    "material_group.changed": _("changed a collection of materials"),
    "membership.began": _("gave somebody a role"),
    "membership.confirmed": _("confirmed somebody's role"),
    "membership.ended": _("ended somebody's role"),
    "membership.moved": _("moved an appointment to another school"),
    "message.handed_over": _("handed a message over by WhatsApp"),
    "message_preference.changed": _("changed what they are told by e-mail"),
    "monitoring_alert.moved": _("went on with an alert"),
    "monitoring_alert.raised": _("raised an alert"),
    "monitoring_alert.read": _("read an alert"),
    "monitoring_form.answered": _("answered a monitoring form"),
    "monitoring_form.missed": _("missed a monitoring form"),
    "monitoring_form.read": _("read a monitoring form"),
    "monitoring_form.sent": _("sent a monitoring form"),
    "mou.agreed": _("agreed to an MoU"),
    "mou.changed": _("changed an MoU"),
    "mou.copy_kept": _("kept the signed copy of an MoU"),
    "mou.recorded": _("recorded an MoU"),
    "mou_obligation.added": _("added a promise of an MoU"),
    "mou_obligation.changed": _("corrected a promise of an MoU"),
    "mou_obligation.met": _("noted that a promise of an MoU is kept"),
    "mou_obligation.open_again": _("reopened a promise of an MoU"),
    "mou_obligation.removed": _("took out a promise of an MoU"),
    "partnership_request.answered": _("answered a request for partnership"),
    "partnership_request.asked": _("asked to become a partner"),
    "partnership_request.placed": _("matched a request for partnership with a school"),
    "plan.asked": _("asked for a semester plan"),
    "plan.dropped": _("put a plan aside"),
    "plan.item_changed": _("moved or locked a session of a plan"),
    "plan.item_offered": _("offered a session of a plan"),
    "plan.kept": _("kept a changed plan"),
    "plan.made": _("finished a plan"),
    "plan.sent": _("sent offers of a plan"),
    "plan.stopped": _("ended the search for a plan"),
    "procedure.changed": _("changed an edition of the procedure"),
    "programme.added": _("added a programme"),
    "programme.changed": _("changed a programme"),
    "provider.changed": _("changed whom children can be referred to"),
    "quiz_round.moved": _("began, ended or reopened the asking of a class"),
    "referral.answered": _("a provider answered a referral"),
    "referral.link_made": _("made a one-time link for a provider"),
    "referral.made": _("drafted a referral"),
    "referral.moved": _("went on with a referral"),
    "referral.opened": _("a provider opened a referral"),
    "referral.read": _("read a referral"),
    "reply_text.changed": _("changed a ready answer to schools"),
    "report.answered": _("wrote to the reporter"),
    "report.closed": _("finished a report"),
    "report.evidence_added": _("added a file to a report"),
    "report.followed_up": _("began to follow a report up"),
    "report.link_removed": _("took two reports apart"),
    "report.linked": _("noted that two reports belong together"),
    "report.noted": _("wrote a note about a report"),
    "report.quarantine_lifted": _("took a report out of quarantine"),
    "report.quarantined": _("put a report into quarantine"),
    "report.read": _("read the file of a report"),
    "report.received": _("a report came in"),
    "report.referral_received": _("noted the receipt of a report that was handed over"),
    "report.referred": _("handed a report over to the responsible body"),
    "report.released": _("gave a report back"),
    "report.reopened": _("went on with a finished report"),
    "report.reporter_agreed": _("noted that the school may know of a report"),
    "report.reporter_wrote": _("the reporter wrote to the office"),
    "report.school_bypassed": _("let the school hear nothing of a report"),
    "report.school_told": _("noted what the school was told of a report"),
    "report.taken": _("began to handle a report"),
    "report.urgency_set": _("changed how urgent a report is"),
    "retention.applied": _("removed what was kept long enough"),
    "return_plan.acknowledged": _("acknowledged a return-to-school plan"),
    "return_plan.moved": _("went on with a return-to-school plan"),
    "return_plan.read": _("read a return-to-school plan"),
    "school.added": _("added a school"),
    "school.changed": _("changed a school"),
    "school.classes_added": _("named classes of a school"),
    "school.classes_confirmed": _("confirmed the classes of a school"),
    "school.classes_moved_up": _("moved classes up to the next year"),
    "school.contact_tried": _("tried to reach a school"),
    "school.homerooms_named": _("named homeroom teachers"),
    "school.merged": _("made a school part of another"),
    "school.renamed": _("gave a school another name"),
    "school_calendar.changed": _("changed the school calendar"),
    "school_class.changed": _("changed a class"),
    "school_class.removed": _("took a class out"),
    "school_contact.added": _("added a contact of a school"),
    "school_contact.changed": _("changed a contact of a school"),
    "school_contact.ended": _("ended a contact of a school"),
    "school_import.applied": _("brought in a list of schools"),
    "school_import.cancelled": _("put aside a list of schools"),
    "school_import.uploaded": _("sent in a list of schools"),
    "search_synonyms.changed": _("changed which words the search takes as the same"),
    "series.ended": _("called off the rest of a repeated session"),
    "series.requested": _("asked for a repeated session"),
    "setting.changed": _("changed a setting"),
    "suggestion.decided": _("put a suggested school first or off"),
    "suggestion.freed": _("let the arithmetic decide about a school again"),
    "user.conduct_accepted": _("accepted the code of conduct"),
    "user.contacts_changed": _("changed the contacts of an account"),
    "user.erased": _("erased an account"),
    "user.factor_added": _("set up a second proof"),
    "user.factor_removed": _("took off a second proof"),
    "user.made": _("made an account"),
    "user.password_changed": _("chose a new password"),
    "user.profile_changed": _("changed a name or form of address"),
    "user.recovery_code_used": _("came in with a recovery code"),
    "user.recovery_codes_made": _("got new recovery codes"),
    "user.reset_asked": _("asked for a link to a new password"),
    "user.reset_link_made": _("made a link to a new password"),
    "user.signed_in": _("signed in"),
    "user.signed_out": _("signed out"),
    "visit.adjusted": _("changed details of a session"),
    "visit.approval_undone": _("took back an approval"),
    "visit.approved": _("approved a session"),
    "visit.cancelled": _("cancelled a session"),
    "visit.change_accepted": _("moved a session"),
    "visit.change_asked": _("asked for another time of a session"),
    "visit.change_declined": _("left a session as it was"),
    "visit.change_dropped": _("ended a change that was not answered"),
    "visit.confirmed": _("confirmed for the school that a session took place"),
    "visit.corrected": _("corrected the record of a session"),
    "visit.cost_added": _("wrote down a cost of a session"),
    "visit.cost_removed": _("took out a cost of a session"),
    "visit.declined": _("declined a session"),
    "visit.delivered": _("recorded a session as held"),
    "visit.doubted": _("said that the school remembers a session otherwise"),
    "visit.feedback_moved": _("opened or closed pupils' feedback on a session"),
    "visit.handed_over": _("handed a session over"),
    "visit.lapsed": _("let a session go that nobody answered in time"),
    "visit.missed": _("recorded that a session did not take place"),
    "visit.offer_accepted": _("took an offered session"),
    "visit.offer_taken_back": _("took an offer back"),
    "visit.offer_turned_down": _("let an offered session go"),
    "visit.offered": _("offered a session"),
    "visit.photo_added": _("kept a photograph of a session"),
    "visit.photo_removed": _("deleted a photograph of a session"),
    "visit.reassigned": _("gave a session to another social worker"),
    "visit.requested": _("requested a session"),
    "visit.restored": _("took up a session again"),
    "visit.room_ready": _("confirmed the room"),
    "visit.school_changed": _("moved a session to another school"),
    "visit.settled": _("left the record of a session as it is"),
    "visit.withdrawn": _("withdrew a request for a session"),
    "visit_need.changed": _("changed what sessions may need"),
    "wish.ended": _("took a school off the waiting list"),
    "wish.made": _("put a school on the waiting list"),
    "worker.hours_changed": _("changed working hours"),
    "worker.terms_changed": _("changed a social worker's working time"),
}

KINDS: dict[str, Any] = {
    "audit": _("Trail"),
    "blackout": _("Days without sessions"),
    "breach": _("Data breach"),
    "calendar_feed": _("Calendar address"),
    "campaign": _("Campaign"),
    "campaign_post": _("Post of a campaign"),
    "case": _("Case"),
    "conflict": _("Conflict of interest"),
    "data_request": _("Data request"),
    "delivery": _("E-mail"),
    "duty": _("Alarm"),
    "duty_turn": _("Turn on the duty roster"),
    "emergency": _("Emergency access"),
    "erasure": _("Erasure"),
    "follow_up": _("Monitoring at school"),
    "hold": _("Legal hold"),
    "instrument": _("Monitoring form"),
    "invitation": _("Invitation"),
    "job": _("Job"),
    "leave": _("Leave"),
    "legal_basis": _("Legal basis"),
    "letter": _("Letter"),
    "material": _("Material"),
    "material_group": _("Collection of materials"),
    "membership": _("Role"),
    "message": _("Message"),
    "message_preference": _("Message preferences"),
    "monitoring_alert": _("Alert from the school"),
    "monitoring_form": _("Monitoring form"),
    "mou": _("MoU"),
    "mou_obligation": _("Promise of an MoU"),
    "partnership_request": _("Request for partnership"),
    "plan": _("Semester plan"),
    "procedure": _("Procedure"),
    "programme": _("Programme"),
    "provider": _("Provider"),
    "quiz_round": _("Class asked"),
    "referral": _("Referral"),
    "reply_text": _("Ready answer"),
    "report": _("Report"),
    "retention": _("Retention"),
    "return_plan": _("Return-to-school plan"),
    "school": _("School"),
    "school_calendar": _("School calendar"),
    "school_class": _("Class"),
    "school_contact": _("Contact of a school"),
    "school_import": _("List of schools"),
    "search_synonyms": _("Words of the search"),
    "series": _("Repeated sessions"),
    "setting": _("Setting"),
    "suggestion": _("Suggested school"),
    "user": _("Account"),
    "visit": _("Session"),
    "visit_need": _("What sessions need"),
    "wish": _("Waiting list"),
    "worker": _("Social worker"),
}

# What stands in the address, and the words for it.
GROUPS: dict[str, Any] = {
    "masuk": _("Signing in"),
    "akun": _("Accounts and roles"),
    "baca": _("Confidential reading"),
    "sesi": _("Sessions"),
    "sekolah": _("Schools and MoUs"),
    "data": _("Data requests and breaches"),
    "pesan": _("Messages"),
    "aturan": _("Settings and retention"),
}
_GROUP_OF_KIND = {
    "blackout": "sesi",
    "breach": "data",
    "calendar_feed": "sesi",
    "conflict": "baca",
    "data_request": "data",
    "delivery": "pesan",
    "duty": "data",
    "emergency": "baca",
    "invitation": "akun",
    "leave": "sesi",
    "letter": "sesi",
    "membership": "akun",
    "message": "pesan",
    "message_preference": "pesan",
    "mou": "sekolah",
    "mou_obligation": "sekolah",
    "partnership_request": "sekolah",
    "plan": "sesi",
    "programme": "sesi",
    "school": "sekolah",
    "school_calendar": "sekolah",
    "school_class": "sekolah",
    "school_contact": "sekolah",
    "school_import": "sekolah",
    "series": "sesi",
    "suggestion": "sesi",
    "user": "akun",
    "visit": "sesi",
    "visit_need": "sesi",
    "wish": "sesi",
    "worker": "sesi",
}
_SIGNING_IN = {
    "user.password_changed",
    "user.recovery_code_used",
    "user.reset_asked",
    "user.reset_link_made",
    "user.signed_in",
    "user.signed_out",
}
# Done by people who are not signed in; without an actor everything else is the portal's own doing.
_AT_THE_DOOR = {"user.made", "user.reset_asked"}

NOT_SIGNED_IN = _("Somebody who was not signed in")
THE_PORTAL = _("The portal itself")

BREAKS: dict[str, Any] = {
    "missing": _("Entries before number %(seq)s are missing."),
    "changed": _("Entry number %(seq)s was changed, or does not fit what stands before it."),
    "cut": _("The end of the trail is missing, from number %(seq)s on."),
    "head": _("The trail does not contain the noted end, number %(seq)s."),
}


def group_of(action: str) -> str:
    """Return the group an action belongs to."""
    if action in _SIGNING_IN:
        return "masuk"
    if action.endswith(".read"):
        return "baca"
    return _GROUP_OF_KIND.get(action.partition(".")[0], "aturan")


def actions_in(group: str) -> tuple[str, ...]:
    """Return the actions of a group."""
    return tuple(action for action in ACTIONS if group_of(action) == group)


def action_words(action: str) -> str:
    """Return what was done, in words; an action of an older version keeps its code."""
    return str(ACTIONS.get(action, action))


def kind_words(kind: str) -> str:
    """Return what a kind of record is called."""
    return str(KINDS.get(kind, kind))


def nobody_words(entry: AuditEntry) -> str:
    """Return who did what no account did."""
    return str(NOT_SIGNED_IN if entry.action in _AT_THE_DOOR else THE_PORTAL)


def break_words(kind: str, seq: int) -> str:
    """Return where and how the chain is broken."""
    return str(BREAKS[kind]) % {"seq": i18n.number(seq)}


def facts_words(entry: AuditEntry) -> str:
    """Return the facts as the trail keeps them, as codes."""
    shown = {name: value for name, value in sorted(entry.facts.items()) if value is not None}
    return ", ".join(f"{name}={value}" for name, value in shown.items())


def facts_in_short(entry: AuditEntry) -> str:
    """Return the facts with the ends of ids only, which are enough to tell them apart."""
    return LONG_ID.sub(r"…\1", facts_words(entry))
