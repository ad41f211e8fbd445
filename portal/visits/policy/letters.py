"""Which letters a session can have, who makes them out, and what their wording may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.visits.models import LetterKind, Visit
from portal.visits.states import VisitState

K, S = LetterKind, VisitState

OF_SCHOOL = (K.REQUEST,)
OF_OFFICE = (K.REPLY, K.DUTY, K.ATTENDANCE, K.MINUTES, K.REPORT)
# What whoever goes to the school makes out without asking anybody.
OF_WORKER = (K.ATTENDANCE, K.MINUTES, K.REPORT)
# Handed in signed, these bear the names of children.
WITH_NAMES = frozenset({K.ATTENDANCE})

POSSIBLE: Mapping[LetterKind, frozenset[VisitState]] = {
    K.REQUEST: frozenset({S.REQUESTED, S.SCHEDULED}),
    K.REPLY: frozenset({S.SCHEDULED, S.DECLINED}),
    K.DUTY: frozenset({S.SCHEDULED}),
    # Before the session to be filled in by pen, afterwards with what was recorded.
    K.ATTENDANCE: frozenset({S.SCHEDULED, S.DELIVERED}),
    K.MINUTES: frozenset({S.SCHEDULED, S.DELIVERED}),
    K.REPORT: frozenset({S.DELIVERED}),
}

# What stands between braces in a wording, for facts of the session.
FACTS = (
    "office",
    "school",
    "npsn",
    "district",
    "programme",
    "topic",
    "day",
    "time",
    "place",
    "classes",
    "heads",
    "workers",
    "reference",
    "answer",
    "method",
    "girls",
    "boys",
    "adults",
    "total",
    "report_days",
)
# What stands for a whole part of the paper, in a paragraph of its own.
DETAILS, TABLES = "details", "tables"
PARTS = (DETAILS, TABLES)
# Without its table each of these would be an empty sheet.
NEED_TABLES = frozenset({K.ATTENDANCE, K.MINUTES, K.REPORT})

NUMBER_PARTS = ("number", "code", "month_roman", "year", "office")
# As long as the columns of numbers and codes; a register never holds more than MOST_DIGITS tell.
MOST_NUMBER, MOST_CODE, MOST_DIGITS, NPSN_LENGTH = 80, 20, 5, 8
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")

_NAMED = re.compile(r"\{([^{}\n]*)\}")


def letters_of(actor: Actor, visit: Visit) -> tuple[LetterKind, ...]:
    """Return the letters an actor keeps of a session, in whatever state it is."""
    if visit.school_id in actor.schools_with(Permission.LETTER_WRITE):
        return OF_SCHOOL
    if actor.may(Permission.LETTER_WRITE):
        return OF_OFFICE
    if actor.may(Permission.LETTER_WRITE, assigned=visit.assigned_to(actor)):
        return OF_WORKER
    return ()


def possible_for(actor: Actor, visit: Visit) -> tuple[LetterKind, ...]:
    """Return the letters an actor can make out of a session as it stands."""
    return tuple(kind for kind in letters_of(actor, visit) if visit.state in POSSIBLE[kind])


def may_see_signed(actor: Actor, visit: Visit, kind: LetterKind) -> bool:
    """Say whether an actor, who sees the session, sees a letter of it as it was signed.

    One with children's names is for those who hand it in, and for whoever speaks for the school.
    """
    if kind not in WITH_NAMES or kind in letters_of(actor, visit):
        return True
    return actor.may(Permission.VISIT_REQUEST, visit.school_id)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a wording, which blank lines divide."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return a text with its facts; braces within a fact stay as they are."""
    return _NAMED.sub(lambda found: facts.get(found[1], found[0]), text)


def check_wording(kind: LetterKind, subject: str, body: str) -> None:
    """Refuse a wording that no letter could be made with.

    Raises Rejected("placeholder_unknown"), Rejected("brace_alone"), Rejected("part_not_alone") or
    Rejected("tables_missing"), with the field and the line.
    """
    for field, text, known in (("subject", subject, FACTS), ("body", body, (*FACTS, *PARTS))):
        for line, name in _unknown(text, known):
            raise Rejected("placeholder_unknown", field, name=name, line=line)
        for line, words in enumerate(text.splitlines(), start=1):
            if set("{}") & set(_NAMED.sub("", words)):
                raise Rejected("brace_alone", field, line=line)
    whole = paragraphs(body)
    for part in PARTS:
        mark = f"{{{part}}}"
        if any(mark in each and each != mark for each in whole):
            raise Rejected("part_not_alone", "body", name=part)
    if kind in NEED_TABLES and f"{{{TABLES}}}" not in whole:
        raise Rejected("tables_missing", "body")


def _unknown(text: str, known: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for line, words in enumerate(text.splitlines(), start=1):
        for name in _NAMED.findall(words):
            if name not in known:
                yield line, name


def number_of(pattern: str, parts: Mapping[str, str]) -> str:
    """Return the number of a letter by the office's pattern; empty parts leave no double slash."""
    return re.sub(r"/{2,}", "/", fill(pattern, parts)).strip("/ ")


def number_fits(pattern: str, office: str) -> bool:
    """Say whether letters can be numbered by a pattern: unlike each other, and not too long."""
    named = _NAMED.findall(pattern)
    if "number" not in named or not set(named) <= set(NUMBER_PARTS):
        return False
    widest = {
        "number": "9" * MOST_DIGITS,
        "code": "x" * MOST_CODE,
        "month_roman": max(ROMAN, key=len),
        "year": "2026",
        "office": max(office, "x" * NPSN_LENGTH, key=len),
    }
    plain = not set("{}") & set(_NAMED.sub("", pattern))
    return plain and len(number_of(pattern, widest)) <= MOST_NUMBER
