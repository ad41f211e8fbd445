"""The tables of a session's papers: who signs, who was there, what remains."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from portal.core import i18n
from portal.documents.pdf import Section, Table
from portal.visits.models import LetterKind
from portal.visits.queries.letters import Matter

_ = i18n.gettext
K = LetterKind

# Lines for teachers on an attendance list, and shares of the width of columns to be filled in.
TEACHER_LINES = 5
SIGNING = (1, 8, 2, 5)
COUNTING = (6, 2, 2, 2)


@dataclass(frozen=True)
class Said:
    """What the portal calls things elsewhere: method, what money was for, what pupils answered."""

    method: str = ""
    costs: tuple[tuple[str, str], ...] = ()
    feedback: tuple[tuple[str, str], ...] = ()


def tables_of(kind: LetterKind, matter: Matter, said: Said) -> Iterator[Section]:
    """Yield the parts of a paper that have tables, in the language of the moment."""
    made = TABLES_OF.get(kind)
    if made is not None:
        yield from made(matter, said)


def _attendance(matter: Matter, _said: Said) -> Iterator[Section]:
    """Yield a sheet for each class, with a line for everybody who is expected."""
    visit = matter.found.visit
    head = (_("No."), _("Name"), _("F/M"), _("Signature"))
    together = i18n.join(list(visit.classes or visit.grades))
    expected = visit.expected_by_class or {together: visit.expected_heads}
    for name, count in expected.items():
        heading = _("Class %(name)s", name=name) if name else _("People attending")
        yield Section(heading, table=_lines(head, count, SIGNING))
    yield Section(_("Teachers and other adults"), table=_lines(head, TEACHER_LINES, SIGNING))


def _lines(head: tuple[str, ...], count: int, shares: tuple[int, ...]) -> Table:
    blank = [""] * (len(head) - 1)
    return Table(head, tuple((str(number), *blank) for number in range(1, count + 1)), shares)


def _heads(matter: Matter, _said: Said) -> Iterator[Section]:
    """Yield how many were there, by class and sex; empty fields before it is recorded."""
    visit = matter.found.visit
    head = (_("Class"), _("Girls"), _("Boys"), _("Together"))
    if visit.heads_girls is None or visit.heads_boys is None:
        names = [*visit.classes] or [*visit.grades]
        blank = [(name, "", "", "") for name in (*names, _("Together"), _("Adults"))]
        yield Section("", table=Table(head, tuple(blank), COUNTING))
        return
    # Where all were counted at once, they are together only.
    counts = [(each.class_name, each.girls, each.boys) for each in matter.heads if each.class_name]
    counts.append((_("Together"), visit.heads_girls, visit.heads_boys))
    number = i18n.number
    rows = [
        (name, number(girls), number(boys), number(girls + boys)) for name, girls, boys in counts
    ]
    rows.append((_("Adults"), "", "", i18n.number(visit.heads_adults or 0)))
    yield Section("", table=Table(head, tuple(rows)))


def _report(matter: Matter, said: Said) -> Iterator[Section]:
    for section in _heads(matter, said):
        yield replace(section, heading=_("People who attended"))
    if matter.materials:
        rows = tuple(
            (
                (i18n.language() == "en" and row.title_en) or row.title_id,
                "" if row.copies is None else i18n.number(row.copies),
            )
            for row in matter.materials
        )
        yield Section(_("Materials"), table=Table((_("Material"), _("Printed copies")), rows))
    if said.feedback:
        yield Section(_("What pupils said"), facts=said.feedback)


TABLES_OF: Mapping[LetterKind, Callable[[Matter, Said], Iterator[Section]]] = {
    K.ATTENDANCE: _attendance,
    K.MINUTES: _heads,
    K.REPORT: _report,
}
