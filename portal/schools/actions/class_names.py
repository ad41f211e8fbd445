"""What a class is called a year later: "7A" becomes "8A", "VII B" becomes "VIII B"."""

from __future__ import annotations

import re
from collections.abc import Collection

from portal.schools.models import SchoolClass

NAME_LENGTH = SchoolClass.name.type.length
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
# Letters that would make another number of a Roman one they stand behind.
ROMAN_LETTERS = "IVX"
RUN = re.compile(r"[0-9]+|[^\W\d_]+")


def moved_up(name: str, grade: str, to: str) -> str:
    """Return a class's name in the next grade: the first figure, Roman numeral or letter that says
    the grade is replaced; a name that says none ("Melati") stays.
    """
    for run in RUN.finditer(name):
        written = _next_run(run.group(), grade, to)
        if written is not None:
            return f"{name[: run.start()]}{written}{name[run.end() :]}"[:NAME_LENGTH]
    return name


def _next_run(run: str, grade: str, to: str) -> str | None:
    """Return a stretch of figures or letters with the next grade; None where it says no grade."""
    if run == grade or run.upper() == grade:
        return to.lower() if run.islower() else to
    if not grade.isdigit() or run.isdigit():
        return None
    roman, next_roman = ROMAN[int(grade)], ROMAN[int(to)]
    head, tail = run[: len(roman)], run[len(roman) :]
    if head.upper() != roman or len(tail) > 1 or (tail and tail.upper() in ROMAN_LETTERS):
        return None
    return f"{next_roman.lower() if head.islower() else next_roman}{tail}"


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name, or with a number behind it ("Melati 2") where another class has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        behind = f" {number}"
        free = f"{name[: NAME_LENGTH - len(behind)]}{behind}"
    return free
