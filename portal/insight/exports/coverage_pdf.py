"""The coverage board on paper: what was reached, where, who still waits, and what words mean."""

from __future__ import annotations

from collections.abc import Iterator

from portal.core import i18n
from portal.core.i18n import gettext, ngettext, number, percent
from portal.documents.pdf import Report, Section, Table, report_pdf
from portal.insight.exports.coverage import (
    DEFINITIONS,
    CoverageReport,
    chosen_words,
    level_name,
)
from portal.insight.queries.boards import Basis
from portal.insight.queries.schools import SchoolCoverage
from portal.insight.queries.tallies import Tally

# More do not fit two pages; the workbook holds every school.
MOST_NAMED = 15
NONE = "–"


def coverage_paper(report: CoverageReport, office: str) -> bytes:
    """Return the board as a PDF of one or two pages."""
    scope = report.board.scope
    made = Report(
        title=gettext("Coverage of schools"),
        subtitle=" · ".join(
            [
                office,
                gettext("School year %(year)s", year=scope.year.label),
                *chosen_words(report.board, report.place),
            ]
        ),
        sections=tuple(_sections(report)),
        footer=gettext(
            "As of %(day)s, %(time)s. Counted from the session records of this portal.",
            day=i18n.plain_date(report.as_of),
            time=i18n.clock_time(report.as_of),
        ),
    )
    return report_pdf(made, i18n.language(), report.as_of)


def _sections(report: CoverageReport) -> Iterator[Section]:
    yield Section(_sentence(report), facts=tuple(_facts(report)))
    yield Section(gettext("District and level"), table=_matrix(report))
    if len(report.years) > 1:
        yield Section(gettext("Over the years"), table=_years(report))
    yield _waiting(report)
    yield Section(
        gettext("How this is counted"),
        facts=tuple((str(each.term), str(each.meaning)) for each in DEFINITIONS),
    )


def _sentence(report: CoverageReport) -> str:
    tally = report.tally
    facts = {"figure": number(tally.reached), "total": number(tally.schools)}
    if report.board.scope.basis is Basis.PARTNERS:
        return ngettext(
            "%(figure)s of %(total)s partner schools has had a session",
            "%(figure)s of %(total)s partner schools have had a session",
            tally.reached,
            **facts,
        )
    return ngettext(
        "%(figure)s of %(total)s active schools has had a session",
        "%(figure)s of %(total)s active schools have had a session",
        tally.reached,
        **facts,
    )


def _facts(report: CoverageReport) -> Iterator[tuple[str, str]]:
    tally, board = report.tally, report.board
    yield gettext("Schools reached, per cent"), percent(tally.percent / 100)
    needed = tally.needed(report.target_percent)
    schools = ngettext("%(num)s school", "%(num)s schools", needed)
    yield gettext("Target"), f"{percent(report.target_percent / 100)} ({schools})"
    yield gettext("Still missing for the target"), number(max(0, needed - tally.reached))
    yield gettext("Never had a session"), number(tally.never)
    yield gettext("Delivered sessions"), number(tally.sessions)
    yield gettext("Sessions for schools never served"), percent(tally.first_share)
    yield gettext("Confirmed by the school"), percent(tally.confirmed_share)
    yield gettext("Pupils"), number(tally.pupils)
    yield gettext("Adults"), number(tally.adults)
    if not report.place:
        yield (
            gettext("All active schools"),
            _of(board.everybody.reached, board.everybody.schools),
        )
        yield gettext("Partner schools"), _of(board.partners.reached, board.partners.schools)


def _of(reached: int, schools: int) -> str:
    return gettext("%(reached)s of %(total)s", reached=number(reached), total=number(schools))


def _matrix(report: CoverageReport) -> Table:
    groups = report.board.groups
    rows = [
        (
            district.name,
            *(_cell(district.of(group)) for group in groups),
            _cell(district.tally),
        )
        for district in report.board.districts
    ]
    return Table((gettext("District"), *groups, gettext("All")), tuple(rows))


def _cell(tally: Tally) -> str:
    return f"{number(tally.reached)}/{number(tally.schools)}" if tally.schools else NONE


def _years(report: CoverageReport) -> Table:
    head = (
        gettext("School year"),
        gettext("Reached"),
        gettext("Schools"),
        gettext("Sessions"),
        gettext("Sessions for schools never served"),
    )
    rows = (
        (
            each.year.label,
            number(each.tally.reached),
            number(each.tally.schools),
            number(each.tally.sessions),
            percent(each.tally.first_share),
        )
        for each in report.years
    )
    return Table(head, tuple(rows))


def _waiting(report: CoverageReport) -> Section:
    heading = gettext("Schools that never had a session")
    never = report.never
    if not report.schools:
        return Section(heading, (gettext("No school here is counted"),))
    if not never:
        return Section(heading, (gettext("Every school has had a session"),))
    more = len(never) - MOST_NAMED
    rest = (
        ngettext(
            "%(num)s more school is in the workbook (XLSX).",
            "%(num)s more schools are in the workbook (XLSX).",
            more,
        )
        if more > 0
        else ""
    )
    head = (gettext("School"), gettext("Level"), gettext("District"), gettext("MoU since"))
    table = Table(head, tuple(map(_named, never[:MOST_NAMED])))
    return Section(heading, (rest,) if rest else (), table=table)


def _named(school: SchoolCoverage) -> tuple[str, ...]:
    since = i18n.month_year(school.partner_since) if school.partner_since else NONE
    return school.name, level_name(school.level), school.district, since
