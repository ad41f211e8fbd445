"""The words of the register: reasons as sentences, values as words, an import plan as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.errors import Rejected
from portal.schools.actions import FieldChange, ImportPlan, Problem, Row
from portal.schools.models import (
    About,
    Answer,
    Authority,
    CalendarKind,
    Level,
    Ownership,
    Way,
)
from portal.schools.queries.above import Effect
from portal.schools.states import RequestState

_ = i18n.lazy

LEVEL_WORDS = _("Write TK, SD, MI, SMP, MTs, SMA, MA, SMK, SLB or lainnya.")
DISTRICT_WORDS = _("Write the name of a kecamatan of this city.")

# One sentence for each reason: `routes` hands them to the web, the command line prints them.
REASONS: dict[str, LazyProxy] = {
    "file_empty": _("This file is empty. Choose another one."),
    "file_too_large": _("This file is larger than %(most)s MB. Choose a smaller one."),
    "file_unreadable": _("We cannot open this file. Save or photograph it once more."),
    "file_pixels": _(
        "This picture has more than %(most)s million pixels. Take it in a smaller size."
    ),
    "file_pages": _("This PDF has more than %(most)s pages. Choose a shorter one."),
    "file_infected": _("The virus scanner found something in this file. Choose another one."),
    "file_kind": _("Only %(kinds)s can be kept here. Choose another file."),
    "file_active": _(
        "This PDF has a password, scripts or attachments. Print it to a new PDF and choose that."
    ),
    "file_not_table": _("We can read CSV and XLSX. In Excel, save the list as CSV UTF-8."),
    "file_not_utf8": _("We cannot read some letters here. In Excel, save the list as CSV UTF-8."),
    "file_quotes": _(
        "A quotation mark is left open near line %(line)s. Mend it, or save the list as XLSX."
    ),
    "file_damaged": _("We cannot open this workbook. Open it in Excel and save it again as XLSX."),
    "file_too_large_unpacked": _(
        "This workbook holds far more than a list. Save the list alone as CSV UTF-8."
    ),
    "file_too_long": _("The list has more than %(most)s lines. Split it into several files."),
    "file_no_header": _("Name the columns in the first line, at least: %(columns)s."),
    "file_columns_missing": _("Add these columns to the first line: %(columns)s."),
    "file_column_twice": _("Two columns mean the same; one is “%(column)s”. Keep one of them."),
    "npsn_missing": _("Add the NPSN."),
    "npsn_shape": _("An NPSN has eight characters. Check it, and keep the column as text."),
    "npsn_twice": _("This NPSN is on line %(line)s as well. Keep one of the two lines."),
    "name_missing": _("Add the school's name."),
    "level_missing": LEVEL_WORDS,
    "level_unknown": LEVEL_WORDS,
    "district_missing": DISTRICT_WORDS,
    "district_unknown": DISTRICT_WORDS,
    "ownership_unknown": _("Write negeri or swasta."),
    "authority_missing": _("Write who is responsible: kota, provinsi or kemenag."),
    "authority_unknown": _("Write kota, provinsi or kemenag."),
    "coordinate": _("Write both as degrees, like -5.1134 and 105.3067, or leave both empty."),
    "too_long": _("Shorten this to %(most)s characters."),
    "formula_cell": _("This reads like a formula. Write the plain text instead."),
    "invisible_character": _("There is an invisible character here. Type the value again."),
    "too_many_cells": _(
        "This line has more values than there are columns. Put a text with commas in quotes."
    ),
    "aliases_full": _("There is no room for another name. Remove one of the other names first."),
    "bad_rows": _("Lines to mend: %(lines)s. Mend the file, or leave these lines out."),
    "register_changed": _("The register has changed since. Look at the preview again."),
    "import_over": _("This list has been brought in or cancelled already."),
    "mou_dates": _("Choose a last day that is not before the signing."),
    "mou_overlaps": _(
        "MoU %(number)s already covers part of this time. Choose other dates, or change that MoU."
    ),
    "mou_renewed": _("MoU %(number)s carries this one on already."),
    "mou_changed": _("This MoU has changed meanwhile. Read it again, then agree."),
    "mou_own": _("You recorded this MoU. Somebody else agrees to it."),
    "obligation_kept": _("This promise was kept, so it stays. Take back first that it was kept."),
    "obligation_day_ahead": _("Choose today or an earlier day; come back when the day has come."),
    "attempt_day_ahead": _("Choose today or an earlier day; what is to come is the next try."),
    "attempt_next_day": _("Choose a day for the next try that is not before this one."),
    "partnership_place": _("Say first which school of the register this is."),
    "partnership_reason": _("Write why, so that colleagues can explain it."),
    "contact_over": _("This contact has ended. Write it down anew if they can be reached again."),
    "contact_day_ahead": _("Choose today or an earlier day; come back when the day has come."),
    "classes_none": _("Enter at least one name, for example: 7A, 7B, 7C."),
    "classes_many": _("A school can have up to %(most)s classes here. Check the names."),
    "class_elsewhere": _("%(name)s is a class of another grade already. Choose another name."),
    "class_taken": _("There is a class %(name)s already. Choose another name."),
    "class_of_past": _("Classes of earlier school years stay as they were."),
    "class_followed": _("Another class carries this one on, so it stays."),
    "classes_moved": _("All classes have moved up already. Look at the page again."),
    "name_same": _("The school is called so already. Enter its new name."),
    "name_day_ahead": _("Choose today or an earlier day; the name changes at once."),
    "school_merged": _("This school is part of another one now, and stays as it is."),
    "merge_self": _("Choose another school than this one."),
    "merge_into_gone": _("Choose a school that is active; this one is part of another, or closed."),
    "merge_day_ahead": _("Choose today or an earlier day; come back when the day has come."),
    "merge_clashes": _(
        "Sessions of both schools stand at the same time: %(count)s. Move or cancel those first."
    ),
    "calendar_years": _("Choose a day between %(first)s and %(last)s."),
    "calendar_order": _("Choose a last day that is not before the first."),
    "calendar_long": _(
        "These are more than %(most)s days. Check the year, or divide them into parts."
    ),
}

WAY_NAMES: dict[Way, LazyProxy] = {
    Way.MESSAGE: _("Message"),
    Way.CALL: _("Call"),
    Way.LETTER: _("Letter"),
    Way.VISIT: _("Visit"),
}
ANSWER_NAMES: dict[Answer, LazyProxy] = {
    Answer.NO_RESPONSE: _("Nobody answered"),
    Answer.WILL_ANSWER: _("They will answer"),
    Answer.AGREED: _("They agreed"),
    Answer.DECLINED: _("They do not want to now"),
    Answer.WRONG_CONTACT: _("Wrong number or person"),
}
ABOUT_NAMES: dict[About, LazyProxy] = {
    About.UNSERVED: _("No session yet"),
    About.EXPIRING: _("The MoU ends"),
    About.PARTNERSHIP: _("Becoming a partner"),
    About.OTHER: _("Something else"),
}
REQUEST_NAMES: dict[RequestState, LazyProxy] = {
    RequestState.NEW: _("New"),
    RequestState.CONTACTED: _("Spoken to"),
    RequestState.AGREED: _("Agreed"),
    RequestState.NOT_NOW: _("Not now"),
}

# What a merger does, in the order in which a page says it; each takes the number of records.
EFFECTS: dict[Effect, LazyProxy] = {
    Effect.SESSIONS_MOVE: _("Sessions to come that go on at the other school"),
    Effect.WISHES_MOVE: _("Wishes on the waiting list that go on there"),
    Effect.STAFF_MOVE: _("Appointments of teachers, operators and the focal team that go on there"),
    Effect.INVITATIONS_MOVE: _("Open invitations that hold there"),
    Effect.FORMS_MOVE: _("Children whose teachers go on filling in monitoring forms there"),
    Effect.CASES_ASK: _("Cases whose managers are asked where the child goes to school now"),
    Effect.PRINCIPALS_END: _("Principals whose role ends"),
    Effect.CONTACTS_END: _("Contacts that end"),
    Effect.MOUS_STAY: _("MoUs that stay readable here; none ends, and none goes over"),
    Effect.CLASSES_STAY: _("Classes of this year that stay readable here"),
    Effect.SESSIONS_STAY: _("Sessions of the past that count for the other school"),
}
OWNERSHIP_NAMES: dict[Ownership, LazyProxy] = {
    Ownership.PUBLIC: _("Public"),
    Ownership.PRIVATE: _("Private"),
}
AUTHORITY_NAMES: dict[Authority, LazyProxy] = {
    Authority.CITY: _("City education office"),
    Authority.PROVINCE: _("Provincial education office"),
    Authority.RELIGIOUS_AFFAIRS: _("Ministry of Religious Affairs"),
}
CALENDAR_KINDS: dict[CalendarKind, LazyProxy] = {
    CalendarKind.BREAK: _("No school"),
    CalendarKind.EXAM: _("Exams"),
    CalendarKind.OPEN: _("School after all"),
}
FIELD_NAMES: dict[str, LazyProxy] = {
    # The one it bears now stays findable.
    "name": _("New name"),
    "aliases": _("Other names"),
    "level": _("Level"),
    "ownership": _("Ownership"),
    "authority": _("Authority"),
    "district_code": _("District"),
    "subdistrict": _("Subdistrict"),
    "address": _("Address"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "source": _("Source"),
    "active": _("Active"),
}
NOTHING = "–"


def level_name(level: str) -> str:
    """Return a level as people call it."""
    return i18n.gettext("Other level") if level == Level.OTHER else str(level)


def ownership_name(ownership: str) -> str:
    """Return "public" or "private" in the reader's language."""
    return str(OWNERSHIP_NAMES[Ownership(ownership)])


def authority_name(authority: str) -> str:
    """Return the body a school answers to."""
    return str(AUTHORITY_NAMES[Authority(authority)])


def calendar_kind(kind: str) -> str:
    """Return what days of the calendar are: no school, exams, school after all."""
    return str(CALENDAR_KINDS[CalendarKind(kind)])


def refusal(problem: Rejected) -> str:
    """Return the sentence for a refusal, where there is no web to say it."""
    return _sentence(problem.code, problem.facts)


def reason(problem: Problem) -> str:
    """Return the sentence that says how to mend a line."""
    return _sentence(problem.reason, problem.facts)


def _sentence(code: str, facts: Mapping[str, object]) -> str:
    shown = {
        name: i18n.number(value) if isinstance(value, int) else str(value)
        for name, value in facts.items()
    }
    text = str(REASONS[code])
    return text % shown if shown else text


def change_words(plan: ImportPlan, change: FieldChange) -> tuple[str, str, str]:
    """Return the name of a field, its old and its new value, all as people read them."""
    words = [_value_words(plan, change.field, value) for value in (change.old, change.new)]
    return str(FIELD_NAMES[change.field]), words[0], words[1]


def _value_words(plan: ImportPlan, field: str, value: object) -> str:
    if value is None or value == "":
        return NOTHING
    match field:
        case "level":
            return level_name(str(value))
        case "ownership":
            return ownership_name(str(value))
        case "authority":
            return authority_name(str(value))
        case "district_code":
            return plan.district_names[str(value)]
        case "aliases":
            return ", ".join(str(value).split("\n"))
        case "active":
            return i18n.gettext("yes") if value else i18n.gettext("no")
        case _:
            return str(value)


def plan_lines(plan: ImportPlan) -> list[str]:
    """Return an import plan as plain text lines, in the present language."""
    lines: list[str] = []
    for heading, details in (
        (count_new(plan), _new_lines(plan)),
        (count_changed(plan), _changed_lines(plan)),
        (count_unchanged(plan), ()),
        (count_missing(plan), (f"{gone.npsn}  {gone.name}" for gone in plan.missing)),
        (count_bad(plan), (_bad_line(problem) for problem in plan.bad)),
    ):
        lines.append(heading)
        lines.extend(f"  {detail}" for detail in details)
    return lines


def _new_lines(plan: ImportPlan) -> Iterator[str]:
    for row in plan.new:
        yield f"{row.npsn}  {row.name} ({', '.join(place_words(plan, row))})"


def place_words(plan: ImportPlan, row: Row) -> list[str]:
    """Return level and district of a new school, and whether it comes in inactive."""
    words = [level_name(row.level), plan.district_names[row.district_code]]
    return [*words, i18n.gettext("inactive")] if row.inactive else words


def _changed_lines(plan: ImportPlan) -> Iterator[str]:
    for school in plan.changed:
        yield f"{school.npsn}  {school.name}"
        for change in school.changes:
            field, old, new = change_words(plan, change)
            yield f"    {field}: {old} -> {new}"


def _bad_line(problem: Problem) -> str:
    where = [i18n.gettext("Line %(line)s", line=i18n.number(problem.line))]
    where += [part for part in (problem.column, problem.value and f"“{problem.value}”") if part]
    return f"{', '.join(where)}: {reason(problem)}"


def count_new(plan: ImportPlan) -> str:
    """Return "3 new schools"."""
    return i18n.ngettext("%(num)s new school", "%(num)s new schools", len(plan.new))


def count_changed(plan: ImportPlan) -> str:
    """Return "3 changed schools"."""
    return i18n.ngettext("%(num)s changed school", "%(num)s changed schools", len(plan.changed))


def count_unchanged(plan: ImportPlan) -> str:
    """Return "3 schools as before"."""
    return i18n.ngettext("%(num)s school as before", "%(num)s schools as before", plan.unchanged)


def count_missing(plan: ImportPlan) -> str:
    """Return how many schools only the register knows, and that they stay."""
    return i18n.ngettext(
        "%(num)s school is not in the file; it stays as it is",
        "%(num)s schools are not in the file; they stay as they are",
        len(plan.missing),
    )


def count_bad(plan: ImportPlan) -> str:
    """Return "3 lines to mend"."""
    return i18n.ngettext("%(num)s line to mend", "%(num)s lines to mend", plan.bad_lines)


def receipt(plan: ImportPlan) -> str:
    """Return what an import has done, in one sentence."""
    return i18n.gettext(
        "The list is in. New: %(new)s, changed: %(changed)s.",
        new=i18n.number(len(plan.new)),
        changed=i18n.number(len(plan.changed)),
    )
