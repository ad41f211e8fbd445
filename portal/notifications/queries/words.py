"""What messages and to-dos say, in the present language: one home for pages, e-mail, WhatsApp."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.support import LazyProxy

from portal.core import clock, i18n
from portal.notifications.queries import session_words
from portal.notifications.queries.kinds import (
    DUE,
    INVITATION,
    PASSWORD_RESET,
    UNTIL,
    VISIT,
    Kind,
)
from portal.notifications.states import Nature

_ = i18n.lazy


@dataclass(frozen=True)
class Words:
    """A message in words: a line that says what it is, and a sentence that says why it comes."""

    title: str
    text: str


DUTIES: dict[str, Kind] = session_words.DUTIES | {
    "reset_wanted": Kind(
        _("%(name)s cannot get in"),
        _("Make sure it is really them, then hand over a link to a new password."),
        frozenset({"name"}),
        act=_("Help"),
    ),
    "review_emergency": Kind(
        _("Review the emergency access to %(number)s"),
        _("Read why the file was opened, and say whether that was justified."),
        frozenset({"number"}),
        act=_("Review it"),
    ),
    "approve_invitation": Kind(
        _("Agree to a new colleague at the office"),
        _("Their role opens confidential files, so the link works only after you agree."),
        act=_("Look at it"),
    ),
    "answer_data_request": Kind(
        _("Answer request %(number)s about personal data"),
        _("Somebody asked about their data, and the law says by when they get an answer."),
        frozenset({"number"}),
        act=_("Open the request"),
    ),
    "urgent_report": Kind(
        _("Report %(number)s: somebody may be in danger"),
        _("Read it at once, by %(read_by)s WIB at the latest."),
        frozenset({"number", "read_by"}),
        act=_("Open the report"),
    ),
    "read_report": Kind(
        _("Read report %(number)s"),
        _("Somebody told the office something. Read it by %(read_by)s WIB."),
        frozenset({"number", "read_by"}),
        act=_("Open the report"),
    ),
    "reply_report": Kind(
        _("Answer whoever told report %(number)s"),
        _("They wait for the first words from a person."),
        frozenset({"number"}),
        act=_("Open the report"),
    ),
    "decide_report": Kind(
        _("Decide what happens with report %(number)s"),
        _("It was read, and nobody goes on with it yet."),
        frozenset({"number"}),
        act=_("Open the report"),
    ),
    "take_case": Kind(
        _("Give case %(number)s to a case manager"),
        _("Nobody manages it at the moment."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "case_given": Kind(
        _("Case %(number)s is yours"),
        _("You find what comes next on its page."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "case_stage": Kind(
        _("Go on with case %(number)s"),
        _("The time for its present stage is nearly over."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "case_task": Kind(
        _("A task in case %(number)s"),
        _("What it is stands on the case's page."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "case_silent": Kind(
        _("Nothing was heard of case %(number)s for a while"),
        _("Ask how the child is, and write down what you hear."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "case_sentinel": Kind(
        _("Ask again how things are in case %(number)s"),
        _("It was closed some months ago, and today the look back is due."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "decision_returned": Kind(
        _("A proposal in case %(number)s came back"),
        _("What should be better stands beside the decision."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "approve_plan": Kind(
        _("Approve the plan of case %(number)s"),
        _("The case manager waits for your word."),
        frozenset({"number"}),
        act=_("Decide"),
    ),
    "approve_referral": Kind(
        _("Approve a referral in case %(number)s"),
        _("The case manager waits for your word."),
        frozenset({"number"}),
        act=_("Decide"),
    ),
    "approve_closure": Kind(
        _("Decide whether case %(number)s can be closed"),
        _("The case manager proposes it."),
        frozenset({"number"}),
        act=_("Decide"),
    ),
    "approve_transfer": Kind(
        _("Decide whether another body goes on with case %(number)s"),
        _("The case manager proposes it."),
        frozenset({"number"}),
        act=_("Decide"),
    ),
    "referral_answer": Kind(
        _("Ask what became of referral %(number)s"),
        _("The provider has not answered yet."),
        frozenset({"number"}),
        act=_("Open the referral"),
    ),
    "referral_answered": Kind(
        _("Referral %(number)s was answered"),
        _("Read what the provider wrote, and decide what comes next."),
        frozenset({"number"}),
        act=_("Open the referral"),
    ),
    "fill_form": Kind(
        _("One monitoring form for this week"),
        _("It takes about 2 minutes."),
        act=_("Fill in the form"),
    ),
    "form_late": Kind(
        _("A monitoring form is still open"),
        _("It still helps, and takes about 2 minutes."),
        act=_("Fill in the form"),
    ),
    "forms_late": Kind(
        _("Monitoring forms at %(school)s are overdue"),
        _("Talk to the teacher, or name somebody who stands in."),
        frozenset({"school"}),
        act=_("See which forms"),
    ),
    "name_teacher": Kind(
        _("Name who fills in the monitoring forms at %(school)s"),
        _("At the moment nobody does."),
        frozenset({"school"}),
        act=_("Name a teacher"),
    ),
    "check_material": Kind(
        _("A material waits to be published"),
        _("Read it, then publish it or change it."),
        act=_("Look it over"),
    ),
    "review_material": Kind(
        _("Materials to be reviewed: %(count)s"),
        _("See whether numbers, links and advice are still right."),
        frozenset({"count"}),
        act=_("Open the list"),
    ),
    "approve_post": Kind(
        _("A post of a campaign waits for approval"),
        _("Read its words, then approve them or change them."),
        act=_("Open the post"),
    ),
    "post_due": Kind(
        _("A post of a campaign is to go out"),
        _("Post it, then note here when and where."),
        act=_("Open the post"),
    ),
    "read_plan": Kind(
        _("A return-to-school plan for you to read"),
        _("%(school)s. Read it before the first day back, and say so with one tap."),
        frozenset({"school"}),
        act=_("Read the plan"),
    ),
    "plan_unread_school": Kind(
        _("A return-to-school plan at %(school)s is not read yet"),
        _("Remind the teachers who were asked to."),
        frozenset({"school"}),
        act=_("Open the plan"),
    ),
    "plan_unread": Kind(
        _("The return-to-school plan of case %(number)s is not read yet"),
        _("Call the school, and ask what keeps them."),
        frozenset({"number"}),
        act=_("Open the plan"),
    ),
    "plan_words": Kind(
        _("The school wrote something about the plan of case %(number)s"),
        _("It stands beside the return-to-school plan."),
        frozenset({"number"}),
        act=_("Open the plan"),
    ),
    "case_forms_late": Kind(
        _("The monitoring forms of case %(number)s stay away"),
        _("Ask at the school how things are, and what keeps the teacher."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "case_without_teacher": Kind(
        _("Nobody fills in the forms of case %(number)s"),
        _("The principal was asked and has named nobody yet. Call, or choose a teacher yourself."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "follow_up_over": Kind(
        _("Decide how it goes on at school in case %(number)s"),
        _("All planned monitoring forms have come due."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "follow_up_moved": Kind(
        _("Case %(number)s needs a return-to-school plan for another school"),
        _("Share it there, so that the monitoring goes on."),
        frozenset({"number"}),
        act=_("Open the case"),
    ),
    "answer_form": Kind(
        _("Answer a monitoring form in case %(number)s"),
        _("A few words are enough; the teacher waits for them."),
        frozenset({"number"}),
        act=_("Read and answer"),
    ),
    "alert_urgent": Kind(
        _("Case %(number)s: a monitoring form needs somebody at once"),
        _("Call the school, then write down what was done."),
        frozenset({"number"}),
        act=_("Open the alert"),
    ),
    "alert_contact": Kind(
        _("Call the school about case %(number)s"),
        _("A monitoring form asks for it. Write down what was done."),
        frozenset({"number"}),
        act=_("Open the alert"),
    ),
    "alert_conference": Kind(
        _("Think about a case conference in case %(number)s"),
        _("The last monitoring forms ask for it. Write down what you decide."),
        frozenset({"number"}),
        act=_("Open the alert"),
    ),
    "alert_silent": Kind(
        _("Nothing is heard from the school in case %(number)s"),
        _("Two monitoring forms in a row did not come. Decide who goes to the school."),
        frozenset({"number"}),
        act=_("Open the alert"),
    ),
    "alert_relapse": Kind(
        _("Look at closed case %(number)s again"),
        _("Something came in after it was closed. Decide whether it goes on."),
        frozenset({"number"}),
        act=_("Open the alert"),
    ),
    "report_quarantine": Kind(
        _("Look into the quarantine of reports"),
        _("Too many came at once, so these lie apart. There may be real ones among them."),
        act=_("Open the list"),
    ),
    "report_breach": Kind(
        _("Report data breach %(number)s"),
        _("Tell the authority, and the people it is about, within the time the law gives."),
        frozenset({"number"}),
        act=_("Open the breach"),
    ),
    "read_reply": Kind(
        _("Something new came in about report %(number)s"),
        _("Read it, and answer if it asks for something."),
        frozenset({"number"}),
        act=_("Open the report"),
    ),
}

NEWS: dict[str, Kind] = session_words.NEWS | {
    "report_answered": Kind(
        _("The office has answered you"),
        _("The answer to report %(number)s is in the portal; only you see it there."),
        frozenset({"number"}),
    ),
    "form_answered": Kind(
        _("The office has answered your monitoring form"),
        _("%(school)s. The answer stands on the form's page."),
        frozenset({"school"}),
    ),
    INVITATION: Kind(
        _("You are invited to %(product)s"),
        _("Open the link and choose a password. It works once, until %(until)s WIB."),
        frozenset({"product", UNTIL}),
    ),
    PASSWORD_RESET: Kind(
        _("Choose a new password"),
        _(
            "Somebody asked for this at the door of the portal. The link works once, until "
            "%(until)s WIB. If it was not you, do nothing: your password stays as it is."
        ),
        frozenset({UNTIL}),
    ),
    "password_changed": Kind(
        _("Your password was changed"),
        _("If that was not you, tell the office at once."),
    ),
    "factor_added": Kind(
        _("Your account has a new second proof for signing in"),
        _("If that was not you, tell the office at once."),
    ),
    "factor_removed": Kind(
        _("A second proof was taken off your account"),
        _("If you know nothing of this, tell the office at once."),
    ),
    "contacts_changed": Kind(
        _("What you sign in with was changed"),
        _(
            "Your account has another e-mail address or phone number now. If that was not you, "
            "tell the office at once."
        ),
    ),
    "emergency_opened": Kind(
        _("File %(number)s was opened in an emergency"),
        _("The head of the office reviews this by %(review_by)s WIB."),
        frozenset({"number", "review_by"}),
    ),
    "trail_head": Kind(
        _("The audit trail's seal of %(valid_on)s"),
        _(
            "Entry %(entry)s, seal %(seal)s. Keep this e-mail: it shows later that nothing before "
            "it was changed."
        ),
        frozenset({"valid_on", "entry", "seal"}),
    ),
}

KINDS = DUTIES | NEWS
# What is said in a chat in one breath; these may be brought to people of schools too.
CHATS: dict[str, LazyProxy] = {
    "fill_form": _("%(name)s, one monitoring form is due this week. About 2 minutes: %(link)s"),
    "form_late": _("%(name)s, a monitoring form is still open. About 2 minutes: %(link)s"),
}
# Why an e-mail did not leave, by the code in `Delivery.problem`.
PROBLEMS = {
    "no_connection": _("The mail server cannot be reached"),
    "no_tls": _("The mail server offers no encryption"),
    "untrusted": _("The mail server's certificate is not trusted"),
    "sign_in": _("The mail server does not accept the portal's name or password"),
    "sender": _("The mail server does not accept the portal's own address"),
    "broke_off": _("The connection broke off"),
    "slow": _("The mail server took too long"),
    "refused": _("There is no such address"),
    "later": _("The address takes no e-mail at the moment"),
    "content": _("The mail server did not take the text"),
    "address": _("The address cannot be used"),
    "unreadable": _("The portal could not read this e-mail to write it"),
}
# What somebody reads whose message is of a kind that a newer or older portal knows.
UNKNOWN = Kind(_("Something waits for you"), _("Open the portal to see what it is."))

OPEN_IT = _("Open it")


def permitted(kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what of these facts a message of a kind may keep; nothing else is ever written."""
    listed = KINDS.get(kind, UNKNOWN).facts | {DUE}
    return {name: value for name, value in facts.items() if name in listed}


def words_of(kind: str, nature: Nature, facts: dict[str, Any]) -> Words:
    """Return a message (or to-do) in words; moments and days in `facts` are ISO texts."""
    known = KINDS.get(kind, UNKNOWN)
    spoken = _spoken(facts)
    if known.facts - facts.keys():
        known = UNKNOWN
    text = str(known.text) % spoken
    if nature is Nature.REMINDER and DUE in facts:
        text = f"{text} {_by_when(datetime.fromisoformat(facts[DUE]))}"
    return Words(str(known.title) % spoken, text)


def act_of(kind: str) -> str:
    """Return what the button of a to-do says."""
    return str(KINDS.get(kind, UNKNOWN).act or OPEN_IT)


def chat_text(kind: str, words: Words, name: str, link: str) -> str:
    """Return a ready text for a chat with somebody called `name`; `link` is a whole address."""
    if kind in CHATS:
        return str(CHATS[kind]) % {"name": name, "link": link}
    return whatsapp_text(words, link)


def whatsapp_text(words: Words, link: str) -> str:
    """Return a ready text for a chat; `link` is a whole address."""
    return i18n.gettext(
        "%(title)s. %(text)s Details: %(link)s", title=words.title, text=words.text, link=link
    )


def problem_words(problem: str) -> str:
    """Return in words why an e-mail did not leave, with the mail server's figure."""
    code, _blank, figure = problem.partition(" ")
    if not code:
        return ""
    words = str(PROBLEMS.get(code, code))
    return f"{words} ({figure})" if figure else words


def _spoken(facts: dict[str, Any]) -> dict[str, str]:
    """Return facts as people read them, with `day`, `when` and `period` for a stretch."""
    spoken = {name: str(value) for name, value in facts.items()}
    if facts.keys() >= VISIT:
        starts, ends = (datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))
        spoken["day"] = i18n.day_date(starts)
        spoken["when"] = f"{spoken['day']}, {i18n.time_range(starts, ends)} WIB"
        spoken["period"] = i18n.date_range(clock.day_of(starts), clock.day_of(ends))
    for name in facts.keys() & {UNTIL, "review_by", "read_by"}:
        spoken[name] = i18n.day_and_time(datetime.fromisoformat(facts[name]))
    for name in facts.keys() & {"valid_until", "valid_on"}:
        spoken[name] = i18n.plain_date(date.fromisoformat(facts[name]))
    return spoken


def _by_when(moment: datetime) -> str:
    if moment < clock.now():
        return i18n.gettext("It was due on %(day)s.", day=i18n.day_date(moment))
    return i18n.gettext("It is due by %(day)s.", day=i18n.day_date(moment))
