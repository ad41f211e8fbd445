"""The trail: searching it, checking its chain, taking it along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.auditlog.actions import trail as actions
from portal.auditlog.forms.trail import PersonForm, TrailForm
from portal.auditlog.queries import records, words
from portal.auditlog.queries import trail as queries
from portal.auditlog.queries.trail import Filter
from portal.auditlog.routes.blueprint import bp
from portal.core import audit, clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.files import XLSX
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.people.models import User
from portal.people.queries.accounts import get_user
from portal.web import paging
from portal.web.database import database, db, reader
from portal.web.download import download
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page

_ = i18n.lazy

HEADERS = (
    _("Number"),
    _("Moment"),
    _("Who"),
    _("What"),
    _("Kind of record"),
    _("Record"),
    _("Details"),
)
WIDTHS = (10, 24, 28, 44, 22, 30, 60)
MOST_NAMES = 10
GREATEST_SEQ = 2**63 - 1


def _seq(text: str) -> int:
    """Read the number of an entry; raises ValueError for what no column holds."""
    number = int(text)
    if not 0 <= number <= GREATEST_SEQ:
        raise ValueError(text)
    return number


def _person(form: TrailForm) -> User | None:
    public_id = form.chosen("orang")
    return get_user(reader(), public_id) if public_id else None


def _filter(form: TrailForm, person: User | None) -> Filter:
    group, kind, text = form.chosen("kelompok"), form.chosen("jenis"), form.chosen("catatan")
    found = records.ids_named(reader(), text, kind) if text else None
    return Filter(
        first_day=form.chosen("dari"),
        last_day=form.chosen("sampai"),
        actions=words.actions_in(group) if group else None,
        person_id=person.id if person else None,
        kind=kind,
        record_ids=tuple(found) if found is not None else None,
    )


@bp.get("/jejak")
@allow(Permission.AUDIT_READ)
def trail() -> ResponseReturnValue:
    """Show who did what, newest first."""
    form = TrailForm.of_address(request.args)
    person = _person(form)
    chosen = _filter(form, person)
    (after,), (before,) = (key or (None,) for key in paging.position(_seq))
    found = queries.search(reader(), actor(), chosen, after=after, before=before)
    if not found.rows and (after or before):
        # The entries behind this address are gone; the list starts again.
        found = queries.search(reader(), actor(), chosen)
    return page(
        "auditlog/trail.html",
        form=form,
        search=PersonForm(),
        button=PortalForm(),
        one=person,
        rows=found.rows,
        narrowed=chosen != Filter(),
        check=queries.last_check(reader()),
        previous_url=paging.link(paging.BEFORE, (found.before,) if found.before else None),
        next_url=paging.link(paging.AFTER, (found.after,) if found.after else None),
        words=words,
    )


@bp.post("/jejak/orang")
@allow(Permission.AUDIT_READ)
def find_person() -> ResponseReturnValue:
    """List the people whose name contains what was typed, to choose one of them."""
    search = PersonForm()
    found = search.validate_on_submit()
    return page(
        "auditlog/trail_people.html",
        status=200 if found else search.reply_status,
        search=search,
        people=records.people_called(reader(), search.nama.data, MOST_NAMES) if found else None,
        most=MOST_NAMES,
        kept=TrailForm.of_address(request.args).kept(),
    )


@bp.post("/jejak/periksa")
@allow(Permission.AUDIT_READ)
def check_chain() -> ResponseReturnValue:
    """Look all seals through and show what was found."""
    broken = audit.verify(reader())
    up_to = int(audit.head(reader()).partition(":")[0])
    with transaction(db()) as writing:
        actions.note_check(writing, actor(), up_to, broken)
    if broken is None:
        flash(i18n.gettext("The chain is unbroken."), "ok")
    return moved_on(url_for("auditlog.trail", _anchor="h-chain"))


@bp.get("/jejak.xlsx")
@allow(Permission.AUDIT_READ)
@fresh
def trail_xlsx() -> ResponseReturnValue:
    """Hand over the same entries as a workbook."""
    form = TrailForm.of_address(request.args)
    rows = list(queries.export(reader(), actor(), _filter(form, _person(form))))
    cut = len(rows) > queries.MOST_EXPORTED
    rows = rows[: queries.MOST_EXPORTED]
    # Nothing leaves that is not written down first.
    with database().side_write() as writing:
        actions.note_export(writing, actor(), len(rows))
    headers = [str(text) for text in HEADERS]
    about = [i18n.gettext("About this list")]
    sheets = (
        Sheet(i18n.gettext("Trail"), headers, map(_cells, rows), WIDTHS),
        Sheet(i18n.gettext("About"), about, _about(len(rows), cut=cut), (90,)),
    )
    return download(workbook(sheets), f"jejak-{clock.today().isoformat()}.xlsx", XLSX)


def _cells(row: queries.Row) -> Sequence[Cell]:
    entry = row.entry
    return (
        entry.seq,
        clock.day_of(entry.at) if row.veiled else entry.at,
        "" if row.veiled else row.actor or words.nobody_words(entry),
        words.action_words(entry.action),
        words.kind_words(entry.subject),
        row.record or (entry.subject_id.hex if entry.subject_id else ""),
        words.facts_words(entry),
    )


def _about(count: int, *, cut: bool) -> Iterator[Sequence[Cell]]:
    yield (i18n.gettext("Made on %(moment)s", moment=i18n.day_and_time(clock.now())),)
    yield (i18n.ngettext("%(num)s entry", "%(num)s entries", count),)
    if cut:
        yield (
            i18n.gettext(
                "Only the newest %(count)s entries are here. Choose a shorter period for the rest.",
                count=i18n.number(count),
            ),
        )
