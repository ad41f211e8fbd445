"""Partner schools as a workbook, and the words on their pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.i18n import gettext
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.insight.queries.partners import Need, Partner

_ = i18n.lazy

NEED_NAMES: Mapping[Need, LazyProxy] = {
    Need.NEVER: _("Never had a session"),
    Need.NOT_THIS_YEAR: _("No session this school year"),
    Need.PROMISED: _("Promised sessions not all held"),
    Need.ENDING: _("MoU ends soon or has just ended"),
    Need.SILENT: _("Never answered"),
}

DEFINITIONS: tuple[tuple[LazyProxy, LazyProxy], ...] = (
    (_("Partner school"), _("An active school with an MoU in force on the day of the list.")),
    (
        _("Sessions"),
        _(
            "Sessions that took place this school year, of programmes that count. Those of schools "
            "that became part of this one are among them."
        ),
    ),
    (
        _("Days without a session"),
        _("Plain days since the last session, or since the MoU was signed where there was none."),
    ),
    (
        _("Order"),
        _(
            "First the schools whose promised sessions are not all held: never served, then the "
            "longest ago."
        ),
    ),
    (
        _("Tries and answers"),
        _("How often the office tried to reach the school, and how often somebody there answered."),
    ),
)


def partners_workbook(partners: Sequence[Partner], day: date, *, log: bool) -> bytes:
    """Return all partners as a workbook; with `log`, also how tries to reach them went."""
    headers = [
        gettext("NPSN"),
        gettext("School"),
        gettext("Level"),
        gettext("District"),
        gettext("MoU number"),
        gettext("Signed"),
        gettext("Valid until"),
        gettext("Sessions"),
        gettext("Promised"),
        gettext("Last session"),
        gettext("Next session"),
        gettext("Days without a session"),
        gettext("Waiting for an answer"),
    ]
    if log:
        headers += [gettext("Tries"), gettext("Answers")]
    definitions = ((str(term), str(meaning)) for term, meaning in DEFINITIONS)
    return workbook(
        (
            Sheet(
                gettext("Partner schools"),
                headers,
                (row if log else row[:-2] for row in _rows(partners, day)),
                (12, 36, 10, 18, 22, 18, 18),
            ),
            Sheet(
                gettext("Definitions"),
                (gettext("Term"), gettext("Definition")),
                (*definitions, (gettext("As of"), i18n.plain_date(day))),
                (28, 90),
            ),
        )
    )


def _rows(partners: Sequence[Partner], day: date) -> Iterator[tuple[Cell, ...]]:
    for each in partners:
        yield (
            each.npsn,
            each.name,
            each.level,
            each.district,
            each.number,
            each.signed_on,
            each.valid_until,
            each.sessions,
            each.promised,
            each.last_at,
            each.next_at,
            each.days_without(day),
            each.waiting,
            each.tries,
            each.answered,
        )
